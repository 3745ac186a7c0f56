import { type Sha, toSha } from '../../model/sha.ts';
import type { MergeResult, PreparedChange } from '../../ports/source.ts';
import { changedFiles, showName } from './changed-files.ts';
import { findMergeBase } from './merge-base.ts';
import type { ObjectReader } from './object-reader.ts';
import { type Git, gitFailure } from './run-git.ts';

export interface MergePlace {
  readonly git: Git;
  readonly objects: ObjectReader;
  /** Folder of the bare repository that both can see. */
  readonly clone: string;
  /** Bytes that a list of names may have. */
  readonly maxOutputBytes: number;
}

/** Merges as the checkout step does; both commits must be here. */
export async function mergeChange(place: MergePlace, base: Sha, head: Sha): Promise<PreparedChange> {
  const { git, objects, clone, maxOutputBytes } = place;
  const from = await findMergeBase(git, objects, clone, base, head);
  if (from === null) {
    const because = `the head has no commit in common with its base ${base}`;
    return { base, head, merge: { kind: 'conflict', paths: [] }, changed: { known: false, because } };
  }
  const [merge, changed] = await Promise.all([
    mergeFrom(place, from, base, head),
    changedFiles(objects, from, head, maxOutputBytes),
  ]);
  return { base, head, merge, changed };
}

async function mergeFrom(place: MergePlace, from: Sha, base: Sha, head: Sha): Promise<MergeResult> {
  // Nothing happened on the base since: the merge is the head itself.
  if (from === base) return { kind: 'merged', tree: toSha((await place.objects.commit(head)).tree) };
  return mergeOnto(place.git, place.clone, base, head);
}

/** Merges by git itself. No common history is a conflict without paths, as git refuses to merge it. */
export async function mergeOnto(git: Git, clone: string, base: Sha, head: Sha): Promise<MergeResult> {
  const options = ['--write-tree', '-z', '--name-only', '--no-messages'];
  const result = await git(clone, ['merge-tree', ...options, base, head]);
  if (/refusing to merge unrelated histories/.test(result.stderr)) return { kind: 'conflict', paths: [] };
  if (result.ended !== 'by-itself' || (result.code !== 0 && result.code !== 1)) {
    throw gitFailure(`merge ${head} onto ${base}`, result);
  }
  const [tree = '', ...paths] = splitNul(result.stdout).map(showName);
  if (result.code === 0) return { kind: 'merged', tree: toSha(tree) };
  return { kind: 'conflict', paths: [...new Set(paths)] };
}

function splitNul(bytes: Buffer): Buffer[] {
  const parts: Buffer[] = [];
  for (let start = 0; start < bytes.length; ) {
    const end = bytes.indexOf(0, start);
    const stop = end === -1 ? bytes.length : end;
    if (stop > start) parts.push(bytes.subarray(start, stop));
    start = stop + 1;
  }
  return parts;
}
