import type { Sha } from '../../model/sha.ts';
import type { TreeEntry } from '../../ports/source.ts';
import type { ObjectReader, TreeItem } from './object-reader.ts';

/** Symbolic links longer than this lead nowhere on Linux either (PATH_MAX). */
const maxTargetBytes = 4_096;

/** Only a path that could stand in a tree: relative, no empty, `.` or `..` part, no NUL. */
function canStand(path: string): boolean {
  return !path.includes('\0') && path.split('/').every((part) => part !== '' && part !== '.' && part !== '..');
}

/** What stands at a path of a commit or tree; links are not followed. */
export async function findItem(objects: ObjectReader, at: Sha, path: string): Promise<TreeItem | null> {
  if (!canStand(path)) return null;
  let tree: string = at;
  const parts = path.split('/');
  for (const [index, part] of parts.entries()) {
    const name = Buffer.from(part);
    const item = (await objects.tree(tree)).find((one) => one.name.equals(name));
    if (item === undefined) return null;
    if (index === parts.length - 1) return item;
    if (item.mode !== '040000') return null;
    tree = item.id;
  }
  return null;
}

/** A regular file's text (bytes that are no UTF-8 become U+FFFD); null when none stands there, a symbolic link included. */
export async function readFile(objects: ObjectReader, at: Sha, path: string, maxBytes: number): Promise<string | null> {
  const item = await findItem(objects, at, path);
  if (item === null || !item.mode.startsWith('100')) return null;
  const bytes = (await objects.info(item.id))?.bytes ?? 0;
  if (bytes > maxBytes) throw new Error(`${path} at ${at} has ${bytes} bytes, more than the ${maxBytes} allowed`);
  return (await objects.blob(item.id, maxBytes))?.toString() ?? null;
}

/** One answer per asked path; `.` and the empty path are the root folder. Throws when `at` is not here. */
export async function readEntries(
  objects: ObjectReader,
  at: Sha,
  paths: readonly string[],
): Promise<ReadonlyMap<string, TreeEntry>> {
  await objects.tree(at);
  const answers = new Map<string, TreeEntry>();
  for (const path of paths) {
    const item = await findItem(objects, at, path);
    const isRoot = path === '.' || path === '';
    answers.set(path, item === null ? { kind: isRoot ? 'folder' : 'missing' } : await describeItem(objects, item));
  }
  return answers;
}

async function describeItem(objects: ObjectReader, item: TreeItem): Promise<TreeEntry> {
  if (item.mode === '040000') return { kind: 'folder' };
  if (item.mode === '160000') return { kind: 'submodule' };
  const bytes = (await objects.info(item.id))?.bytes ?? 0;
  if (item.mode !== '120000') return { kind: 'file', executable: item.mode === '100755', bytes };
  const target = bytes > maxTargetBytes ? null : await objects.blob(item.id, maxTargetBytes);
  return { kind: 'symlink', target: target?.toString() ?? '' };
}
