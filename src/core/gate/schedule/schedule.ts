import { type Beliefs, formBeliefs } from './beliefs.ts';
import { mostHeads } from './desk.ts';
import { minimalSets } from './evidence.ts';
import { governCost } from './govern-cost.ts';
import { type LandingGround, unitsToLand } from './land-units.ts';
import { conflictRate, flakeRate, meanMinutes, placeIn, type ScheduleMemory } from './memory.ts';
import { groundOf, onProbation, orderOf, suspectsOf } from './order.ts';
import type { ScheduleSettings, ScheduleView } from './schedule-view.ts';
import { type Rejection, rejections } from './settle-failures.ts';
import { shedLoad } from './shed-load.ts';
import { isShortNow, noteShortage } from './shortage.ts';
import { type NewBuild, spendSlots } from './spend-slots.ts';
import { takeIn, takeRejections } from './take-in.ts';
import { isWorthless } from './tried.ts';
import type { Unit, UnitBuild, UnitId } from './unit.ts';

export interface SchedulePlan {
  readonly memory: ScheduleMemory;
  /** Units that may land now, in order: all of them or none. Where there are some, nothing else is asked for. */
  readonly land: readonly UnitId[];
  /** Key of the build by which they may; null: none may. */
  readonly landBy: string | null;
  readonly reject: readonly Rejection[];
  /** Keys of builds: one that runs ends, one that ended is forgotten. */
  readonly drop: readonly string[];
  readonly start: readonly NewBuild[];
}

const nothing = { land: [], landBy: null, reject: [], drop: [], start: [] };

/** Minutes: less than what lies between two that are asked for. */
const justBehind = 1e-6;

/** What is run by itself now: it may land as soon as that has passed. */
function triedAlone({ builds, hasLanded }: ScheduleView): readonly UnitId[] {
  return builds.flatMap(({ verdict, included }) => {
    const left = included.filter((id) => !hasLanded(id));
    return verdict === 'pending' && left.length === 1 ? left : [];
  });
}

/**
 * Those that passed on probation and cannot land at once queue behind all that is tested already. Those in `stays` may land soon, and
 * those that others need keep their place, as those could not land ahead of them.
 */
function returnReleased(memory: ScheduleMemory, view: ScheduleView, stays: ReadonlySet<UnitId>): ScheduleMemory {
  if ([...memory.released].every((id) => stays.has(id))) return memory;
  const tested = new Set(view.builds.flatMap(({ heads }) => heads));
  const placeOf = (unit: Unit): number => placeIn(memory, unit);
  const places = new Map(memory.places);
  const last = Math.max(...view.units.filter(({ id }) => tested.has(id) && !memory.released.has(id)).map(placeOf));
  const needed = new Set(view.units.flatMap(({ needs }) => needs));
  for (const unit of view.units.filter(({ id }) => memory.released.has(id) && !stays.has(id)))
    if (placeOf(unit) <= last && !needed.has(unit.id)) places.set(unit.id, last + justBehind);
  return { ...memory, places, released: new Set([...memory.released].filter((id) => stays.has(id))) };
}

/** What one build lets land; where commits must be green one by one, only what it was started for. */
function landable(build: UnitBuild, ground: LandingGround, settings: ScheduleSettings): readonly UnitId[] {
  const { landsPrefixes, landsParts } = settings;
  if (build.verdict !== 'passed') return [];
  const found = unitsToLand(build, ground);
  if (found.kind !== 'land') return [];
  // What cannot land now must not keep from landing what can.
  if (!landsParts && build.included.some((id) => !ground.hasLanded(id) && !found.units.includes(id))) return [];
  return landsPrefixes || found.units.every((id) => build.heads.includes(id)) ? found.units : [];
}

function takeInAll(given: ScheduleMemory, view: ScheduleView, settings: ScheduleSettings): ScheduleMemory {
  const memory = takeIn(given, view);
  return memory.landings === given.landings ? memory : { ...memory, rates: governCost(memory.rates, settings) };
}

/** Notes whether more is asked for than could be landed, and does what there is to do while it is (scheduling.md §4 Load shedding). */
function shedIfShort(
  memory: ScheduleMemory,
  view: ScheduleView,
  beliefs: Beliefs,
  settings: ScheduleSettings,
): ScheduleMemory {
  // Without a slot nothing can be said.
  if (!settings.sheds || view.slots === 0) return memory;
  const order = orderOf(view, memory);
  const probation = onProbation(memory);
  const queue = order.filter(({ id }) => !probation.has(id)).slice(0, mostHeads(view));
  const isShort = isShortNow({ view, memory, settings, beliefs, queue });
  const noted = { ...memory, short: noteShortage(memory.short, isShort, view.now, meanMinutes(memory.rates)) };
  return noted.short?.isAnnounced === true ? shedLoad(noted, view, beliefs, queue, settings) : noted;
}

/**
 * One pass of the scheduler (scheduling.md §4): what is to start, stop, land and leave, from what waits and what builds said. It
 * is asked again after every landing or rejection until it wants nothing. Pure; whatever it does, only what `unitsToLand` says
 * may land.
 */
export function schedule(given: ScheduleMemory, view: ScheduleView, settings: ScheduleSettings): SchedulePlan {
  const taken = takeInAll(given, view, settings);
  const flake = settings.flake ?? flakeRate(taken.rates);
  const conflict = settings.conflict ?? conflictRate(taken.rates);
  const sets = settings.minimalSets ? minimalSets(taken.evidence) : taken.evidence;
  const beliefs = formBeliefs(view, taken, sets, { flake, conflict });
  const memory = shedIfShort(taken, view, beliefs, settings);
  const order = orderOf(view, memory);
  const ground = groundOf(view, order, suspectsOf(memory, beliefs, order, settings.mostOvertakings));
  const landings = view.builds
    .map((build) => ({ by: build.key, land: landable(build, ground, settings) }))
    .filter(({ land }) => land.length > 0);
  const [first] = landings;
  if (first && view.isShut !== true) return { ...nothing, memory, land: first.land, landBy: first.by };
  const reject = rejections(memory, beliefs, flake, settings);
  if (reject.length > 0) {
    const rejected = view.units.filter(({ id }) => reject.some(({ unit }) => unit === id));
    return { ...nothing, memory: takeRejections(memory, rejected), reject };
  }
  const ready = new Set(landings.flatMap(({ land }) => land));
  const returned = returnReleased(memory, view, new Set([...ready, ...triedAlone(view)]));
  const landing = returned === memory ? ground : groundOf(view, orderOf(view, returned), ground.suspects);
  const worthless = new Set(view.builds.filter((build) => isWorthless(build, landing, returned.evidence)));
  const builds = view.builds.filter((build) => !worthless.has(build));
  const now = { ...view, builds };
  const { starts, stops } = spendSlots({
    view: now,
    memory: returned,
    settings,
    beliefs,
    sets,
    builds,
    landing,
    ready,
  });
  const drop = [...[...worthless].map(({ key }) => key), ...stops];
  return { ...nothing, memory: returned, drop, start: starts };
}
