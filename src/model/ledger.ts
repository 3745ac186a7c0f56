import type { Person } from './person.ts';
import type { RecordedImage } from './promotion.ts';
import type { LandingMethod } from './queue.ts';
import type { ReleasedImage } from './release.ts';
import type { Sha } from './sha.ts';
import type { RecordedVerdict } from './verdict.ts';

/** What happened to a branch: one entry of its ledger (design.md §5). */
export type LedgerDetail =
  /** The first entry: which App owns the branch. */
  | { readonly kind: 'owner'; readonly app: number }
  | {
      readonly kind: 'landed';
      readonly number: number;
      readonly head: Sha;
      readonly from: Sha;
      readonly commit: Sha;
      readonly method: LandingMethod;
      readonly by: Person;
      /** Of one that is inside of another and did not pass by itself: no check and no image is named. */
      readonly verdict: RecordedVerdict;
      /** What was tested with it inside, where they landed by one push (gate.md §6 Prefix landing); left out: it landed by itself. */
      readonly within?: { readonly number: number; readonly commit: Sha };
      /** Where the branch was before others landed with it, inside; left out: none did. */
      readonly since?: Sha;
    }
  /** What was built again at a commit that had landed, in place of what its gate had, or had not, uploaded. */
  | {
      readonly kind: 'published';
      readonly number: number;
      readonly commit: Sha;
      readonly because: string;
      readonly images: readonly RecordedImage[];
    }
  /** What postsubmit built of a commit that somebody pushed, tags filled in. `below`: number of the newest landing that this commit holds, 0: none. `above`: of what was pushed or landed on top of it and was recorded first, the lowest; left out: nothing was. */
  | {
      readonly kind: 'pushed';
      readonly below: number;
      readonly above?: number;
      readonly commit: Sha;
      readonly tree: Sha;
      readonly by: Person | null;
      readonly images: readonly RecordedImage[];
    }
  /** Before the first tag of a release is set, and after the last: each written once, and never contradicted (versions.md §6.3). */
  | ReleaseDetail
  | { readonly kind: 'frozen'; readonly by: Person | null; readonly because: string }
  | { readonly kind: 'thawed'; readonly by: Person | null }
  /**
   * Somebody moved the branch: of what landed before, it holds what has at most this number, and of what was pushed not the
   * entries of the numbers in `gone`. Tags go back with it.
   */
  | { readonly kind: 'reset'; readonly standing: number; readonly tip: Sha; readonly gone?: readonly number[] };

/** What is released of one commit, under which tags. */
export interface ReleaseDetail {
  readonly kind: 'releasing' | 'released';
  /** Null: the project has only one, or no versions. */
  readonly component: string | null;
  /** As its file has it; of a project without versions the name of the git tag. */
  readonly version: string;
  /** The git tag that named it, in a project without versions; null: it is a version. */
  readonly tag: string | null;
  readonly commit: Sha;
  readonly tree: Sha;
  /** Digest of the configuration that it was built with. */
  readonly configuration: string;
  readonly by: Person | null;
  readonly images: readonly ReleasedImage[];
}

export interface LedgerEntry {
  readonly schema: 1;
  /** From 1, without a gap. */
  readonly sequence: number;
  readonly repository: number;
  readonly branch: string;
  /** Ms since the epoch. */
  readonly at: number;
  readonly detail: LedgerDetail;
}

/** A branch's ledger as read and verified: every signature, every number, every link. */
export type LedgerState =
  /** Newest last; empty: there is none yet. `head` names its newest commit. */
  | { readonly kind: 'whole'; readonly head: Sha | null; readonly entries: readonly LedgerEntry[] }
  /** Somebody wrote there who is not us, or it was cut: nothing lands until an operator looked at it. */
  | { readonly kind: 'broken'; readonly because: string };

/** One atomic push of a branch and its ledger, both old ids named (design.md §6). */
export interface LandingPush {
  readonly branch: string;
  readonly from: Sha;
  readonly to: Sha;
  /** The ledger's newest commit as verified; null: the entry begins the ledger. */
  readonly ledger: Sha | null;
  readonly entry: LedgerEntry;
  /** Of what lands inside of it, oldest first: they go before its own entry; left out: nothing does. */
  readonly inside?: readonly LedgerEntry[];
}
