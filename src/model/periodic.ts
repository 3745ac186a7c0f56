import type { Project } from './project.ts';
import type { PushRun } from './push.ts';
import type { Schedule } from './schedule.ts';
import type { Sha } from './sha.ts';

/** A run that passed. */
export interface GreenRun {
  readonly commit: Sha;
  readonly tree: Sha;
  /** When it ended (ms). */
  readonly at: number;
}

/** What of a run did not pass. */
export interface FailedJob {
  readonly job: string;
  /** As its check run ends, for people. */
  readonly result: string;
  readonly because: string;
}

export interface RedRun {
  readonly commit: Sha;
  /** When it ended (ms). */
  readonly at: number;
  readonly failed: readonly FailedJob[];
}

/** Runs that failed one after the other, since the last that passed. */
export interface RedStreak {
  readonly first: Omit<RedRun, 'failed'>;
  readonly last: RedRun;
  readonly count: number;
  /** The last commit that was green before; null: none is known. */
  readonly before: Sha | null;
}

/** The issue of a nightly: one, opened anew for each streak. */
export interface NightlyIssue {
  readonly number: number;
  /** Digest of what was last written there; empty: nothing that is known here. */
  readonly told: string;
  /** As we left it. */
  readonly isOpen: boolean;
  /** A person closed it, or the repository takes none: it stays closed until the next failure after a success. */
  readonly dismissed: boolean;
}

/** Jobs of a branch that run at the same times, as one. */
export interface Nightly {
  /** Derived from project, branch and schedule: the same nightly has the same key after any loss. */
  readonly key: string;
  readonly schedule: Schedule;
  /** Names of its jobs, as the file last had them. */
  readonly jobs: readonly string[];
  /** When it is to start next (ms); null: never. */
  readonly dueAt: number | null;
  /** When it last started (ms); null: never, as far as is known. */
  readonly startedAt: number | null;
  /** The last one, until people were told all of it. */
  readonly run: PushRun | null;
  /** The one before it that people were told all of, for whoever presses Re-run; left out: none is known, or a newer one began. */
  readonly last?: PushRun;
  readonly green: GreenRun | null;
  /** Null: the last run passed, or there was none. */
  readonly red: RedStreak | null;
  /** What the last success ended, until its issue is closed; left out: nothing. */
  readonly recovered?: RedStreak;
  /** Null: none is known; `unasked`: it was not looked for yet. */
  readonly issue: NightlyIssue | 'unasked' | null;
}

/** The document of what a branch runs by the clock (design.md §2). */
export interface PeriodicRecord {
  readonly schema: 1;
  readonly project: Project;
  readonly branch: string;
  /** In the order of the file; one that it does not name any more stays until its run has ended and its issue is closed. */
  readonly nightlies: readonly Nightly[];
}
