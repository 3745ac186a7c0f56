import type { Draws } from './chance.ts';
import type { Process, Sim } from './sim.ts';

/** What becomes of one call of a port: where on its way the caller dies or the message is lost. */
export type Fate = 'fine' | 'before' | 'after' | 'on return' | 'request lost' | 'answer lost' | 'slow' | Loss;

/** The caller dies before the call, and with it goes all that Redis knew, or what it came to know lately. */
export type Loss = 'before, Redis emptied' | 'before, Redis set back';

/** Where a process is to die: so many of its calls later, or of those calls of it that have this name. */
export interface Aim {
  readonly where: string | null;
  readonly skipped: number;
  readonly fate: Fate;
}

export interface Calls {
  /** A call whose effect happens at once at the far end. */
  call<T>(process: Process, where: string, effect: () => T): Promise<T>;
  /** A call whose far end takes its time and then answers once. */
  wait<T>(
    process: Process,
    where: string,
    effect: (answer: (value: T) => void, fail: (cause: Error) => void) => void,
  ): Promise<T>;
  /** Calls the process back after so long, unless it is dead by then. */
  later(process: Process, milliseconds: number, what: () => void): () => void;
  /** This fate meets a call of this process that is still to come; the newest aim at it counts. */
  aim(process: Process, aim: Aim): void;
  /** How often each call met each fate. */
  readonly met: ReadonlyMap<string, ReadonlyMap<Fate, number>>;
  /** The faults that happened, as `where#count` → fate; given again they happen again. */
  readonly happened: ReadonlyMap<string, Fate>;
}

export interface CallRules {
  /** Only these faults happen; null: chance decides. */
  readonly given: ReadonlyMap<string, Fate> | null;
  readonly crash: (process: Process, why: string) => void;
  readonly lose: (loss: Loss) => void;
  /** Counts the lives of the far end: an answer of another life is lost. */
  readonly lifeOf: (where: string) => number;
}

/** Calls that are seldom made are hit more often, so that each is hit at all. */
const seldom: Readonly<Record<string, number>> = {
  'intake.quarantine': 0.3,
  'source.noteTip': 0.4,
  'source.tipOf': 0.4,
  'intake.seen': 0.05,
  'deliveries.deliveries': 0.05,
  'deliveries.redeliver': 0.1,
  'notes.write': 0.03,
  'notes.lease': 0.01,
  'notes.life': 0.03,
  'forge.pullRequestsAt': 0.3,
  'logs.tail': 0.03,
  'forge.hasReacted': 0.05,
  'forge.react': 0.03,
  'forge.reply': 0.03,
  'forge.installedAt': 0.02,
  'forge.projects': 0.02,
  'forge.openPullRequests': 0.02,
  'forge.checkoutToken': 0.05,
  'forge.checkRuns': 0.02,
  'executor.start': 0.02,
  'executor.stop': 0.05,
  'executor.remove': 0.02,
  'executor.follow': 0.01,
  'logs.begin': 0.02,
  'logs.write': 0.02,
  'logs.end': 0.02,
  'intake.finish': 0.02,
  'landing.land': 0.02,
  'gateForge.close': 0.05,
  'intake.accept': 0.01,
  'line.grant': 0.02,
  'checks.create': 0.02,
  'documents.save': 0.01,
  'registry.find': 0.01,
  'registry.copy': 0.05,
  'registry.tag': 0.05,
  'registry.untag': 0.05,
  'registry.tags': 0.1,
};

const latencies: Readonly<Record<string, readonly [number, number]>> = {
  forge: [50, 900],
  source: [50, 2000],
  deliveries: [50, 900],
  checks: [50, 900],
  executor: [20, 500],
  gateForge: [50, 900],
  landing: [20, 1500],
  registry: [20, 1500],
};

/** What is known of one call of a port: how it fares in this world, and how long it takes. */
interface Road {
  readonly fate: Draws;
  readonly times: Draws;
  readonly low: number;
  readonly high: number;
  /** Sums of the rates, in the order of `ends`. */
  readonly steps: readonly number[];
  readonly met: Map<Fate, number>;
  made: number;
}

const ends: readonly Fate[] = ['before', 'after', 'on return', 'request lost', 'answer lost', 'slow'];

function roadTo(sim: Sim, where: string): Road {
  const { rates } = sim.knobs;
  const boost = (rate: number): number => (rate === 0 ? 0 : Math.max(rate, seldom[where] ?? 0));
  const crash = boost(rates.crash);
  const each = [crash / 2, crash / 4, crash / 4, boost(rates.lostRequest), boost(rates.lostAnswer), rates.slowAnswer];
  let sum = 0;
  const steps = each.map((rate) => {
    sum += rate;
    return sum;
  });
  const [low, high] = latencies[where.slice(0, where.indexOf('.'))] ?? [1, 10];
  const fate = sim.chance.stream(`fate of ${where}`);
  const times = sim.chance.stream(`time of ${where}`);
  return { fate, times, low, high, steps, met: new Map(), made: 0 };
}

function isBefore(fate: Fate): fate is 'before' | Loss {
  return fate === 'before' || fate === 'before, Redis emptied' || fate === 'before, Redis set back';
}

function fateOn({ fate, steps }: Road): Fate {
  const dice = fate.unit();
  if (dice >= (steps.at(-1) ?? 0)) return 'fine';
  return ends[steps.findIndex((sum) => dice < sum)] ?? 'fine';
}

export function createCalls(sim: Sim, rules: CallRules): Calls {
  const roads = new Map<string, Road>();
  const met = new Map<string, ReadonlyMap<Fate, number>>();
  const happened = new Map<string, Fate>();
  const aims = new Map<Process, Aim>();

  /** What was aimed at the call that is made now; null: nothing, and what was is one call nearer. */
  function aimed(process: Process, where: string): Fate | null {
    const aim = aims.get(process);
    if (!aim || (aim.where !== null && aim.where !== where)) return null;
    aims.delete(process);
    if (aim.skipped === 0) return aim.fate;
    aims.set(process, { ...aim, skipped: aim.skipped - 1 });
    return null;
  }

  function roadOf(where: string): Road {
    const there = roads.get(where);
    if (there) return there;
    const road = roadTo(sim, where);
    roads.set(where, road);
    met.set(where, road.met);
    return road;
  }

  function decide(process: Process, where: string, road: Road): Fate {
    road.made += 1;
    const { given } = rules;
    const drawn = (): Fate => {
      if (!sim.faultsOn()) return 'fine';
      const chance = fateOn(road);
      const meant = aimed(process, where);
      if (meant !== null) sim.note(`aimed: ${meant}: ${where}`);
      return meant ?? chance;
    };
    const fate = given ? (given.get(`${where}#${road.made}`) ?? 'fine') : drawn();
    road.met.set(fate, (road.met.get(fate) ?? 0) + 1);
    if (fate !== 'fine') {
      const key = `${where}#${road.made}`;
      happened.set(key, fate);
      sim.tell(() => `fault: ${key} ${fate}`);
    }
    return fate;
  }

  function later(process: Process, milliseconds: number, what: () => void): () => void {
    const arrive = (): void => {
      if (!process.alive) return;
      const wait = process.pausedUntil - sim.time.now();
      if (wait > 0) sim.time.after(wait, arrive);
      else what();
    };
    return sim.time.after(milliseconds, arrive);
  }

  /** The way back of one call: the caller may die on it, or never get the answer. */
  function wayBack(process: Process, where: string, road: Road, fate: Fate, reject: (cause: Error) => void) {
    const { low, high, times } = road;
    return (settle: () => void): void => {
      const life = rules.lifeOf(where);
      if (fate === 'after') {
        rules.crash(process, `after ${where}`);
        return;
      }
      const delay = fate === 'slow' ? times.between(5_000, 60_000) : 0;
      later(process, times.between(low, high) / 2 + delay, () => {
        if (fate === 'on return') rules.crash(process, `on return from ${where}`);
        else if (fate === 'answer lost' || rules.lifeOf(where) !== life)
          reject(new Error(`${where}: the answer was lost`));
        else settle();
      });
    };
  }

  const wait: Calls['wait'] = (process, where, effect) =>
    new Promise((resolve, reject) => {
      if (!process.alive) return;
      const road = roadOf(where);
      const fate = decide(process, where, road);
      sim.tell(() => `${process.name}: ${where}`);
      if (isBefore(fate)) {
        if (fate !== 'before') rules.lose(fate);
        rules.crash(process, `before ${where}`);
        return;
      }
      if (fate === 'request lost') {
        later(process, 2000 + road.high * 4, () => reject(new Error(`${where}: the request was lost`)));
        return;
      }
      const back = wayBack(process, where, road, fate, reject);
      // The far end does its work even when the caller has just died.
      sim.time.after(road.times.between(road.low, road.high) / 2, () => {
        try {
          effect(
            (value) => back(() => resolve(value)),
            (cause) => back(() => reject(cause)),
          );
        } catch (cause) {
          back(() => reject(cause));
        }
      });
    });

  return {
    met,
    happened,
    later,
    aim: (process, aim) => void aims.set(process, aim),
    wait,
    call: (process, where, effect) => wait(process, where, (answer) => answer(effect())),
  };
}
