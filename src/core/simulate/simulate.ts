import { type Arrival, traceOf } from './arrival.ts';
import type { Policy } from './field.ts';
import { figuresOf, type PolicyFigures, type Span, turnaroundsOf } from './measure.ts';
import { policies } from './policies/all.ts';
import { type RunRecord, runPolicy } from './run-policy.ts';
import { makeWorkload, type WorkloadSettings } from './workload.ts';

/** What is to be simulated: changes that are made up, or those of a list. */
export interface SimulationWish {
  readonly seed: number;
  readonly slots: number;
  readonly flake: number;
  /** So often a policy looks at what has happened (minutes); left out: whenever something does. */
  readonly every?: number;
  readonly arrivals:
    | {
        readonly kind: 'generated';
        readonly hours: number;
        readonly settings: Omit<WorkloadSettings, 'seed' | 'minutes'>;
      }
    | { readonly kind: 'listed'; readonly list: readonly Arrival[] };
}

export interface PolicyResult {
  readonly about: string;
  readonly figures: PolicyFigures;
  /** Minutes, sorted. */
  readonly turnarounds: readonly number[];
  readonly queueLength: RunRecord['queueLength'];
}

export interface Simulation {
  readonly changes: number;
  readonly span: Span;
  readonly results: readonly PolicyResult[];
}

/** What arrives in it fills the queue to what is usual, and is not counted. */
const warmUpMinutes = 6 * 60;
/** So long nothing arrives any more, at the end. */
const drainMinutes = 24 * 60;
const staleMinutes = 60;

function spanOf({ arrivals }: SimulationWish): Span {
  if (arrivals.kind === 'generated') {
    const to = warmUpMinutes + arrivals.hours * 60;
    return { from: warmUpMinutes, to, end: to + drainMinutes };
  }
  const last = Math.max(0, ...arrivals.list.map(({ atMinute }) => atMinute));
  const to = (Math.floor(last / 60) + 1) * 60;
  return { from: 0, to, end: to + drainMinutes };
}

/** Arrivals and a world that are ready to be replayed for one policy after another. */
export interface Stage {
  readonly changes: number;
  readonly span: Span;
  readonly play: (policy: Policy) => PolicyResult;
}

/** The same wish gives the same stage, and the same policy the same result on it, whatever was played before. */
export function stageOf(wish: SimulationWish): Stage {
  const { seed, slots, flake, every, arrivals } = wish;
  const span = spanOf(wish);
  const list =
    arrivals.kind === 'listed' ? arrivals.list : makeWorkload({ ...arrivals.settings, seed, minutes: span.to });
  const trace = traceOf(list);
  const looks = every === undefined ? {} : { every };
  const world = { seed, slots, flake, ...looks, stale: staleMinutes, until: span.end };
  const play = (policy: Policy): PolicyResult => {
    const run = runPolicy(trace, world, policy);
    return {
      about: policy.about,
      figures: figuresOf(trace, run, span),
      turnarounds: turnaroundsOf(trace, run, span),
      queueLength: run.queueLength,
    };
  };
  return { changes: trace.changes.length, span, play };
}

/** Replays the same arrivals for each policy. The same wish gives the same result. */
export function simulate(wish: SimulationWish, chosen: readonly Policy[] = policies): Simulation {
  const { changes, span, play } = stageOf(wish);
  return { changes, span, results: chosen.map(play) };
}
