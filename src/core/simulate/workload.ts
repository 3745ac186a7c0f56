import type { Arrival } from './arrival.ts';
import { type Draws, drawsOf, normal } from './chance.ts';

/** What a generated workload is made of (rates are probabilities). */
export interface WorkloadSettings {
  readonly seed: number;
  /** Arrivals per hour, Poisson. */
  readonly rate: number;
  /** Changes arrive for so long, the warm-up included. */
  readonly minutes: number;
  /** Share of changes that fail by themselves. */
  readonly fail: number;
  /** Of two changes that share a module, that they do not pass together. */
  readonly conflict: number;
  readonly modules: number;
  /** How much durations differ: σ of their logarithm; left out: 0.5. */
  readonly spread?: number;
  /** No build takes longer, minutes; left out: 120. */
  readonly longest?: number;
  /** Changes that arrive besides, together; left out: none. */
  readonly bursts?: Bursts;
}

/** `changes` arrive within `minutes`, evenly drawn, once in every `everyHours`, in the middle of them. */
export interface Bursts {
  readonly everyHours: number;
  readonly changes: number;
  readonly minutes: number;
}

/** Pairs further apart than so many arrivals are never in the queue together in any run that is worth looking at. */
const farthestConflict = 2_000;
const riskyShare = 0.15;
const riskyFactor = 5;
const labelAccuracy = 0.85;

function minutesOf(draws: Draws, { spread = 0.5, longest = 120 }: WorkloadSettings): number {
  return Math.min(longest, Math.max(5, 30 * Math.exp(spread * normal(draws))));
}

/** Popularity of module k goes with k^-0.8. */
function modulePicker(count: number): (draws: Draws) => string {
  const sums: number[] = [];
  for (let rank = 1; rank <= count; rank += 1) sums.push((sums.at(-1) ?? 0) + rank ** -0.8);
  const total = sums.at(-1) ?? 0;
  return (draws) => {
    const at = draws.unit() * total;
    return `m${sums.findIndex((sum) => at < sum) + 1}`;
  };
}

function pickModules(draws: Draws, pick: (draws: Draws) => string, most: number): readonly string[] {
  const dice = draws.unit();
  const wanted = Math.min(most, dice < 0.7 ? 1 : dice < 0.94 ? 2 : 3);
  const chosen = new Set<string>();
  while (chosen.size < wanted) chosen.add(pick(draws));
  return [...chosen];
}

interface Risk {
  readonly fails: boolean;
  readonly prior: number;
}

/** Two classes, one five times as likely to fail; a policy sees a label that is right in 85 of 100, and what it is worth. */
function riskDrawer(fail: number): (draws: Draws) => Risk {
  const safe = Math.min(1, fail / (1 - riskyShare + riskyFactor * riskyShare));
  const risky = Math.min(1, riskyFactor * safe);
  const posterior = (labelled: boolean): number => {
    const ofRisky = riskyShare * (labelled ? labelAccuracy : 1 - labelAccuracy);
    const ofSafe = (1 - riskyShare) * (labelled ? 1 - labelAccuracy : labelAccuracy);
    return 1 - (ofRisky * risky + ofSafe * safe) / (ofRisky + ofSafe);
  };
  return (draws) => {
    const isRisky = draws.happens(riskyShare);
    const isRight = draws.happens(labelAccuracy);
    return { fails: draws.happens(isRisky ? risky : safe), prior: posterior(isRisky === isRight) };
  };
}

function burstTimes({ bursts, minutes }: WorkloadSettings, draws: Draws): readonly number[] {
  if (!bursts) return [];
  const times: number[] = [];
  for (let begins = bursts.everyHours * 30; begins < minutes; begins += bursts.everyHours * 60)
    for (let count = 0; count < bursts.changes; count += 1) times.push(begins + draws.unit() * bursts.minutes);
  return times.filter((at) => at < minutes);
}

/** Sorted minutes: a Poisson stream, and bursts from draws of their own. */
function arrivalTimes(settings: WorkloadSettings, times: Draws, bursts: Draws): readonly number[] {
  const all = [...burstTimes(settings, bursts)];
  for (let at = 0; ; ) {
    at += (-Math.log(1 - times.unit()) * 60) / settings.rate;
    if (at >= settings.minutes) return all.sort((one, other) => one - other);
    all.push(at);
  }
}

/** The workload of scheduling.md §1 without a change that touches everything and without hidden conflicts. */
export function makeWorkload(settings: WorkloadSettings): readonly Arrival[] {
  const stream = (name: string): Draws => drawsOf(settings.seed, name);
  const [spans, places, risks, pairs] = ['spans', 'modules', 'risks', 'pairs'].map(stream) as [
    Draws,
    Draws,
    Draws,
    Draws,
  ];
  const pick = modulePicker(settings.modules);
  const risk = riskDrawer(settings.fail);
  const arrivals: Arrival[] = [];
  for (const at of arrivalTimes(settings, stream('times'), stream('bursts'))) {
    const modules = pickModules(places, pick, settings.modules);
    const rivals = arrivals
      .slice(-farthestConflict)
      .filter((other) => modules.some((module) => other.modules.includes(module)) && pairs.happens(settings.conflict));
    const { fails, prior } = risk(risks);
    arrivals.push({
      id: `c${arrivals.length + 1}`,
      atMinute: at,
      buildMinutes: minutesOf(spans, settings),
      modules,
      failsAlone: fails,
      prior,
      conflictsWith: rivals.map(({ id }) => id),
    });
  }
  return arrivals;
}
