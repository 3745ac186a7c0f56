import type { Process, Sim } from './sim.ts';

/** What becomes of one call of a port: where on its way the caller dies or the message is lost. */
export type Fate = 'fine' | 'before' | 'after' | 'on return' | 'request lost' | 'answer lost' | 'slow';

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
  /** How often each call met each fate. */
  readonly met: ReadonlyMap<string, ReadonlyMap<Fate, number>>;
  /** The faults that happened, as `where#count` → fate; given again they happen again. */
  readonly happened: ReadonlyMap<string, Fate>;
}

export interface CallRules {
  /** Only these faults happen; null: chance decides. */
  readonly given: ReadonlyMap<string, Fate> | null;
  readonly crash: (process: Process, why: string) => void;
  /** Counts the lives of the far end: an answer of another life is lost. */
  readonly lifeOf: (where: string) => number;
}

/** Calls that are seldom made are hit more often, so that each is hit at all. */
const seldom: Readonly<Record<string, number>> = {
  'intake.quarantine': 0.15,
  'intake.seen': 0.05,
  'deliveries.deliveries': 0.05,
  'deliveries.redeliver': 0.1,
  'notes.write': 0.03,
  'notes.lease': 0.01,
  'forge.pullRequestsAt': 0.1,
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
  'intake.accept': 0.01,
  'line.grant': 0.02,
  'checks.create': 0.02,
  'documents.save': 0.01,
};

const latencies: Readonly<Record<string, readonly [number, number]>> = {
  forge: [50, 900],
  source: [50, 2000],
  deliveries: [50, 900],
  checks: [50, 900],
  executor: [20, 500],
};

function fateOf(sim: Sim, where: string): Fate {
  if (!sim.faultsOn()) return 'fine';
  const { rates } = sim.knobs;
  const draws = sim.chance.stream(`fate of ${where}`);
  const dice = draws.unit();
  const boost = (rate: number): number => (rate === 0 ? 0 : Math.max(rate, seldom[where] ?? 0));
  let sum = 0;
  const within = (rate: number): boolean => {
    sum += rate;
    return dice < sum;
  };
  if (within(boost(rates.crash) / 2)) return 'before';
  if (within(boost(rates.crash) / 4)) return 'after';
  if (within(boost(rates.crash) / 4)) return 'on return';
  if (within(boost(rates.lostRequest))) return 'request lost';
  if (within(boost(rates.lostAnswer))) return 'answer lost';
  return within(rates.slowAnswer) ? 'slow' : 'fine';
}

export function createCalls(sim: Sim, rules: CallRules): Calls {
  const met = new Map<string, Map<Fate, number>>();
  const happened = new Map<string, Fate>();
  const made = new Map<string, number>();

  function decide(where: string): Fate {
    const count = (made.get(where) ?? 0) + 1;
    made.set(where, count);
    const key = `${where}#${count}`;
    const fate = rules.given ? (rules.given.get(key) ?? 'fine') : fateOf(sim, where);
    const fates = met.get(where) ?? new Map<Fate, number>();
    met.set(where, fates.set(fate, (fates.get(fate) ?? 0) + 1));
    if (fate !== 'fine') {
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

  const wait: Calls['wait'] = (process, where, effect) =>
    new Promise((resolve, reject) => {
      if (!process.alive) return;
      const fate = decide(where);
      const [low, high] = latencies[where.slice(0, where.indexOf('.'))] ?? [1, 10];
      const draws = sim.chance.stream(`time of ${where}`);
      const travel = (): number => draws.between(low, high) / 2;
      sim.tell(() => `${process.name}: ${where}`);
      if (fate === 'before') return rules.crash(process, `before ${where}`);
      if (fate === 'request lost')
        return void later(process, 2000 + high * 4, () => reject(new Error(`${where}: the request was lost`)));
      const back = (settle: () => void): void => {
        const life = rules.lifeOf(where);
        if (fate === 'after') return rules.crash(process, `after ${where}`);
        later(process, travel() + (fate === 'slow' ? draws.between(5_000, 60_000) : 0), () => {
          if (fate === 'on return') rules.crash(process, `on return from ${where}`);
          else if (fate === 'answer lost' || rules.lifeOf(where) !== life)
            reject(new Error(`${where}: the answer was lost`));
          else settle();
        });
      };
      // The far end does its work even when the caller has just died.
      sim.time.after(travel(), () => {
        try {
          effect(
            (value) => back(() => resolve(value)),
            (cause) => back(() => reject(cause)),
          );
        } catch (cause) {
          back(() => reject(cause));
        }
      });
      return undefined;
    });

  return {
    met,
    happened,
    later,
    wait,
    call: (process, where, effect) => wait(process, where, (answer) => answer(effect())),
  };
}
