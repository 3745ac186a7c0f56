/** Names one unit (a change, or several that land together) within its queue. */
export type UnitId = string;

/** The closures that a unit changes: only units that share one can matter to each other (scheduling.md §5). */
export type Touches = 'everything' | readonly string[];

/** One thing that waits to land, as the scheduler sees it. Times are minutes on any clock that does not go back. */
export interface Unit {
  readonly id: UnitId;
  readonly touches: Touches;
  /** That it passes by itself on the ground that it was written on, 0 to 1. */
  readonly prior: number;
  readonly askedAt: number;
  /** What must land before it; a unit that is neither waiting nor landed keeps it from landing. */
  readonly needs: readonly UnitId[];
  readonly lane: 'hotfix' | 'normal' | 'bulk';
  /** What people asked for, where the order of asking has it already and `lane` says nothing; left out: its lane. */
  readonly priority?: Unit['lane'];
}

export type LandedUnit = Pick<Unit, 'id' | 'touches' | 'askedAt' | 'prior'>;

/** One build of a tree: the tip of its time and units on it. */
export interface UnitBuild {
  /** Never used twice. */
  readonly key: string;
  /** What it holds beyond that tip, in the order in which it would land. */
  readonly included: readonly UnitId[];
  /** Ahead of what it holds and not in it: assumed not to land. */
  readonly excluded: readonly UnitId[];
  /** Those of `included` whose verdict it was started for. */
  readonly heads: readonly UnitId[];
  /** Those of `included` of which every job that they select ran on this tree. */
  readonly covers: readonly UnitId[];
  readonly verdict: 'pending' | 'passed' | 'failed';
  readonly startedAt: number;
  /** How many units had landed when it started. */
  readonly onto: number;
}

/** True where one may matter to the other. What touches nothing matters to nobody. */
export function overlaps(one: Touches, other: Touches): boolean {
  if (one === 'everything') return other.length > 0;
  if (other === 'everything') return one.length > 0;
  for (const closure of one) if (other.includes(closure)) return true;
  return false;
}
