import type { Beliefs } from './beliefs.ts';
import type { LandingGround } from './land-units.ts';
import { metSinceIn, notePlace, type PlacesTouched } from './landed-since.ts';
import { placeIn, type ScheduleMemory } from './memory.ts';
import type { ScheduleView } from './schedule-view.ts';
import { overlaps, type Touches, type Unit, type UnitId } from './unit.ts';

const lanes: Readonly<Record<Unit['lane'], number>> = { hotfix: 0, normal: 1, bulk: 2 };

/** By lane, then by the time of asking, or the place that a unit was given when it came back. */
export function orderOf({ units }: ScheduleView, memory: ScheduleMemory): readonly Unit[] {
  if (memory.places.size === 0 && units.every(({ lane }) => lane === 'normal')) return units;
  const placeOf = (unit: Unit): number => placeIn(memory, unit);
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
  const suspects = new Set<UnitId>();
  // What needs one of them lands after it at the earliest.
  for (const unit of order) if (isSuspect(unit) || unit.needs.some((need) => suspects.has(need))) suspects.add(unit.id);
  return suspects;
}

/** Which units of an order touch what, by place. */
interface ClosureIndex {
  readonly byClosure: ReadonlyMap<string, readonly number[]>;
  readonly everywhere: readonly number[];
  readonly all: readonly number[];
}

function indexOf(order: readonly Unit[]): ClosureIndex {
  const places: PlacesTouched = { byClosure: new Map(), everywhere: [] };
  for (const [at, { touches }] of order.entries()) notePlace(places, touches, at);
  return { ...places, all: order.map((_, at) => at) };
}

/** Lists of places, each sorted, of those that touch the same; a place may be in several. */
function listsFor({ byClosure, everywhere, all }: ClosureIndex, touches: Touches): readonly (readonly number[])[] {
  if (touches === 'everything') return [all];
  if (touches.length === 0) return [];
  const lists = touches.map((closure) => byClosure.get(closure) ?? []);
  return everywhere.length === 0 ? lists : [...lists, everywhere];
}

function* unitsAhead(order: readonly Unit[], index: ClosureIndex, { touches }: Unit, place: number): Generator<Unit> {
  for (const list of listsFor(index, touches))
    for (const at of list) {
      const unit = order[at];
      if (at >= place || !unit) break;
      if (unit.touches.length > 0) yield unit;
    }
}

export function groundOf(view: ScheduleView, order: readonly Unit[], suspects: ReadonlySet<UnitId>): LandingGround {
  const places = new Map(order.map(({ id }, at) => [id, at]));
  const index = indexOf(order);
  const aheadOf = (unit: Unit): Iterable<Unit> => unitsAhead(order, index, unit, places.get(unit.id) ?? 0);
  return { order, places, aheadOf, metSince: metSinceIn(view.landed), hasLanded: view.hasLanded, suspects };
}

/** Sorted lists of places in one, each place once, as far as they are ahead of this one. */
function mergedBefore(lists: readonly (readonly number[])[], place: number): readonly number[] {
  const next = lists.map(() => 0);
  const merged: number[] = [];
  for (;;) {
    let first = place;
    for (let at = 0; at < lists.length; at += 1) first = Math.min(first, lists[at]?.[next[at] ?? 0] ?? place);
    if (first === place) return merged;
    merged.push(first);
    for (let at = 0; at < lists.length; at += 1)
      if (lists[at]?.[next[at] ?? 0] === first) next[at] = (next[at] ?? 0) + 1;
  }
}

/** Who depends on whom in an order: on those ahead that touch the same. Of others than it holds, nobody on nobody. */
export interface Dependencies {
  /** In order. */
  readonly of: (id: UnitId) => readonly UnitId[];
  readonly isOn: (id: UnitId, other: UnitId) => boolean;
}

/** Each is worked out when it is asked for first. */
export function dependenciesIn(order: readonly Unit[]): Dependencies {
  const index = indexOf(order);
  const places = new Map(order.map(({ id }, at) => [id, at]));
  const ids = order.map(({ id }) => id);
  const isDense = order.every(({ touches }) => touches.length > 0);
  const find = (place: number): readonly UnitId[] => {
    const { touches = [] } = order[place] ?? {};
    if (touches === 'everything' && isDense) return ids.slice(0, place);
    const ahead = mergedBefore(listsFor(index, touches), place);
    return ahead.flatMap((at) => ((order[at]?.touches.length ?? 0) > 0 ? (ids[at] ?? []) : []));
  };
  const known = new Map<UnitId, readonly UnitId[]>();
  const of = (id: UnitId): readonly UnitId[] => {
    const place = places.get(id);
    const found = known.get(id) ?? (place === undefined ? [] : find(place));
    known.set(id, found);
    return found;
  };
  const isOn = (id: UnitId, other: UnitId): boolean => {
    const [place = -1, at = Number.POSITIVE_INFINITY] = [places.get(id), places.get(other)];
    return at < place && overlaps(order[place]?.touches ?? [], order[at]?.touches ?? []);
  };
  return { of, isOn };
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
