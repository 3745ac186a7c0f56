import type { UnitId } from './unit.ts';

/** What is known of one unit when it is foreseen when it lands. */
export interface ForeseenUnit {
  readonly id: UnitId;
  /** That it is good, as it is believed now. */
  readonly belief: number;
  /** Ahead of it, and not landed; in order. */
  readonly dependencies: readonly UnitId[];
  /** For how long its newest build has run, minutes; null: it waits for a slot. Negative infinity: it has passed. */
  readonly running: number | null;
}

/** Minutes from now; null: it does not land in so many cases. */
export interface Foresight {
  readonly p50: number | null;
  readonly p90: number | null;
  readonly because: string;
}

export interface ForesightGround {
  /** In the order in which they should land. */
  readonly units: readonly ForeseenUnit[];
  readonly freeSlots: number;
  /** Minutes of builds that passed lately, at least one. */
  readonly durations: readonly number[];
  /** At least 0, less than 1. */
  readonly unit: () => number;
}

const draws = 200;

interface Draw {
  /** When its test ends; then it is known to be good or bad. */
  readonly tested: number;
  readonly isGood: boolean;
}

/** How much longer a build takes that has run for so long, as one of those that took longer did. */
function remaining({ durations, unit }: ForesightGround, ran: number): number {
  const longer = durations.filter((minutes) => minutes > ran);
  const minutes = longer[Math.floor(unit() * longer.length)];
  // Longer than any before it: as likely as not it takes a tenth longer still.
  return minutes === undefined ? 0.1 * ran : minutes - ran;
}

/** When each is tested and what comes out, once: those without a build take slots in order, as they become free. */
function drawTests(ground: ForesightGround): ReadonlyMap<UnitId, Draw> {
  const { units, freeSlots, unit } = ground;
  const free = Array.from({ length: freeSlots }, () => 0);
  const found = new Map<UnitId, Draw>();
  for (const { id, belief, running } of units) {
    if (running === null) continue;
    const tested = running === Number.NEGATIVE_INFINITY ? 0 : remaining(ground, running);
    if (tested > 0) free.push(tested);
    found.set(id, { tested, isGood: unit() < belief });
  }
  for (const { id, belief, running } of units) {
    if (running !== null) continue;
    const next = free.length === 0 ? Number.POSITIVE_INFINITY : Math.min(...free);
    const tested = next + remaining(ground, 0);
    free.splice(free.indexOf(next), 1, tested);
    found.set(id, { tested, isGood: unit() < belief });
  }
  return found;
}

/**
 * When each lands, once; infinite: never. What was tested on something bad is tested anew when that is known; what is bad keeps
 * those behind it waiting for as long as it takes to try it once more.
 */
function drawLandings(ground: ForesightGround): ReadonlyMap<UnitId, number> {
  const tests = drawTests(ground);
  const decided = new Map<UnitId, number>();
  const landings = new Map<UnitId, number>();
  for (const { id, dependencies } of ground.units) {
    const own = tests.get(id) ?? { tested: 0, isGood: true };
    const known = dependencies.filter((need) => decided.has(need));
    const bad = known.filter((need) => tests.get(need)?.isGood === false);
    const anew =
      bad.length === 0 ? 0 : Math.max(...bad.map((need) => tests.get(need)?.tested ?? 0)) + remaining(ground, 0);
    const at = Math.max(
      own.tested,
      anew,
      ...known.filter((need) => !bad.includes(need)).map((need) => decided.get(need) ?? 0),
    );
    decided.set(id, own.isGood ? at : at + remaining(ground, 0));
    landings.set(id, own.isGood ? at : Number.POSITIVE_INFINITY);
  }
  return landings;
}

function quantile(sorted: readonly number[], share: number): number | null {
  const found = sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? Number.POSITIVE_INFINITY;
  return Number.isFinite(found) ? found : null;
}

/** In steps of five, as nobody knows better, and so that not every pass says something else. */
function percent(share: number): string {
  return `${Math.max(5, Math.min(95, Math.round(20 * share) * 5))} %`;
}

function whyWaits({ running, dependencies }: ForeseenUnit, byId: ReadonlyMap<UnitId, ForeseenUnit>): string {
  const [first] = dependencies.flatMap((id) => byId.get(id) ?? []);
  const now = (of: ForeseenUnit): string =>
    of.running === null ? 'waits for a slot' : of.running === Number.NEGATIVE_INFINITY ? 'has passed' : 'is running';
  if (first) return `behind ${first.id}, which ${now(first)} and is ${percent(first.belief)} likely to pass`;
  if (running === null) return 'it waits for a slot';
  return running === Number.NEGATIVE_INFINITY ? 'it lands next' : 'its build is running';
}

/** When each unit may land, by playing what is believed now 200 times (scheduling.md §4 ETA), and what it waits for first. */
export function foresee(ground: ForesightGround): ReadonlyMap<UnitId, Foresight> {
  const landings = Array.from({ length: draws }, () => drawLandings(ground));
  const byId = new Map(ground.units.map((unit) => [unit.id, unit]));
  return new Map(
    ground.units.map((unit) => {
      const times = landings
        .map((all) => all.get(unit.id) ?? Number.POSITIVE_INFINITY)
        .sort((one, other) => one - other);
      const because = whyWaits(unit, byId);
      return [unit.id, { p50: quantile(times, 0.5), p90: quantile(times, 0.9), because }];
    }),
  );
}
