import type { Evidence } from './evidence.ts';
import type { ScheduleMemory } from './memory.ts';
import type { Clash, ScheduleView } from './schedule-view.ts';
import type { UnitId } from './unit.ts';

/** Rates that the scheduler believes in; all of them may be wrong, and that costs time alone. */
export interface BelievedRates {
  /** That a build fails for no reason. */
  readonly flake: number;
  /** That two units that touch the same do not pass together. */
  readonly conflict: number;
}

export interface Beliefs {
  /** That a unit will land. */
  readonly of: (id: UnitId) => number;
  /** The same before anything failed of it. */
  readonly before: (id: UnitId) => number;
  readonly isAccused: (id: UnitId) => boolean;
}

/** What a pass is worth: less than certainty, as the ground of a build may not come to be. */
const proven = 0.98;
const least = 0.001;
const most = 0.999;

function bounded(probability: number): number {
  return Math.min(most, Math.max(least, probability));
}

/** One failed build lowers all of its units by what the others leave unexplained. */
function accuse(beliefs: Map<UnitId, number>, members: readonly UnitId[], passes: number): void {
  const before = members.map((id) => beliefs.get(id) ?? most);
  const all = before.reduce((product, one) => product * one, 1);
  members.forEach((id, at) => {
    const own = before[at] ?? most;
    beliefs.set(id, bounded((own * (1 - (all / own) * passes)) / (1 - all * passes)));
  });
}

/** What clashes with others lands only if not all of them do. */
function giveWay(beliefs: Map<UnitId, number>, { unit, on }: Clash): void {
  const own = beliefs.get(unit);
  if (own === undefined || on.some((id) => !beliefs.has(id))) return;
  const others = on.reduce((product, id) => product * (beliefs.get(id) ?? most), 1);
  beliefs.set(unit, bounded(Math.min(own, 1 - others)));
}

/**
 * What is believed of each unit (scheduling.md §4 Belief): its prior, less for every unit that landed since it was asked for and
 * touches the same (`met`); nearly certain once a build with it passed; then lowered by each failed set, the smallest first;
 * what clashes with others is good only without them, and what needs another only with it.
 */
export function formBeliefs(
  { units, clashes = [] }: Pick<ScheduleView, 'units' | 'clashes'>,
  { met, passed }: Pick<ScheduleMemory, 'met' | 'passed'>,
  evidence: Evidence,
  { flake, conflict }: BelievedRates,
): Beliefs {
  const first = new Map<UnitId, number>();
  for (const { id, prior } of units) {
    const own = prior * (1 - conflict) ** (met.get(id) ?? 0);
    first.set(id, bounded(passed.has(id) ? Math.max(own, proven) : own));
  }
  const now = new Map(first);
  const accused = new Set<UnitId>();
  for (const { members, count } of evidence) {
    for (const id of members) accused.add(id);
    accuse(now, members, 1 - flake ** count);
  }
  for (const clash of clashes) giveWay(now, clash);
  // What needs another does not land without it.
  for (const { id, needs } of units)
    for (const need of needs) now.set(id, Math.min(now.get(id) ?? most, now.get(need) ?? most));
  return {
    of: (id) => now.get(id) ?? most,
    before: (id) => first.get(id) ?? most,
    isAccused: (id) => accused.has(id),
  };
}

/** That a unit is really bad after `count` failures with which nothing else can be at fault (scheduling.md §4 Failure). */
export function certaintyOfFault(prior: number, flake: number, count: number): number {
  return (1 - prior) / (1 - prior + prior * flake ** count);
}
