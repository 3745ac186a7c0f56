import type { ChangedFiles } from '../../model/matcher.ts';
import { type Sha, toSha } from '../../model/sha.ts';
import type { FileStep, MergeReading, PushReading, VersionFile } from '../../model/version.ts';
import { changedFiles } from './changed-files.ts';
import { type ObjectReader, ObjectTooLarge } from './object-reader.ts';
import { findItem } from './read-objects.ts';

const maxDeltaBytes = 4 * 2 ** 20;
const maxFileBytes = 4_096;
/** A push with more commits on its first-parent line is not walked whole. */
const maxLine = 10_000;

const kinds: Readonly<Record<string, string>> = {
  '120000': 'a symbolic link',
  '040000': 'a folder',
  '160000': 'a submodule',
};

async function versionFileAt(objects: ObjectReader, commit: Sha, path: string): Promise<VersionFile> {
  const item = await findItem(objects, commit, path);
  if (item === null) return { kind: 'absent' };
  const what = kinds[item.mode];
  if (what !== undefined) return { kind: 'other', what };
  try {
    const bytes = await objects.blob(item.id, maxFileBytes);
    return bytes === null ? { kind: 'other', what: 'an object that is not here' } : { kind: 'file', bytes };
  } catch (cause) {
    if (!(cause instanceof ObjectTooLarge)) throw cause;
    return { kind: 'file', bytes: new Uint8Array(maxFileBytes + 1) };
  }
}

/** How many commits of a line, newest first, are not reachable from a commit; null: that is too far to walk. */
async function countNew(objects: ObjectReader, line: readonly Step[], from: Sha): Promise<number | null> {
  const places = new Map(line.map(({ commit }, index) => [commit as string, index]));
  const seen = new Set<string>([from]);
  let fresh = line.length;
  for (const id of seen) {
    const place = places.get(id);
    if (place !== undefined) fresh = Math.min(fresh, place);
    if (seen.size > maxLine) return null;
    // What is beneath a commit of the line is older on it.
    if (place === undefined) for (const parent of (await objects.commit(id)).parents) seen.add(parent);
  }
  return fresh;
}

interface Step {
  readonly commit: Sha;
  readonly parent: Sha;
  readonly tree: Sha;
}

/** The first-parent line from `after` back to what `before` has already, oldest first; null: too long. */
async function lineOf(objects: ObjectReader, before: Sha, after: Sha): Promise<readonly Step[] | null> {
  const steps: Step[] = [];
  let at: Sha = after;
  while (at !== before) {
    const { parents, tree } = await objects.commit(at);
    const [parent] = parents;
    if (parent === undefined) break;
    steps.push({ commit: at, parent: toSha(parent), tree: toSha(tree) });
    if (steps.length > maxLine) return null;
    at = toSha(parent);
  }
  if (at === before) return steps.reverse();
  // `before` is not on the line: what it shares with it is no part of the push.
  const fresh = await countNew(objects, steps, before);
  return fresh === null ? null : steps.slice(0, fresh).reverse();
}

function isSameFile(one: VersionFile, other: VersionFile): boolean {
  if (one.kind === 'file' && other.kind === 'file') return Buffer.compare(one.bytes, other.bytes) === 0;
  return one.kind === other.kind && one.kind !== 'other';
}

/** Of a commit and a tree that its clone holds, as one that was merged there. Throws when either is not here. */
export async function readMerge(objects: ObjectReader, base: Sha, tree: Sha, path: string): Promise<MergeReading> {
  const [before, after] = [await versionFileAt(objects, base, path), await versionFileAt(objects, tree, path)];
  return { before, after, changed: await changedFiles(objects, base, tree, maxDeltaBytes) };
}

/**
 * What a push from `before` to `after` did: of the trees, and along the first-parent line of what was not reachable before.
 * `path` is the file of a version. Throws when a commit is not here.
 */
export async function readPush(objects: ObjectReader, before: Sha, after: Sha, path: string): Promise<PushReading> {
  const delta = (from: Sha): Promise<ChangedFiles> => changedFiles(objects, from, after, maxDeltaBytes);
  const [file, changed] = [await versionFileAt(objects, after, path), await delta(before)];
  const line = await lineOf(objects, before, after);
  if (line === null)
    return { file, changed, steps: { known: false, because: `more than ${maxLine} commits were pushed` } };
  const list: FileStep[] = [];
  for (const step of line) {
    const [old, now] = [
      await versionFileAt(objects, step.parent, path),
      await versionFileAt(objects, step.commit, path),
    ];
    if (isSameFile(old, now)) continue;
    const own = await changedFiles(objects, step.parent, step.commit, maxDeltaBytes);
    list.push({ ...step, before: old, after: now, changed: own, since: await delta(step.commit) });
  }
  return { file, changed, steps: { known: true, list } };
}
