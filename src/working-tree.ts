import type { LocalClone } from './adapters/git/local-clone.ts';
import { takeSnapshot } from './adapters/git/local-snapshot.ts';
import { cliError } from './cli/exit-codes.ts';
import { defaultBranchOf } from './local-project.ts';
import type { PreparedChange } from './model/code.ts';
import { isSha, type Sha } from './model/sha.ts';

/** The working tree as the pull request that it would be. */
export interface WorkingTree {
  readonly baseRef: string;
  readonly prepared: PreparedChange;
  /** What it consists of, for people. */
  readonly told: string;
}

async function mergeBase(clone: LocalClone, one: Sha, other: Sha): Promise<Sha | null> {
  const found = await clone.git(clone.folder, ['merge-base', one, other]);
  const id = found.stdout.toString().trim();
  return found.code === 0 && isSha(id) ? id : null;
}

/**
 * What is in the folder now, onto the commit where it left the default branch: so the tree that is built is the very one in
 * the folder. Where nothing differs from that commit, the changed files count as unknown: every job is meant.
 */
export async function readWorkingTree(clone: LocalClone): Promise<WorkingTree> {
  const baseRef = await defaultBranchOf(clone);
  const { commit, uncommitted } = await takeSnapshot(clone);
  const tip =
    (await clone.commitOf(`refs/remotes/origin/${baseRef}`)) ?? (await clone.commitOf(`refs/heads/${baseRef}`));
  const base = (tip && (await mergeBase(clone, tip, commit))) ?? clone.head ?? commit;
  const prepared = await clone.prepare(base, commit);
  if (prepared.merge.kind !== 'merged')
    throw cliError('failed', `the working tree cannot be compared with ${base}: its history is not in this clone`);
  const same = prepared.changed.known && prepared.changed.paths.length === 0;
  const changed = same ? { known: false as const, because: `nothing differs from ${baseRef}` } : prepared.changed;
  const place = clone.branch === null ? commit.slice(0, 12) : clone.branch;
  return {
    baseRef,
    prepared: { ...prepared, changed },
    told: uncommitted ? `${place} with what is not committed` : place,
  };
}
