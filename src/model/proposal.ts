import type { Sha } from './sha.ts';

/** A pull request of ours that raises a version to the next dev version (`version.automation.nextDev`). */
export interface Proposal {
  /** Branch that it is for. */
  readonly base: string;
  /** Branch that it is made on; the same base, component and version have the same. */
  readonly head: string;
  /** Commit that it stands on. */
  readonly at: Sha;
  /** File of the version. */
  readonly file: string;
  /** What is written there, and what is to be. */
  readonly from: string;
  readonly version: string;
}

/** What became of something that is done once, by itself; for people. */
export interface Outcome {
  readonly kind: 'there' | 'failed';
  readonly because: string;
}

/** One of them in a document; `ended` null: nothing yet. */
export interface Proposed extends Proposal {
  readonly ended: Outcome | null;
}
