import type { BranchKey, MadeCandidate } from './queue.ts';
import type { Sha } from './sha.ts';

/** Jobs of the gate that run on a commit of a branch, which never lands by that. */
export interface CommitRun {
  /** The commit, and its jobs. */
  readonly probe: MadeCandidate;
  readonly since: number;
  /** Jobs that failed on it and were run once more: one failure may be a flake. */
  readonly failed: readonly string[];
}

/** A commit that a branch was at, and the change that brought it by landing; null: somebody pushed it, or it is where the search begins. */
export interface JoinPoint {
  readonly commit: Sha;
  readonly by: { readonly number: number; readonly head: Sha } | null;
}

/** Of what the branch was at one after the other, what is known of the jobs that failed, and what runs on one of these now. */
export interface CulpritSearch {
  /** Oldest first; the last is the joined commit. */
  readonly points: readonly JoinPoint[];
  /** The first was green when it was tested, by a join or before it landed: it is red now for what lies outside the tree. */
  readonly begunGreen: boolean;
  readonly seen: Readonly<Record<Sha, 'green' | 'red'>>;
  readonly run: CommitRun | null;
}

/** Since when the branch is red. */
export type Culprit =
  /** Jobs pass on `below` and fail on `commit`, which is what it landed as. */
  | { readonly kind: 'landing'; readonly number: number; readonly head: Sha; readonly commit: Sha; readonly below: Sha }
  | { readonly kind: 'push'; readonly commit: Sha; readonly below: Sha }
  /** The oldest commit that was looked at is red; `wasGreen`: it was not when it was tested first. */
  | { readonly kind: 'before'; readonly commit: Sha; readonly wasGreen: boolean }
  | { readonly kind: 'unknown'; readonly because: string };

/** Jobs that failed twice on the joined commit, and whose doing that is. */
export interface JoinRed {
  readonly jobs: readonly string[];
  /** When it was seen, ms. */
  readonly at: number;
  readonly culprit: Culprit;
}

export type JoinPhase =
  | { readonly kind: 'testing'; readonly run: CommitRun }
  | { readonly kind: 'green'; readonly at: number }
  | {
      readonly kind: 'searching';
      readonly jobs: readonly string[];
      readonly at: number;
      readonly search: CulpritSearch;
    }
  /** What failed is asked of the newest tip again: `tip` was asked last, at `askedAt`, and failed `times` times in a row. */
  | {
      readonly kind: 'red';
      readonly red: JoinRed;
      readonly tip: Sha;
      readonly askedAt: number;
      readonly times: number;
      readonly run: CommitRun | null;
    }
  | { readonly kind: 'over'; readonly red: JoinRed }
  /** It says nothing of the commit. */
  | { readonly kind: 'given-up'; readonly because: string; readonly at: number };

/** All jobs of the gate on the branch as it is, where the changes that landed were not tested on each other (scheduling.md §5). */
export interface Join {
  readonly branch: BranchKey;
  readonly commit: Sha;
  /** When it was begun, ms. */
  readonly since: number;
  /** Counts the joins of this commit, from 1. */
  readonly turn: number;
  /** Number in the ledger of the newest landing that the commit holds. */
  readonly upTo: number;
  /** The first landing since the branch was tested as a whole that was tested as another tree. */
  readonly first: { readonly number: number; readonly commit: Sha };
  /** The commit that was green before; null: none is known. */
  readonly below: Sha | null;
  /** How many runs were begun, ever: each asks for Builds of its own. */
  readonly runs: number;
  /** Since when what is to be tested next cannot be read, ms; left out: it can, or was not looked at. */
  readonly unread?: number;
  readonly phase: JoinPhase;
}

/** The last commit on which all jobs of the gate passed in a join; `sequence`: as `Join.upTo`. */
export interface GreenJoin {
  readonly commit: Sha;
  readonly sequence: number;
  readonly at: number;
}
