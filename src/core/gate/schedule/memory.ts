import type { Evidence } from './evidence.ts';
import type { Unit, UnitId } from './unit.ts';

/** What the scheduler keeps from one pass to the next, as plain data. Losing it costs time alone. */
export interface ScheduleMemory {
  /** Builds whose verdict was taken in, by key. */
  readonly taken: ReadonlySet<string>;
  /** How many landings were taken in. */
  readonly landings: number;
  readonly evidence: Evidence;
  /** Those that passed in some build. */
  readonly passed: ReadonlySet<UnitId>;
  /** Of each that waits, how many that touch the same have landed since it was asked for. */
  readonly met: ReadonlyMap<UnitId, number>;
  /** Of each that waits, how many that were behind it and touch the same have landed. */
  readonly overtaken: ReadonlyMap<UnitId, number>;
  /** Where a unit queues that came back from probation, as a time of asking. */
  readonly places: ReadonlyMap<UnitId, number>;
  /** Passed on probation, and not yet back in the order. */
  readonly released: ReadonlySet<UnitId>;
  /** Null: as much lands as is asked for, or could. */
  readonly short: Shortage | null;
  readonly rates: LearnedRates;
}

/** More is asked for than could be landed. Minutes, on the clock of the units. */
export interface Shortage {
  readonly since: number;
  /** When that was last so. */
  readonly seen: number;
  /** It has lasted: people are told, and load is shed. */
  readonly isAnnounced: boolean;
}

/** Sums from which rates are told. They begin with a little that was never seen, so that nothing is divided by nothing. */
export interface LearnedRates {
  /** Builds of good trees that failed, of so many builds of good trees. */
  readonly flakes: number;
  readonly goodBuilds: number;
  /** Units that turned out bad beyond what their priors said, and how often units met another that had landed. */
  readonly conflicts: number;
  readonly meetings: number;
  /** Minutes of builds that passed, of so many. */
  readonly buildMinutes: number;
  readonly measured: number;
  /** Minutes of all builds, lately, and landings. */
  readonly spent: number;
  readonly landed: number;
  /** Units asked for, lately; the newest of them; and when the first was. */
  readonly asked: number;
  readonly lastAsked: number;
  readonly firstAsked: number | null;
  /** The least score with which a build is started now; null: what the settings say. */
  readonly least: number | null;
}

export const emptyMemory: ScheduleMemory = {
  taken: new Set(),
  landings: 0,
  evidence: [],
  passed: new Set(),
  met: new Map(),
  overtaken: new Map(),
  places: new Map(),
  released: new Set(),
  short: null,
  rates: {
    flakes: 1,
    goodBuilds: 60,
    conflicts: 2,
    meetings: 100,
    buildMinutes: 90,
    measured: 3,
    spent: 0,
    landed: 0,
    asked: 0,
    lastAsked: Number.NEGATIVE_INFINITY,
    firstAsked: null,
    least: null,
  },
};

export function flakeRate({ flakes, goodBuilds }: LearnedRates): number {
  return Math.min(0.5, flakes / goodBuilds);
}

export function conflictRate({ conflicts, meetings }: LearnedRates): number {
  return Math.min(0.2, Math.max(0.001, conflicts / meetings));
}

export function meanMinutes({ buildMinutes, measured }: LearnedRates): number {
  return buildMinutes / measured;
}

/** Where a unit queues, as a time of asking. */
export function placeIn({ places }: Pick<ScheduleMemory, 'places'>, { id, askedAt }: Unit): number {
  return places.get(id) ?? askedAt;
}
