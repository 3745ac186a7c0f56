import { copyFile, lstat, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { applyReplacements } from '../../src/core/from/replace-lines.ts';
import type { RewriteInput } from '../../src/core/pod/step-input.ts';
import type { InputReader } from './read-input.ts';
import { exitCodes, StepFailure } from './step-failure.ts';

/** What builders look for beside a container file. */
const ignoreFiles = ['.dockerignore', '.containerignore'];

export function readRewrite(reader: InputReader): RewriteInput {
  const lines = reader.list('lines').map((line) => ({
    line: line.number('line'),
    was: line.anyText('was'),
    becomes: line.anyText('becomes'),
    because: line.anyText('because'),
  }));
  return { file: reader.text('file'), to: reader.text('to'), lines };
}

/**
 * Writes the container file that is built: the author's, with these lines. Any other byte stays, and so does the file in the context.
 * What it says to ignore, in a file that is named after it, goes along.
 */
export async function rewriteContainerFile(folder: string, { file, to, lines }: RewriteInput): Promise<void> {
  const from = join(folder, file);
  const rewritten = applyReplacements(decode(await readFile(from), file), lines);
  if (rewritten === null)
    throw new StepFailure(exitCodes.otherTree, `${file} is not the file that the FROM rules were applied to`);
  await writeFile(to, rewritten);
  await copyIgnoreFiles(from, to);
  for (const { line, becomes, because } of lines)
    console.log(`${file}:${line} is built as ${becomes.trim()} (${because})`);
}

/** What the container file `from` says to ignore, in a file that is named after it, is said of `to` too. */
export async function copyIgnoreFiles(from: string, to: string): Promise<void> {
  for (const ending of ignoreFiles)
    if (await isFile(`${from}${ending}`)) await copyFile(`${from}${ending}`, `${to}${ending}`);
}

function decode(bytes: Uint8Array, file: string): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch (cause) {
    if (!(cause instanceof TypeError)) throw cause;
    throw new StepFailure(exitCodes.otherTree, `${file} is not UTF-8 text`);
  }
}

async function isFile(path: string): Promise<boolean> {
  try {
    return (await lstat(path)).isFile();
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return false;
    throw cause;
  }
}
