import { constants, type Dirent } from 'node:fs';
import { lstat, open, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { ZuulFile } from '../config/import/read-zuul-files.ts';
import { cliError } from './exit-codes.ts';

export interface ZuulFolder {
  readonly files: readonly ZuulFile[];
  /** What lies there and was not read. */
  readonly notes: readonly string[];
}

/** Where Zuul looks, in its order; it takes the first that is there (zuul-ci.org, configuration loading). */
const places = ['zuul.yaml', 'zuul.d', '.zuul.yaml', '.zuul.d'] as const;
const mostFiles = 500;
/** One more than the reader takes, so that it says what is wrong. */
const mostBytes = 256 * 1024 + 1;

/** A repository's Zuul configuration. Links are not followed; throws a usage error where there is none. */
export async function readZuulFolder(root: string): Promise<ZuulFolder> {
  const present: (typeof places)[number][] = [];
  for (const place of places) if ((await kindOf(join(root, place))) !== null) present.push(place);
  const [first, ...others] = present;
  if (first === undefined)
    throw cliError('usage', `there is no Zuul configuration in ${root}: looked for ${places.join(', ')}`);
  const notes = others.map(
    (place) => `${place}: not read, as Zuul reads the first of ${places.join(', ')} that is there`,
  );
  const names = await namesOf(root, first, notes);
  if (names.length > mostFiles) throw cliError('usage', `${first} holds more than ${mostFiles} files`);
  const files: ZuulFile[] = [];
  for (const name of names) files.push({ name, content: await readStart(join(root, name)) });
  return { files, notes };
}

async function kindOf(path: string): Promise<'file' | 'folder' | 'other' | null> {
  try {
    const found = await lstat(path);
    return found.isFile() ? 'file' : found.isDirectory() ? 'folder' : 'other';
  } catch (cause) {
    if (cause instanceof Error && 'code' in cause && ['ENOENT', 'ENOTDIR'].includes(String(cause.code))) return null;
    throw cliError('usage', `cannot read ${path}`, cause);
  }
}

/** Paths from the root, in the order in which Zuul reads them. */
async function namesOf(root: string, place: string, notes: string[]): Promise<readonly string[]> {
  const kind = await kindOf(join(root, place));
  if (kind === 'file') return [place];
  if (kind !== 'folder') throw cliError('usage', `${join(root, place)} is neither a file nor a folder`);
  const entries = (await readdir(join(root, place), { withFileTypes: true })).sort((one, other) =>
    one.name < other.name ? -1 : 1,
  );
  if (entries.some(({ name }) => name === '.zuul.ignore')) {
    notes.push(`${place}: not read, as .zuul.ignore lies there`);
    return [];
  }
  const names: string[] = [];
  for (const entry of entries) names.push(...(await namesIn(root, place, entry, notes)));
  return names;
}

async function namesIn(root: string, place: string, entry: Dirent, notes: string[]): Promise<readonly string[]> {
  const name = `${place}/${entry.name}`;
  if (entry.isDirectory()) return namesOf(root, name, notes);
  if (!entry.name.endsWith('.yaml')) return [];
  if (entry.isFile()) return [name];
  notes.push(`${name}: not read, as it is no plain file`);
  return [];
}

async function readStart(path: string): Promise<Uint8Array> {
  await using file = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  const { buffer, bytesRead } = await file.read(Buffer.alloc(mostBytes), 0, mostBytes, 0);
  return buffer.subarray(0, bytesRead);
}
