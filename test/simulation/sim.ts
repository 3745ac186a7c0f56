import type { Chance } from './chance.ts';
import type { Knobs } from './knobs.ts';
import type { Scheduler } from './scheduler.ts';

export interface Violation {
  /** As the tables call it: `S10`, `L2` … */
  readonly invariant: string;
  readonly what: string;
  /** ms since the world began. */
  readonly at: number;
}

/** What all parts of one world share. */
export interface Sim {
  readonly knobs: Knobs;
  readonly chance: Chance;
  readonly time: Scheduler;
  /** False once everything must settle. */
  faultsOn(): boolean;
  /** Counts that something interesting happened. */
  note(situation: string): void;
  /** One line of the trace, made only when somebody reads it. */
  tell(line: () => string): void;
  /** A promise was broken; the first one counts. */
  violate(invariant: string, what: string): void;
}

/** A process of ours: dead ones never hear of anything again. */
export interface Process {
  readonly name: string;
  readonly role: 'worker' | 'web';
  alive: boolean;
  /** Nothing reaches it before (ms). */
  pausedUntil: number;
  /** How wrong its clock is, in ms. */
  readonly skew: number;
  readonly onDeath: (() => void)[];
}

export const beginning = Date.UTC(2026, 10, 28, 8, 0, 0);
