import { isTooLittle, largestBatch, type Supply } from './batch-size.ts';
import type { Beliefs } from './beliefs.ts';
import { flakeRate, meanMinutes, type ScheduleMemory, type Shortage } from './memory.ts';
import { overlapShare } from './order.ts';
import type { ScheduleSettings, ScheduleView } from './schedule-view.ts';
import { askingRate } from './take-in.ts';
import type { Unit, UnitId } from './unit.ts';

/** So many of those that wait say how likely two of them touch the same. */
const sampled = 40;

export interface ShortGround {
  readonly view: ScheduleView;
  readonly memory: ScheduleMemory;
  readonly settings: ScheduleSettings;
  readonly beliefs: Beliefs;
  /** What waits, nobody on probation among it. */
  readonly queue: readonly Unit[];
}

/** Those for whose own verdict a build runs or passed. */
export function testedIn({ builds }: Pick<ScheduleView, 'builds'>): ReadonlySet<UnitId> {
  return new Set(builds.flatMap(({ verdict, heads }) => (verdict === 'failed' ? [] : heads)));
}

/** What there is for those that wait, and what is asked for; null: no more wait without a build than slots are free for. */
export function supplyNow({ view, memory, settings, beliefs, queue }: ShortGround): Supply | null {
  const tested = testedIn(view);
  const idle = queue.filter(({ id }) => !tested.has(id));
  const running = view.builds.filter(({ verdict }) => verdict === 'pending').length;
  if (idle.length <= Math.max(0, view.slots - running)) return null;
  const minutes = meanMinutes(memory.rates);
  return {
    slots: view.slots,
    buildMinutes: minutes,
    good: idle.reduce((sum, { id }) => sum + beliefs.of(id), 0) / idle.length,
    flake: settings.flake ?? flakeRate(memory.rates),
    overlap: overlapShare(queue.slice(0, sampled)),
    demand: Math.max(askingRate(memory.rates, view.now), idle.length / (1.5 * minutes)),
  };
}

/** Batches of no size that may be built would land as many as are asked for (scheduling.md §4 Load shedding). */
export function isShortNow(ground: ShortGround): boolean {
  const supply = supplyNow(ground);
  return supply !== null && isTooLittle(supply, ground.settings.batches ? largestBatch : 1);
}

/**
 * Announced once it was short for two build durations without a break; over once it was not for one, so that what people read does
 * not change with every change that comes or goes.
 */
export function noteShortage(known: Shortage | null, isShort: boolean, now: number, minutes: number): Shortage | null {
  if (isShort) {
    const since = known?.since ?? now;
    return { since, seen: now, isAnnounced: known?.isAnnounced === true || now - since >= 2 * minutes };
  }
  return known?.isAnnounced === true && now - known.seen < minutes ? known : null;
}
