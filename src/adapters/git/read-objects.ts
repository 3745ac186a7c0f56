import type { Sha } from '../../model/sha.ts';
import type { TreeEntry } from '../../ports/source.ts';
import { type Git, gitFailure } from './run-git.ts';

interface ListedEntry {
  readonly mode: string;
  readonly object: string;
  /** 0 for what is not a blob. */
  readonly bytes: number;
}

/** Symbolic links longer than this lead nowhere on Linux either (PATH_MAX). */
const maxTargetBytes = 4_096;
/** Far below what one command line takes. */
const maxArgumentBytes = 60_000;

/** Only a path that could stand in a tree: relative, no empty, `.` or `..` part, no NUL. */
function canStand(path: string): boolean {
  return !path.includes('\0') && path.split('/').every((part) => part !== '' && part !== '.' && part !== '..');
}

/** A regular file's text (bytes that are no UTF-8 become U+FFFD); null when none stands there, a symbolic link included. */
export async function readFile(
  git: Git,
  clone: string,
  at: Sha,
  path: string,
  maxBytes: number,
): Promise<string | null> {
  const entry = (await listPaths(git, clone, at, [path])).get(path);
  if (entry === undefined || !entry.mode.startsWith('100')) return null;
  if (entry.bytes > maxBytes)
    throw new Error(`${path} at ${at} has ${entry.bytes} bytes, more than the ${maxBytes} allowed`);
  const result = await git(clone, ['cat-file', 'blob', entry.object]);
  if (result.code !== 0) throw gitFailure(`read ${path} at ${at}`, result);
  return result.stdout.toString();
}

/** One answer per asked path; `.` and the empty path are the root folder. */
export async function readEntries(
  git: Git,
  clone: string,
  at: Sha,
  paths: readonly string[],
): Promise<ReadonlyMap<string, TreeEntry>> {
  const listed = await listPaths(git, clone, at, paths);
  const links = [...listed.values()].filter((entry) => entry.mode === '120000' && entry.bytes <= maxTargetBytes);
  const targets = await readBlobs(git, clone, [...new Set(links.map((entry) => entry.object))]);
  const answer = (path: string): TreeEntry => {
    const entry = listed.get(path);
    if (entry !== undefined) return describeEntry(entry, targets);
    return { kind: path === '.' || path === '' ? 'folder' : 'missing' };
  };
  return new Map(paths.map((path) => [path, answer(path)]));
}

function describeEntry(entry: ListedEntry, targets: ReadonlyMap<string, string>): TreeEntry {
  if (entry.mode === '040000') return { kind: 'folder' };
  if (entry.mode === '160000') return { kind: 'submodule' };
  if (entry.mode === '120000') return { kind: 'symlink', target: targets.get(entry.object) ?? '' };
  return { kind: 'file', executable: entry.mode === '100755', bytes: entry.bytes };
}

/** Of the asked paths, those that stand in the tree. */
async function listPaths(
  git: Git,
  clone: string,
  at: Sha,
  paths: readonly string[],
): Promise<Map<string, ListedEntry>> {
  const asked = new Set(paths.filter(canStand));
  const found = new Map<string, ListedEntry>();
  for (const some of inPortions([...asked])) {
    // -t: a folder that is asked for is also shown when something below it is asked for.
    const result = await git(clone, ['ls-tree', '-z', '-l', '-t', '--full-tree', at, '--', ...some]);
    if (result.code !== 0) throw gitFailure(`list ${some.length} paths at ${at}`, result);
    for (const line of result.stdout.toString().split('\0')) {
      const match = /^(\d{6}) \w+ ([0-9a-f]+) +(\d+|-)\t(.*)$/s.exec(line);
      const [, mode = '', object = '', size = '', path = ''] = match ?? [];
      if (asked.has(path)) found.set(path, { mode, object, bytes: Number(size) || 0 });
    }
  }
  return found;
}

function* inPortions(paths: readonly string[]): Generator<string[]> {
  let portion: string[] = [];
  let bytes = 0;
  for (const path of paths) {
    if (bytes > maxArgumentBytes) {
      yield portion;
      [portion, bytes] = [[], 0];
    }
    portion.push(path);
    bytes += Buffer.byteLength(path) + 1;
  }
  if (portion.length > 0) yield portion;
}

/** Object id → text. */
async function readBlobs(git: Git, clone: string, ids: readonly string[]): Promise<ReadonlyMap<string, string>> {
  const texts = new Map<string, string>();
  if (ids.length === 0) return texts;
  const result = await git(clone, ['cat-file', '--batch'], { input: ids.map((id) => `${id}\n`).join('') });
  if (result.code !== 0) throw gitFailure(`read ${ids.length} symbolic links`, result);
  let at = 0;
  for (const id of ids) {
    const header = result.stdout.indexOf('\n', at);
    const size = Number(result.stdout.subarray(at, header).toString().split(' ')[2]);
    texts.set(id, result.stdout.subarray(header + 1, header + 1 + size).toString());
    at = header + 1 + size + 1;
  }
  return texts;
}
