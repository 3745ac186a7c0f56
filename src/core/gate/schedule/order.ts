import type { Beliefs } from './beliefs.ts';
import type { LandingGround } from './land-units.ts';
import type { ScheduleMemory } from './memory.ts';
import type { ScheduleView } from './schedule-view.ts';
import { overlaps, type Touches, type Unit, type UnitId } from './unit.ts';

const lanes: Readonly<Record<Unit['lane'], number>> = { hotfix: 0, normal: 1, bulk: 2 };

/** By lane, then by the time of asking, or the place that a unit was given when it came back. */
export function orderOf({ units }: ScheduleView, { places }: ScheduleMemory): readonly Unit[] {
  if (places.size === 0 && units.every(({ lane }) => lane === 'normal')) return units;
  const placeOf = ({ id, askedAt }: Unit): number => places.get(id) ?? askedAt;
  return units.toSorted((one, other) => lanes[one.lane] - lanes[other.lane] || placeOf(one) - placeOf(other));
}

/** Failed with nobody else to blame: re-run beside the order, and nobody waits for it meanwhile. */
export function onProbation({ evidence }: ScheduleMemory): ReadonlyMap<UnitId, number> {
  return new Map(
    evidence.flatMap(({ members, count }) => {
      const [only] = members;
      return only !== undefined && members.length === 1 ? [[only, count] as const] : [];
    }),
  );
}

/** Behind which others may land no more: it was overtaken often enough. */
export function isBarrier({ overtaken }: ScheduleMemory, id: UnitId, most: number): boolean {
  return (overtaken.get(id) ?? 0) >= most;
}

/** What is behind these may land ahead of them. */
export function suspectsOf(
  memory: ScheduleMemory,
  beliefs: Beliefs,
  order: readonly Unit[],
  most: number,
): ReadonlySet<UnitId> {
  const probation = onProbation(memory);
  const isSuspect = ({ id }: Unit): boolean =>
    (probation.has(id) || (beliefs.isAccused(id) && beliefs.of(id) < 0.5)) && !isBarrier(memory, id, most);
  return new Set(order.filter(isSuspect).map(({ id }) => id));
}

export function groundOf(view: ScheduleView, order: readonly Unit[], suspects: ReadonlySet<UnitId>): LandingGround {
  const places = new Map(order.map(({ id }, at) => [id, at]));
  return { order, places, landed: view.landed, hasLanded: view.hasLanded, suspects };
}

/** Of each, those ahead of it that touch the same, in order. */
export function dependenciesIn(order: readonly Unit[]): ReadonlyMap<UnitId, readonly UnitId[]> {
  const byClosure = new Map<string, number[]>();
  const everywhere: number[] = [];
  const found = new Map<UnitId, readonly UnitId[]>();
  const idAt = (at: number): UnitId => order[at]?.id ?? '';
  order.forEach(({ id, touches }, at) => {
    const ahead = touches === 'everything' ? allBefore(at) : closuresBefore(byClosure, everywhere, touches);
    found.set(id, ahead.map(idAt));
    note(byClosure, everywhere, touches, at);
  });
  return found;
}

function allBefore(at: number): readonly number[] {
  return Array.from({ length: at }, (_, index) => index);
}

function closuresBefore(
  byClosure: ReadonlyMap<string, readonly number[]>,
  everywhere: readonly number[],
  touches: readonly string[],
): readonly number[] {
  const lists = touches.map((closure) => byClosure.get(closure) ?? []);
  const [only = []] = lists;
  if (lists.length <= 1 && everywhere.length === 0) return only;
  return [...new Set([...lists.flat(), ...(touches.length === 0 ? [] : everywhere)])].sort((one, other) => one - other);
}

function note(byClosure: Map<string, number[]>, everywhere: number[], touches: Touches, at: number): void {
  if (touches === 'everything') {
    everywhere.push(at);
    return;
  }
  for (const closure of touches) {
    const list = byClosure.get(closure);
    if (list) list.push(at);
    else byClosure.set(closure, [at]);
  }
}

/** How likely two of these touch the same; of few, or where nothing is said, none. */
export function overlapShare(units: readonly Unit[]): number {
  let pairs = 0;
  let meeting = 0;
  units.forEach(({ touches }, at) => {
    for (const other of units.slice(0, at)) {
      pairs += 1;
      if (overlaps(touches, other.touches)) meeting += 1;
    }
  });
  return pairs === 0 ? 0 : meeting / pairs;
}
