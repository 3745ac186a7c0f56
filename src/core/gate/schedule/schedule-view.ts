import type { LandedUnit, Unit, UnitBuild, UnitId } from './unit.ts';

/** Everything that one pass of the scheduler may look at. */
export interface ScheduleView {
  /** Minutes, on the clock of the units. */
  readonly now: number;
  readonly slots: number;
  /** What waits, in the order of asking. */
  readonly units: readonly Unit[];
  /** In the order of landing. */
  readonly landed: readonly LandedUnit[];
  readonly hasLanded: (id: UnitId) => boolean;
  /** Those that were started and not stopped or forgotten. */
  readonly builds: readonly UnitBuild[];
  /** What cannot be made together; left out: nothing is known to clash. */
  readonly clashes?: readonly Clash[];
  /** Nothing may land for now: what passed stays, and what is behind it is tested on it; left out: it may. */
  readonly isShut?: boolean;
}

/** A unit cannot be put on all of these (a conflict of its text with theirs, or they have all of it): no build of both is any use. */
export interface Clash {
  readonly unit: UnitId;
  readonly on: readonly UnitId[];
}

/** How the scheduler spends its slots; scheduling.md §4 names the figures. */
export interface ScheduleSettings {
  /** τ: no guess that is less likely gets a build. */
  readonly least: number;
  /** Where more wait than usual, less likely guesses get one too. */
  readonly lessUnderLoad: boolean;
  /** What is so deep in line that no guess of it is likely is tested by itself. */
  readonly scouts: boolean;
  /** May a build that is worth much less end for a new one. */
  readonly preempts: boolean;
  /** κ: minutes of builds for each landing, in mean durations, above which `least` is raised; null: whatever it costs. */
  readonly costLimit: number | null;
  /** That two units that touch the same do not pass together; null: as it is measured. */
  readonly conflict: number | null;
  /** Null: as it is measured. */
  readonly flake: number | null;
  /** ε: a unit is rejected when it is at least 1 − ε sure that it is bad. */
  readonly doubt: number;
  /** K. */
  readonly mostOvertakings: number;
  /** Waiting so long, in minutes, counts as much as twice the score. */
  readonly halfLife: number;
  /** How likely what a build carries besides must be to pass, together; 1: it carries nothing. */
  readonly carries: number;
  readonly batches: boolean;
  readonly sizesByRate: boolean;
  /** Load is shed where more is asked for than could be landed; in the simulator that gains nothing, so it is for people who are told so. */
  readonly sheds: boolean;
  /** A failure is tried again on the same tree before it counts. */
  readonly probation: boolean;
  /** A build may land what it holds besides its heads. */
  readonly landsPrefixes: boolean;
  /** A build may land a part of what it holds while the rest waits; false: all that has not landed of it, or nothing. */
  readonly landsParts: boolean;
  /** What failed together is believed of the smallest sets alone. */
  readonly minimalSets: boolean;
}

export const boundedSettings: ScheduleSettings = {
  least: 0.25,
  lessUnderLoad: true,
  scouts: true,
  preempts: false,
  costLimit: null,
  conflict: null,
  flake: null,
  doubt: 0.003,
  mostOvertakings: 10,
  halfLife: 120,
  carries: 0.8,
  batches: true,
  sizesByRate: false,
  sheds: false,
  probation: true,
  landsPrefixes: true,
  landsParts: true,
  minimalSets: true,
};

export const fastSettings: ScheduleSettings = { ...boundedSettings, least: 0.12, preempts: true };
