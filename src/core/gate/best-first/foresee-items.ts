import type { StoredSchedule } from '../../../model/best-first.ts';
import type { QueueItem, QueueRecord } from '../../../model/queue.ts';
import { walked } from '../candidates.ts';
import { changeIdOf } from '../draft.ts';
import type { Eta } from '../eta.ts';
import { madeOf } from '../made-of.ts';
import { redTipOf } from '../red-tip.ts';
import { formBeliefs } from '../schedule/beliefs.ts';
import { minimalSets } from '../schedule/evidence.ts';
import { type ForeseenUnit, foresee } from '../schedule/foresee.ts';
import { conflictRate, flakeRate } from '../schedule/memory.ts';
import type { ScheduleView } from '../schedule/schedule-view.ts';
import { overlaps, type UnitId } from '../schedule/unit.ts';
import type { WalkedItem } from '../walk-queue.ts';
import { batchOf } from './batches.ts';
import { lookAt } from './look.ts';
import { memoryFrom } from './remember.ts';
import { shownUnit } from './unit-id.ts';

const minute = 60_000;
/** Of more than so many nothing is said: what is ahead of them decides. */
const mostForeseen = 100;

/** The same numbers each time, so that what is foreseen changes only with what is known. */
function steadyNumbers(): () => number {
  let state = 0x2545f491;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

function runningFor(record: QueueRecord, item: QueueItem, now: number): number | null {
  const batch = batchOf(record, item);
  const made = [...madeOf(item), ...(batch === null ? [] : [batch.candidate])].filter(
    (each) => each.spent !== true && walked(each).verdict !== 'failed',
  );
  if (made.some((each) => walked(each).verdict === 'passed')) return Number.NEGATIVE_INFINITY;
  const begun = made.map(({ madeAt = now }) => madeAt);
  return begun.length === 0 ? null : (now - Math.min(...begun)) / minute;
}

function beliefIn(view: ScheduleView, stored: StoredSchedule): (id: UnitId) => number {
  const memory = memoryFrom(stored);
  const rates = { flake: flakeRate(memory.rates), conflict: conflictRate(memory.rates) };
  return formBeliefs(view, memory, minimalSets(memory.evidence), rates).of;
}

/**
 * When each item may land, by id, as what is believed now lets foresee (scheduling.md §4 ETA), with what it waits for first. Nothing
 * is said while the queue is frozen or red, before anything has landed, nor of what is stepped over or lands next.
 */
export function foreseeItems(
  record: QueueRecord,
  stored: StoredSchedule,
  walkedOf: (item: QueueItem) => WalkedItem,
  now: number,
): ReadonlyMap<string, Eta> {
  const { paces = [], frozen } = record;
  if (frozen !== null || paces.length === 0 || redTipOf(record) !== null) return new Map();
  const look = lookAt(record, stored, walkedOf, now, false);
  const tested = look.standings.filter(({ isTested }) => isTested).slice(0, mostForeseen);
  const belief = beliefIn(look.view, stored);
  const touches = new Map(look.view.units.map((each) => [each.id, each.touches]));
  const meets = (one: UnitId, other: UnitId): boolean =>
    overlaps(touches.get(one) ?? 'everything', touches.get(other) ?? 'everything');
  const names = new Map(tested.map(({ unit }) => [unit, shownUnit(unit)]));
  const units = tested.map(({ unit, item }, at): ForeseenUnit => {
    const dependencies = tested
      .slice(0, at)
      .flatMap((other) => (meets(unit, other.unit) ? [shownUnit(other.unit)] : []));
    return { id: shownUnit(unit), belief: belief(unit), dependencies, running: runningFor(record, item, now) };
  });
  const free = look.view.slots - look.view.builds.filter(({ verdict }) => verdict === 'pending').length;
  const durations = paces.map((pace) => Math.max(1 / 60, pace / minute));
  const found = foresee({ units, freeSlots: Math.max(0, free), durations, unit: steadyNumbers() });
  return new Map(
    tested.flatMap(({ unit, item }): readonly [string, Eta][] => {
      const seen = found.get(names.get(unit) ?? '');
      if (!seen || seen.p50 === 0) return [];
      const at = (minutes: number | null): number | null => (minutes === null ? null : now + minutes * minute);
      return [[changeIdOf(item), { kind: 'between', p50: at(seen.p50), p90: at(seen.p90), because: seen.because }]];
    }),
  );
}
