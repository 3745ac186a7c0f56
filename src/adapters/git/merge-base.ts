import { type Sha, toSha } from '../../model/sha.ts';
import type { ObjectReader } from './object-reader.ts';
import { type Git, gitFailure } from './run-git.ts';

const ours = 1;
const theirs = 2;
const stale = 4;
const both = ours | theirs;

/** Histories that part further back than this are left to git itself. */
const maxCommits = 2_000;

interface Mark {
  readonly id: string;
  readonly time: number;
  readonly parents: readonly string[];
  flags: number;
}

/**
 * The common ancestors of two commits that are not ancestors of each other's, newest first, as git finds them: both
 * histories are walked from the newest commit back until nothing but what is common is left. Null: too far to walk here.
 */
async function walkToCommon(objects: ObjectReader, a: string, b: string): Promise<readonly string[] | null> {
  const marks = new Map<string, Mark>();
  const line: Mark[] = [];
  const common: Mark[] = [];

  async function paint(id: string, flags: number): Promise<void> {
    const known = marks.get(id);
    const mark = known ?? { id, ...(await objects.commit(id)), flags: 0 };
    if ((mark.flags & flags) === flags) return;
    mark.flags |= flags;
    marks.set(id, mark);
    line.push(mark);
  }

  await paint(a, ours);
  await paint(b, theirs);
  while (line.some((mark) => (mark.flags & stale) === 0)) {
    if (marks.size > maxCommits) return null;
    line.sort((one, other) => one.time - other.time);
    const mark = line.pop();
    if (mark === undefined) break;
    let flags = mark.flags & (both | stale);
    if (flags === both) {
      if (!common.includes(mark)) common.push(mark);
      flags |= stale;
    }
    for (const parent of mark.parents) await paint(parent, flags);
  }
  return common.filter((mark) => (mark.flags & stale) === 0).map((mark) => mark.id);
}

/** Null as well where a commit is not here: the clone may be shallow, which git knows how to take. */
async function tryToWalk(objects: ObjectReader, a: string, b: string): Promise<readonly string[] | null> {
  try {
    return await walkToCommon(objects, a, b);
  } catch {
    return null;
  }
}

/** The best common ancestor where it is the only one and can be found without git; null otherwise. */
export async function findOnlyMergeBase(objects: ObjectReader, a: Sha, b: Sha): Promise<Sha | null> {
  const [only, second] = (await tryToWalk(objects, a, b)) ?? [];
  return only !== undefined && second === undefined ? toSha(only) : null;
}

/** The best common ancestor as `git merge-base` gives it; null when there is none. */
export async function findMergeBase(
  git: Git,
  objects: ObjectReader,
  clone: string,
  base: Sha,
  head: Sha,
): Promise<Sha | null> {
  const only = await findOnlyMergeBase(objects, base, head);
  if (only !== null) return only;
  // None, several, or not to be walked: git's own answer counts.
  const found = await git(clone, ['merge-base', base, head]);
  if (found.code === 1) return null;
  if (found.code !== 0) throw gitFailure(`find the merge base of ${base} and ${head}`, found);
  return toSha(found.stdout.toString().trim());
}
