import type { Sha } from './sha.ts';

/** One change below a candidate, by the scheduler's name for it, and the commit that it became there. */
export interface ChainLink {
  readonly unit: string;
  readonly commit: Sha;
}

/** What reads files that a change changes: jobs, and images of jobs, by names of their own (scheduling.md §5 "touch set"). */
export type TouchSet = 'everything' | readonly string[];

/** What a candidate of the best-first scheduler assumes (scheduling.md §4). */
export interface AssumedGround {
  /** Between the tip that it was made on and itself, in order. */
  readonly under: readonly ChainLink[];
  /** Ahead of it and assumed not to land, by the scheduler's names. */
  readonly excluded: readonly string[];
  /** How many changes had landed when it was begun, as `StoredSchedule.landed` counts. */
  readonly onto: number;
  /** Those under it that are tested by it as well, and have no candidate of their own: a batch (gate.md §6); left out: none. */
  readonly heads?: readonly string[];
  /** Names it among the candidates that its change had. */
  readonly make: number;
  /**
   * Each that is inside is to land by itself: a push of all was refused, so that the forge's words reach whom they concern, or its
   * verdict says nothing of them where others have landed.
   */
  readonly alone?: true;
  /** It is there to have the verdict of this one on the tip, where others landed meanwhile that touch nothing of it. */
  readonly moved?: Sha;
}

/** A landing as the scheduler remembers it. Minutes. */
export interface RememberedLanding {
  readonly unit: string;
  readonly askedAt: number;
  readonly prior: number;
  /** Left out: everything. */
  readonly touches?: TouchSet;
}

/** A change that cannot be put on all of these. */
export interface StoredClash {
  readonly unit: string;
  readonly on: readonly string[];
}

/** What the best-first scheduler of a queue keeps. All of it may be lost or wrong at the cost of time alone (scheduling.md §4). */
export interface StoredSchedule {
  /** How many candidates are tested at once. */
  readonly slots: number;
  /** Several may land by one push of what was tested with all of them; left out: each by itself. */
  readonly prefixes?: boolean;
  /** What a change touches says what it is tested on; left out: each may matter to every other. */
  readonly lanes?: true;
  /** Where slots are scarce, several are tested by one build; left out: each by its own. */
  readonly batches?: boolean;
  /** The tip that was seen last. */
  readonly tip: Sha | null;
  /** Oldest first; `forgotten` older ones are not kept any more. */
  readonly landed: readonly RememberedLanding[];
  readonly forgotten: number;
  readonly clashes: readonly StoredClash[];
  /** How many landed and how many were rejected, lately. */
  readonly good: number;
  readonly bad: number;
  readonly taken: readonly string[];
  readonly landings: number;
  readonly evidence: readonly { readonly members: readonly string[]; readonly count: number }[];
  readonly passed: readonly string[];
  readonly met: Readonly<Record<string, number>>;
  readonly overtaken: Readonly<Record<string, number>>;
  readonly places: Readonly<Record<string, number>>;
  readonly released: readonly string[];
  /** More is asked for than could be landed: since when, when that was last so (minutes), and whether people are told; left out: it is not. */
  readonly short?: { readonly since: number; readonly seen: number; readonly isAnnounced: boolean };
  /** Sums from which rates are told, by name; what is not a number yet is null. */
  readonly rates: Readonly<Record<string, number | null>>;
}
