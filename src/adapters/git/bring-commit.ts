import type { Sha } from '../../model/sha.ts';
import type { AskRemote, Clone } from './clones.ts';
import { presentIn } from './object-reader.ts';

/** A commit, and where else it may be had from than by its id. */
export interface WantedCommit {
  readonly commit: Sha;
  /** Some servers give only what a ref of theirs names; what comes by it is compared. Null: there is none. */
  readonly ref: string | null;
  /** Ref of ours that holds it, which tells the next fetch what need not be sent again; null: none. */
  readonly keptAs: string | null;
}

/** True when it is in the clone afterwards; nothing is asked of the remote where it is there already. */
export async function bringCommit(clone: Clone, remote: AskRemote, wanted: WantedCommit): Promise<boolean> {
  const { commit, ref, keptAs } = wanted;
  const isHere = async () => (await presentIn(clone.objects, [commit])).has(commit);
  if (await isHere()) return true;
  const outcome = await clone.fetch([{ from: commit, keptAs }], remote);
  if (outcome === 'refused' && ref !== null) await clone.fetch([{ from: ref, keptAs }], remote);
  return isHere();
}

/** The head of a pull request; a deleted fork's is only under the pull request's own ref. */
export function headOf(number: number, head: Sha): WantedCommit {
  return { commit: head, ref: `refs/pull/${number}/head`, keptAs: `refs/sluice/pull/${number}` };
}

/** A candidate that another worker may have made and shown. */
export function candidateNamed(commit: Sha): WantedCommit {
  return { commit, ref: candidateRef(commit), keptAs: null };
}

/** Throws where it is not to be had. */
export async function demandCommit(clone: Clone, commit: Sha): Promise<void> {
  if (!(await bringCommit(clone, clone.remote(), candidateNamed(commit))))
    throw new Error(`the remote of ${clone.folder} has no ${commit}`);
}

export const candidatePrefix = 'refs/sluice/candidate/';

export function candidateRef(commit: Sha): string {
  return `${candidatePrefix}${commit}`;
}
