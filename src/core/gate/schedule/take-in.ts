import { noteFailure, noteGone, noteLanding, notePass } from './evidence.ts';
import type { LearnedRates, ScheduleMemory } from './memory.ts';
import type { ScheduleView } from './schedule-view.ts';
import { type LandedUnit, overlaps, type Unit, type UnitBuild, type UnitId } from './unit.ts';

/** What was seen more than about so many times ago counts little. */
const remembered = 0.99;
const askedMinutes = 240;

function without<Value>(map: ReadonlyMap<UnitId, Value>, keeps: (id: UnitId) => boolean): ReadonlyMap<UnitId, Value> {
  for (const id of map.keys()) if (!keeps(id)) return new Map([...map].filter(([each]) => keeps(each)));
  return map;
}

function kept<Id>(set: ReadonlySet<Id>, keeps: (id: Id) => boolean): ReadonlySet<Id> {
  for (const id of set) if (!keeps(id)) return new Set([...set].filter(keeps));
  return set;
}

function more(map: ReadonlyMap<UnitId, number>, ids: readonly UnitId[]): ReadonlyMap<UnitId, number> {
  if (ids.length === 0) return map;
  const next = new Map(map);
  for (const id of ids) next.set(id, (next.get(id) ?? 0) + 1);
  return next;
}

/** What became of a unit says how often those that meet do not pass together: whatever its prior did not expect. */
function resolved({ rates, met }: ScheduleMemory, { id, prior }: Pick<Unit, 'id' | 'prior'>, bad: 0 | 1): LearnedRates {
  return {
    ...rates,
    conflicts: rates.conflicts + bad - (1 - prior),
    meetings: rates.meetings + prior * (met.get(id) ?? 0),
  };
}

function withFlakes(rates: LearnedRates, flakes: number): LearnedRates {
  return { ...rates, flakes: rates.flakes + flakes, goodBuilds: rates.goodBuilds + flakes };
}

/** The units are being rejected now. */
export function takeRejections(memory: ScheduleMemory, units: readonly Unit[]): ScheduleMemory {
  let { rates } = memory;
  for (const unit of units) rates = resolved({ ...memory, rates }, unit, 1);
  return { ...memory, rates };
}

function takeLanding(memory: ScheduleMemory, landed: LandedUnit, units: readonly Unit[]): ScheduleMemory {
  const touching = units.filter(({ touches }) => overlaps(touches, landed.touches));
  const { rates } = memory;
  const { evidence, flakes } = noteLanding(memory.evidence, landed.id);
  const passedBy = touching.filter(({ askedAt }) => askedAt < landed.askedAt);
  return {
    ...memory,
    overtaken: more(
      memory.overtaken,
      passedBy.map(({ id }) => id),
    ),
    met: more(
      memory.met,
      touching.map(({ id }) => id),
    ),
    evidence,
    rates: {
      ...withFlakes(resolved(memory, landed, 0), flakes),
      spent: rates.spent * remembered,
      landed: rates.landed * remembered + 1,
    },
  };
}

function spend({ rates }: ScheduleMemory, minutes: number): LearnedRates {
  return { ...rates, spent: rates.spent + minutes };
}

/** What failed before and passed now was a flake each time; a build of good units that passed was none. */
function takePass(memory: ScheduleMemory, build: UnitBuild, left: readonly UnitId[], minutes: number): ScheduleMemory {
  const { evidence, flakes } = notePass(memory.evidence, left);
  const alone = memory.evidence.flatMap(({ members }) =>
    members.length === 1 && !evidence.some((set) => set.members === members) ? members : [],
  );
  const rates = spend(memory, minutes);
  const isWhole = build.heads.length === 1;
  return {
    ...memory,
    evidence,
    passed: new Set([...memory.passed, ...left]),
    released: alone.length === 0 ? memory.released : new Set([...memory.released, ...alone]),
    rates: {
      ...rates,
      flakes: rates.flakes + flakes,
      goodBuilds: rates.goodBuilds + flakes + 1,
      buildMinutes: rates.buildMinutes + (isWhole ? minutes : 0),
      measured: rates.measured + (isWhole ? 1 : 0),
    },
  };
}

function takeVerdict(memory: ScheduleMemory, build: UnitBuild, view: ScheduleView): ScheduleMemory {
  const left = build.included.filter((id) => !view.hasLanded(id));
  const minutes = view.now - build.startedAt;
  const taken = { ...memory, taken: new Set([...memory.taken, build.key]) };
  if (left.length === 0) return { ...taken, rates: spend(taken, minutes) };
  if (build.verdict === 'passed') return takePass(taken, build, left, minutes);
  return { ...taken, evidence: noteFailure(taken.evidence, left), rates: spend(taken, minutes) };
}

function takeAsked({ rates }: ScheduleMemory, { units }: ScheduleView): LearnedRates {
  const fresh = units.filter(({ askedAt }) => askedAt > rates.lastAsked).map(({ askedAt }) => askedAt);
  if (fresh.length === 0) return rates;
  const last = Math.max(...fresh);
  const firstAsked = rates.firstAsked ?? Math.min(...fresh);
  const faded = rates.asked * Math.exp(-(last - Math.max(rates.lastAsked, firstAsked)) / askedMinutes);
  return { ...rates, asked: faded + fresh.length, lastAsked: last, firstAsked };
}

/** Units asked for in a minute, lately; nothing is said of less than an hour. */
export function askingRate({ asked, lastAsked, firstAsked }: LearnedRates, now: number): number {
  if (firstAsked === null) return 0;
  const span = Math.max(60, now - firstAsked);
  const faded = asked * Math.exp(-(now - lastAsked) / askedMinutes);
  return faded / (askedMinutes * (1 - Math.exp(-span / askedMinutes)));
}

/** Takes in what happened since the pass before: landings first, then verdicts, then who is gone. */
export function takeIn(given: ScheduleMemory, view: ScheduleView): ScheduleMemory {
  const waiting = new Set(view.units.map(({ id }) => id));
  const waits = (id: UnitId): boolean => waiting.has(id);
  let memory: ScheduleMemory = { ...given, rates: takeAsked(given, view) };
  for (const landed of view.landed.slice(given.landings)) memory = takeLanding(memory, landed, view.units);
  memory = { ...memory, landings: view.landed.length };
  for (const build of view.builds)
    if (build.verdict !== 'pending' && !memory.taken.has(build.key)) memory = takeVerdict(memory, build, view);
  const known = new Set(view.builds.map(({ key }) => key));
  return {
    ...memory,
    taken: kept(memory.taken, (key) => known.has(key)),
    evidence: noteGone(memory.evidence, (id) => !waits(id)),
    passed: kept(memory.passed, waits),
    met: without(memory.met, waits),
    overtaken: without(memory.overtaken, waits),
    places: without(memory.places, waits),
    released: kept(memory.released, waits),
  };
}
