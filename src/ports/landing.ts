import type { LedgerEntry, LedgerState } from '../model/ledger.ts';
import type { ChangedFiles } from '../model/matcher.ts';
import type { Project } from '../model/project.ts';
import type { LandingMethod } from '../model/queue.ts';
import type { Sha } from '../model/sha.ts';

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
  /** The head is not to be had (a deleted fork's is, by `refs/pull/N/head`). */
  | { readonly kind: 'missing'; readonly because: string };

export interface LandingPush {
  readonly branch: string;
  readonly from: Sha;
  readonly to: Sha;
  /** The ledger's newest commit as verified; null: the entry begins the ledger. */
  readonly ledger: Sha | null;
  readonly entry: LedgerEntry;
}

export type LandingOutcome =
  /** `ledger`: its newest commit now. */
  | { readonly kind: 'landed'; readonly ledger: Sha }
  /** Branch or ledger were not where they were said to be: nothing happened. */
  | { readonly kind: 'moved'; readonly because: string }
  /** The forge said no, in its own words: nothing happened. */
  | { readonly kind: 'refused'; readonly because: string }
  /** Nobody knows; it is to be read. */
  | { readonly kind: 'unknown'; readonly because: string };

/** Where a branch is, read from the forge now. */
export interface BranchReading {
  /** Null: there is no such branch. */
  readonly tip: Sha | null;
  readonly ledger: LedgerState;
}

/** Makes candidates, shows them to pods, and moves branches. Throws when git or the forge give no answer. */
export interface Landing {
  /** Branch and ledger in one look, fetched and verified. */
  read(project: Project, branch: string): Promise<BranchReading>;
  make(project: Project, request: CandidateRequest): Promise<CandidateOutcome>;
  /** Pushes these under `refs/sluice/candidate/`, in one push; those that are there already are left. */
  publish(project: Project, commits: readonly Sha[]): Promise<void>;
  /** One atomic push of branch and ledger entry, both with the old id named. Never tries again by itself. */
  land(project: Project, push: LandingPush): Promise<LandingOutcome>;
  /** Adds an entry to the ledger alone; `moved` when its newest commit is another one. */
  append(project: Project, ledger: Sha | null, entry: LedgerEntry): Promise<LandingOutcome>;
  /** Takes candidates away that are in none of `keep`; gives how many. */
  sweep(project: Project, keep: ReadonlySet<Sha>): Promise<number>;
  /** True when `commit` is `tip` or one of its ancestors; both are fetched if need be. */
  contains(project: Project, tip: Sha, commit: Sha): Promise<boolean>;
  /** The version of git that merges: part of the verdict. */
  gitVersion(): Promise<string>;
}
