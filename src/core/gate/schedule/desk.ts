import type { Beliefs } from './beliefs.ts';
import { canBeMade } from './can-be-made.ts';
import type { Evidence } from './evidence.ts';
import { jointOdds } from './joint-odds.ts';
import type { LandingGround } from './land-units.ts';
import { flakeRate, type ScheduleMemory } from './memory.ts';
import { dependenciesIn, onProbation } from './order.ts';
import type { ScheduleSettings, ScheduleView } from './schedule-view.ts';
import { type Tried, triedBy } from './tried.ts';
import type { Unit, UnitBuild, UnitId } from './unit.ts';

/** What was decided before slots are spent. */
export interface SpendGround {
  readonly view: ScheduleView;
  readonly memory: ScheduleMemory;
  readonly settings: ScheduleSettings;
  readonly beliefs: Beliefs;
  /** What is believed to have failed for a reason of its own. */
  readonly sets: Evidence;
  /** Without what is worthless. */
  readonly builds: readonly UnitBuild[];
  readonly landing: LandingGround;
  /** Those that may land as soon as anything does: nothing more is asked of them. */
  readonly ready: ReadonlySet<UnitId>;
}

/** The same with what is worked out once for all guesses of a pass. */
export interface Desk extends SpendGround {
  /** Those for which guesses are made, in order; nobody on probation is among them. */
  readonly queue: readonly Unit[];
  /** By unit, how often it failed alone. */
  readonly probation: ReadonlyMap<UnitId, number>;
  readonly dependenciesOf: (id: UnitId) => readonly UnitId[];
  readonly tried: Tried;
  readonly together: (included: readonly UnitId[], head: UnitId) => number;
  /** More wait without a build than slots are free. */
  readonly isScarce: boolean;
  /** Those with a build, the one that began first first. */
  readonly tested: readonly UnitId[];
}

export function freeSlots({ view }: SpendGround): number {
  return view.slots - view.builds.filter(({ verdict }) => verdict === 'pending').length;
}

/** At most so many heads are looked at (scheduling.md §4 Complexity bound). */
export function mostHeads({ slots }: ScheduleView): number {
  return 2 * slots + 40;
}

export function deskFor(ground: SpendGround): Desk {
  const { view, memory, settings, beliefs, sets, builds, landing } = ground;
  const probation = onProbation(memory);
  const queue = landing.order.filter(({ id }) => !probation.has(id)).slice(0, mostHeads(view));
  const dependencies = dependenciesIn(queue);
  const tried = triedBy(builds, landing, {
    dependsOn: dependencies.isOn,
    beliefIn: beliefs.of,
    landsPrefixes: settings.landsPrefixes,
  });
  const tested = queue.map(({ id }) => id).filter(tried.isTried);
  return {
    ...ground,
    queue,
    probation,
    dependenciesOf: dependencies.of,
    tried,
    together: jointOdds(sets, beliefs, settings.flake ?? flakeRate(memory.rates), canBeMade(view)),
    isScarce: queue.filter(({ id }) => !tried.isTried(id)).length > Math.max(0, freeSlots(ground)),
    tested: tested.sort((one, other) => tried.since(one) - tried.since(other)),
  };
}
