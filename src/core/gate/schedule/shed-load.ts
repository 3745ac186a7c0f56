import type { Beliefs } from './beliefs.ts';
import { placeIn, type ScheduleMemory } from './memory.ts';
import { onProbation } from './order.ts';
import type { ScheduleSettings, ScheduleView } from './schedule-view.ts';
import { testedIn } from './shortage.ts';
import { overlaps, type Unit, type UnitId } from './unit.ts';

/** What is known of the order of those that wait while load is shed. */
export interface ShedGround {
  readonly beliefOf: (id: UnitId) => number;
  /** How often others that were asked for later went ahead of it, those on their way to do so included. */
  readonly overtakenBy: (unit: Unit) => number;
  readonly mostOvertakings: number;
}

function neededFirst(unit: Unit, left: readonly Unit[], above: readonly Unit[] = []): Unit {
  if (unit.needs.length === 0) return unit;
  const need = left.find((other) => unit.needs.includes(other.id) && !above.includes(other));
  return need === undefined ? unit : neededFirst(need, left, [...above, unit]);
}

/**
 * Those of one priority that wait, those behind that will more likely fail than land (scheduling.md §4 Load shedding); nobody
 * comes to be overtaken more often than anybody may be. Next is whoever was overtaken often enough, else the likeliest, of equally
 * likely ones the first; what it needs comes before it. `waiting`: in the order of asking.
 */
export function shedOrder(waiting: readonly Unit[], ground: ShedGround): readonly Unit[] {
  const { beliefOf, overtakenBy, mostOvertakings } = ground;
  const beliefs = new Map(waiting.map((unit) => [unit, beliefOf(unit.id)]));
  const counts = new Map(waiting.map((unit) => [unit, overtakenBy(unit)]));
  const likeliest = waiting.toSorted((one, other) => (beliefs.get(other) ?? 0) - (beliefs.get(one) ?? 0));
  const barred = new Set(waiting.filter((unit) => (counts.get(unit) ?? 0) >= mostOvertakings));
  const left = [...waiting];
  const ordered = new Set<Unit>();
  for (const likely of likeliest)
    while (!ordered.has(likely)) {
      const barrier = barred.size === 0 ? undefined : left.find((unit) => barred.has(unit));
      const next = neededFirst(barrier ?? likely, left);
      const at = left.indexOf(next);
      for (const unit of left.slice(0, at)) {
        const count = (counts.get(unit) ?? 0) + 1;
        counts.set(unit, count);
        if (count >= mostOvertakings) barred.add(unit);
      }
      ordered.add(next);
      barred.delete(next);
      left.splice(at, 1);
    }
  return [...ordered];
}

/**
 * Those that are good as likely as not count alike: in the simulator, an order by every small difference cost more than it gave, as
 * whoever changes places is built on other grounds than before.
 */
function worthOf(belief: number): number {
  return belief >= 0.5 ? 1 : belief;
}

/**
 * Gives those that wait other places among themselves while load is shed, each among those of its priority that stand
 * beside it. What is tested or is tried by itself keeps its own.
 */
export function shedLoad(
  memory: ScheduleMemory,
  view: ScheduleView,
  beliefs: Beliefs,
  order: readonly Unit[],
  { mostOvertakings }: ScheduleSettings,
): ScheduleMemory {
  const tested = testedIn(view);
  const probation = onProbation(memory);
  const isWaiting = ({ id }: Unit): boolean => !tested.has(id) && !probation.has(id) && !memory.released.has(id);
  const ahead = order.filter((unit) => !isWaiting(unit));
  const at = new Map(order.map(({ id }, place) => [id, place]));
  const placeOf = ({ id }: Unit): number => at.get(id) ?? 0;
  const overtakenBy = (unit: Unit): number => {
    const { id, askedAt, touches } = unit;
    const before = ahead.filter(
      (other) => other.askedAt > askedAt && overlaps(other.touches, touches) && placeOf(other) < placeOf(unit),
    );
    return (memory.overtaken.get(id) ?? 0) + before.length;
  };
  const places = new Map(memory.places);
  for (const group of runsOf(order, isWaiting)) {
    const free = group.map((unit) => placeIn(memory, unit)).sort((one, other) => one - other);
    const waiting = group.toSorted((one, other) => one.askedAt - other.askedAt);
    shedOrder(waiting, { beliefOf: (id) => worthOf(beliefs.of(id)), overtakenBy, mostOvertakings }).forEach(
      (unit, at) => {
        const place = free[at];
        if (place !== undefined && place !== placeIn(memory, unit)) places.set(unit.id, place);
      },
    );
  }
  return { ...memory, places };
}

/** Runs of those that wait, of one priority each: nobody comes ahead of what is tested and was ahead of it. */
function runsOf(order: readonly Unit[], isWaiting: (unit: Unit) => boolean): readonly (readonly Unit[])[] {
  const runs: Unit[][] = [];
  let last: Unit | null = null;
  for (const unit of order) {
    if (isWaiting(unit)) {
      const goesOn = last !== null && (last.priority ?? last.lane) === (unit.priority ?? unit.lane);
      if (goesOn) runs.at(-1)?.push(unit);
      else runs.push([unit]);
    }
    last = isWaiting(unit) ? unit : null;
  }
  return runs;
}
