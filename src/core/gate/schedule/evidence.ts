import type { UnitId } from './unit.ts';

/** Units of which not all are good, unless each of `count` builds failed for no reason. */
export interface FailedSet {
  readonly members: readonly UnitId[];
  readonly count: number;
}

/** What failed and is not explained yet; no two sets are the same. */
export type Evidence = readonly FailedSet[];

function holds(outer: readonly UnitId[], inner: readonly UnitId[]): boolean {
  return inner.length <= outer.length && inner.every((id) => outer.includes(id));
}

/** A build of exactly these, on what has landed, failed. The same ones once more make it surer. */
export function noteFailure(evidence: Evidence, members: readonly UnitId[], count = 1): Evidence {
  const same = evidence.find((set) => set.members.length === members.length && holds(set.members, members));
  if (!same) return [...evidence, { members, count }];
  return evidence.map((set) => (set === same ? { ...set, count: set.count + count } : set));
}

/** What remains, and how many builds turned out to have failed for no reason. */
export interface Reviewed {
  readonly evidence: Evidence;
  readonly flakes: number;
}

function countIn(evidence: Evidence): number {
  return evidence.reduce((sum, { count }) => sum + count, 0);
}

/** All of these passed together: whatever failed of them alone had failed for no reason. */
export function notePass(evidence: Evidence, members: readonly UnitId[]): Reviewed {
  const cleared = evidence.filter((set) => holds(members, set.members));
  if (cleared.length === 0) return { evidence, flakes: 0 };
  return { evidence: evidence.filter((set) => !cleared.includes(set)), flakes: countIn(cleared) };
}

/** What has landed is good: the fault of its sets lies with the others, and where there are none it was a flake. */
export function noteLanding(evidence: Evidence, landed: UnitId): Reviewed {
  if (!evidence.some(({ members }) => members.includes(landed))) return { evidence, flakes: 0 };
  let rest: Evidence = [];
  let flakes = 0;
  for (const { members, count } of evidence) {
    const others = members.filter((id) => id !== landed);
    if (others.length === 0) flakes += count;
    else rest = noteFailure(rest, others, count);
  }
  return { evidence: rest, flakes };
}

/** What left the queue explains the sets that it was in. */
export function noteGone(evidence: Evidence, gone: (id: UnitId) => boolean): Evidence {
  return evidence.some(({ members }) => members.some(gone))
    ? evidence.filter(({ members }) => !members.some(gone))
    : evidence;
}

/**
 * The sets of which none holds another: what holds one that failed had to fail and says nothing new of who is at fault
 * (scheduling.md §4 Belief). It counts again once the others of it have landed.
 */
export function minimalSets(evidence: Evidence): Evidence {
  const kept: FailedSet[] = [];
  for (const set of [...evidence].sort((one, other) => one.members.length - other.members.length))
    if (!kept.some((smaller) => holds(set.members, smaller.members))) kept.push(set);
  return kept;
}
