import { meanMinutes, type ScheduleMemory } from './memory.ts';
import type { ScheduleSettings, ScheduleView } from './schedule-view.ts';
import { askingRate } from './take-in.ts';

/** Of fewer that wait it is not said that they are many. */
const few = 10;
/** Where nobody waits but for the own build, as many wait as are asked for while one runs. */
const usual = 1.2;
/** Twice as many as usual: an eighth of the score is enough. */
const power = 3;
const floor = 0.02;

/** How many times as many wait as are asked for while a build runs. */
function backlog({ view, memory }: LeastGround): number {
  return view.units.length / Math.max(1, askingRate(memory.rates, view.now) * meanMinutes(memory.rates));
}

export interface LeastGround {
  readonly view: Pick<ScheduleView, 'units' | 'now'>;
  readonly memory: Pick<ScheduleMemory, 'rates'>;
  readonly settings: Pick<ScheduleSettings, 'least' | 'lessUnderLoad'>;
}

/**
 * τ as it is now: no guess that is less likely gets a build. The more wait, the more each depends on, and the less likely is every
 * guess of it: with one figure for all times slots would stay free while a queue that has once grown cannot shrink any more. What
 * landings may cost (scheduling.md §4 Cost governor) goes before it.
 */
export function leastNow(ground: LeastGround): number {
  const { view, memory, settings } = ground;
  if (memory.rates.least !== null) return memory.rates.least;
  const { least, lessUnderLoad } = settings;
  if (!lessUnderLoad || view.units.length < few) return least;
  return Math.min(least, Math.max(floor, least * (usual / backlog(ground)) ** power));
}
