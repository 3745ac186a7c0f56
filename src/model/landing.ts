import type { LedgerState } from './ledger.ts';
import type { ChangedFiles } from './matcher.ts';
import type { LandingMethod } from './queue.ts';
import type { Sha } from './sha.ts';

/** What a candidate is made of; the same request gives the same commit on any machine (design.md §6). */
export interface CandidateRequest {
  readonly number: number;
  readonly parent: Sha;
  readonly head: Sha;
  readonly method: LandingMethod;
  /** The whole message of a merge or squash commit; rebased commits keep their own, with our trailers added. */
  readonly message: string;
  /** Lines of the form `Key: value` for rebased commits. */
  readonly trailers: readonly string[];
}

export type CandidateOutcome =
  /** `changed`: from the parent's tree to the candidate's. */
  | { readonly kind: 'made'; readonly commit: Sha; readonly tree: Sha; readonly changed: ChangedFiles }
  | { readonly kind: 'conflict'; readonly paths: readonly string[] }
  /** Its tree is its parent's. */
  | { readonly kind: 'contained' }
  /** It can never be made of this head in this way, whatever it stands on: as a merge commit cannot be rebased. */
  | { readonly kind: 'impossible'; readonly because: string }
  /** The head is not to be had (a deleted fork's is, by `refs/pull/N/head`). */
  | { readonly kind: 'missing'; readonly because: string };

export type LandingOutcome =
  /** `ledger`: its newest commit now. */
  | { readonly kind: 'landed'; readonly ledger: Sha }
  /** Branch or ledger were not where they were said to be: nothing happened. */
  | { readonly kind: 'moved'; readonly because: string }
  /** The forge said no, in its own words: nothing happened. */
  | { readonly kind: 'refused'; readonly because: string }
  /** Nobody knows; it is to be read. */
  | { readonly kind: 'unknown'; readonly because: string };

/** What came of pushing exactly this commit. */
export interface LandingAnswer {
  readonly commit: Sha;
  readonly outcome: LandingOutcome | { readonly kind: 'merged'; readonly commit: Sha };
}

/** Where a branch is, read from the forge now. */
export interface BranchReading {
  /** Null: there is no such branch. */
  readonly tip: Sha | null;
  readonly ledger: LedgerState;
}
