import { lstat, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { mostFiles, pathFault, shownPath } from './kept-files.ts';
import { exitCodes, StepFailure } from './step-failure.ts';

/** A plain file below the folder. */
export interface FoundFile {
  /** From the folder, `/` between its parts. */
  readonly path: string;
  readonly size: number;
  readonly executable: boolean;
}

/** Folders hold no bytes: what has very many of them is no artifact. */
const mostLooks = 10 * mostFiles;

interface Wish {
  readonly folder: string;
  readonly paths: readonly string[];
  readonly maxBytes: number;
}

/**
 * Every plain file at or below these paths, in the order of their names, each once. Looks at no file's content and goes through no
 * link: what is neither a plain file nor a folder, and more than allowed, ends the step.
 */
export async function collectFiles({ folder, paths, maxBytes }: Wish): Promise<readonly FoundFile[]> {
  const found = new Map<string, FoundFile>();
  let bytes = 0;
  let looks = 0;
  const look = async (path: string): Promise<void> => {
    looks += 1;
    if (looks > mostLooks) throw tooMuch(`are more than ${mostLooks} files and folders`);
    const seen = await lookAt(folder, path);
    if (seen.kind === 'folder') {
      for (const name of (await readdir(join(folder, path))).sort()) await look(`${path}/${name}`);
      return;
    }
    if (found.has(path)) return;
    found.set(path, seen.file);
    bytes += seen.file.size;
    if (found.size > mostFiles) throw tooMuch(`are more than ${mostFiles} files`);
    if (bytes > maxBytes) throw tooMuch(`are more than the ${maxBytes} bytes of \`maxSize\``);
  };
  for (const path of paths) {
    await demandPlainWay(folder, path);
    const before = found.size;
    await look(path);
    if (found.size === before && ![...found.keys()].some((known) => known === path || known.startsWith(`${path}/`)))
      throw new StepFailure(exitCodes.notMade, `The artifact ${shownPath(path)} holds no file`);
  }
  return [...found.values()].sort((one, other) => (one.path < other.path ? -1 : 1));
}

type Seen = { readonly kind: 'folder' } | { readonly kind: 'file'; readonly file: FoundFile };

async function lookAt(folder: string, path: string): Promise<Seen> {
  const fault = pathFault(path);
  if (fault !== null) throw new StepFailure(exitCodes.leavingLink, `The artifact ${shownPath(path)} ${fault}`);
  const state = await lstat(join(folder, path)).catch((cause: NodeJS.ErrnoException) => {
    throw new StepFailure(exitCodes.notMade, `The artifact ${shownPath(path)} is not there (${cause.code})`);
  });
  if (state.isDirectory()) return { kind: 'folder' };
  if (!state.isFile()) throw notPlain(path, state.isSymbolicLink() ? 'a link' : 'no plain file');
  return { kind: 'file', file: { path, size: state.size, executable: (state.mode & 0o100) !== 0 } };
}

/** A link among the folders above would lead elsewhere as well. */
async function demandPlainWay(folder: string, path: string): Promise<void> {
  const parts = path.split('/');
  for (let depth = 1; depth < parts.length; depth += 1) {
    const above = parts.slice(0, depth).join('/');
    if ((await lookAt(folder, above)).kind !== 'folder') throw notPlain(above, 'no folder');
  }
}

function notPlain(path: string, what: string): StepFailure {
  return new StepFailure(
    exitCodes.leavingLink,
    `The artifact ${shownPath(path)} is ${what}: only plain files and folders are kept`,
  );
}

function tooMuch(what: string): StepFailure {
  return new StepFailure(exitCodes.tooLarge, `The artifacts ${what}`);
}
