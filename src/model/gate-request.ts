import type { Person } from './person.ts';
import type { Sha } from './sha.ts';

/** Who asked for the landing of one exact head, when, and with what permission (gate.md §2). */
export interface GateRequest {
  readonly head: Sha;
  readonly by: Person;
  readonly permission: string;
  /** Ms since the epoch. */
  readonly at: number;
  /** Among what was said at the same time: the greater is the later; left out: 0. */
  readonly order?: number;
}

/** A named, audited pass for one entry condition on one head (`/override`). */
export interface Override {
  readonly check: string;
  readonly head: Sha;
  readonly by: Person;
  readonly at: number;
}

/** What somebody wants the hold label of a change to be: it counts at once, and until the forge was seen to show it. */
export interface HoldWish {
  readonly held: boolean;
  /** When it was said; the later one wins. */
  readonly at: number;
  /** As of a request. */
  readonly order?: number;
  /** When the label was last asked for; null: the forge shows it. */
  readonly askedAt: number | null;
}
