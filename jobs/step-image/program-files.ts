import { readFile } from 'node:fs/promises';
import { stripTypeScriptTypes } from 'node:module';
import { dirname, join, relative, sep } from 'node:path';

const root = join(import.meta.dirname, '..', '..');
const importing = /^(?:import|export)\s+(?!type\b)[^;'"]*?from\s+'([^']+)'/gm;
const first = join(root, 'jobs', 'steps', 'step.ts');

/** Everything that the step programs load when they run, of ours: from the root of this repository, sorted. */
export async function listProgramFiles(): Promise<readonly string[]> {
  const found = new Set([first]);
  // A set gives what is added while it is walked, too.
  for (const file of found) for (const other of loadedBy(file, await readFile(file, 'utf8'))) found.add(other);
  return [...found].map((file) => relative(root, file).split(sep).join('/')).sort();
}

/**
 * Such a file as it runs in the image: where it lies there, from the root of this repository, and its text without types.
 * Node would take them out by itself, with a quarter of a second and 20 MB for each step of each build.
 */
export async function readProgram(path: string): Promise<{ readonly place: string; readonly text: string }> {
  const text = withoutTypes(await readFile(join(root, path), 'utf8'));
  const imported = text.replace(importing, (whole, name: string) => whole.replace(name, asScript(name)));
  return { place: asScript(path), text: imported };
}

/** Node itself runs everything here this way, and yet warns of it by its name. */
function withoutTypes(text: string): string {
  const { emitWarning } = process;
  process.emitWarning = () => undefined;
  try {
    return stripTypeScriptTypes(text);
  } finally {
    process.emitWarning = emitWarning;
  }
}

function asScript(path: string): string {
  return path.replace(/\.ts$/, '.js');
}

/** Types are gone when a program runs. Packages other than Node's own are not in the image, so naming one is a mistake. */
function loadedBy(file: string, text: string): readonly string[] {
  const imports = text.matchAll(importing);
  return [...imports].flatMap(([, name = '']) => {
    if (name.startsWith('node:')) return [];
    if (name.startsWith('.')) return [join(dirname(file), name)];
    throw new Error(`${file} loads the package ${name}, which is not in the step image`);
  });
}
