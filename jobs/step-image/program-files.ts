import { readFile } from 'node:fs/promises';
import { dirname, join, relative, sep } from 'node:path';

const root = join(import.meta.dirname, '..', '..');
const first = join(root, 'jobs', 'steps', 'step.ts');

/** Everything that the step programs load when they run, of ours: from the root of this repository, sorted. */
export async function listProgramFiles(): Promise<readonly string[]> {
  const found = new Set([first]);
  // A set gives what is added while it is walked, too.
  for (const file of found) for (const other of loadedBy(file, await readFile(file, 'utf8'))) found.add(other);
  return [...found].map((file) => relative(root, file).split(sep).join('/')).sort();
}

/** Where a file of this list lies here. */
export function programFile(path: string): string {
  return join(root, path);
}

/** Types are gone when a program runs. Packages other than Node's own are not in the image, so naming one is a mistake. */
function loadedBy(file: string, text: string): readonly string[] {
  const imports = text.matchAll(/^(?:import|export)\s+(?!type\b)[^;'"]*?from\s+'([^']+)'/gm);
  return [...imports].flatMap(([, name = '']) => {
    if (name.startsWith('node:')) return [];
    if (name.startsWith('.')) return [join(dirname(file), name)];
    throw new Error(`${file} loads the package ${name}, which is not in the step image`);
  });
}
