import type { SimulationWish } from './simulate.ts';
import type { WorkloadSettings } from './workload.ts';

/** One load under which queues are compared, by the name that `--regime` takes. */
export interface Regime {
  readonly name: string;
  /** As scheduling.md §6 names it, with what that leaves open. */
  readonly about: string;
  readonly slots: number;
  readonly flake: number;
  readonly hours: number;
  /** So often queues look at what has happened (minutes); left out: whenever something does. */
  readonly every?: number;
  readonly settings: Omit<WorkloadSettings, 'seed' | 'minutes'>;
}

const plain = { rate: 10, fail: 0.05, conflict: 0.035, modules: 30 };

interface Difference {
  readonly slots?: number;
  readonly flake?: number;
  readonly hours?: number;
  readonly every?: number;
  readonly settings?: Partial<Regime['settings']>;
}

function regime(name: string, about: string, more: Difference): Regime {
  const { slots = 60, flake = 0.01, hours = 48, every, settings } = more;
  return {
    name,
    about,
    slots,
    flake,
    hours,
    ...(every === undefined ? {} : { every }),
    settings: { ...plain, ...settings },
  };
}

/**
 * The fourteen of scheduling.md §6. Where that page leaves a number open it is that of its §1, but for what made no sense
 * otherwise: how often bursts come, and what 300 changes an hour touch (a project of 30 modules would have each of them meet
 * sixty others; 8 hours of it hold as many changes as 240 of the others; and as something happens there every two seconds, its
 * queues look every fifteen: a gate needs as long to make and show candidates).
 */
export const regimes: readonly Regime[] = [
  regime('plain', '10 an hour, 60 slots, 5 % bad, 1 % flaky', {}),
  regime('risky', 'as plain, 20 % bad', { settings: { fail: 0.2 } }),
  regime('flaky', '10 an hour, 40 slots, 10 % of builds flaky', { slots: 40, flake: 0.1 }),
  regime('scarce', '6 an hour, 3 slots', { slots: 3, settings: { rate: 6 } }),
  regime('bursts', '6 an hour and 60 more within an hour each day, 20 slots', {
    slots: 20,
    settings: { rate: 6, bursts: { everyHours: 24, changes: 60, minutes: 60 } },
  }),
  regime('heavy-tail', 'as plain, durations with σ 1.0, up to 4 hours', { settings: { spread: 1, longest: 240 } }),
  regime('coupled', 'as plain, 4 modules', { settings: { modules: 4 } }),
  regime('busy', '60 an hour, 120 slots, 0.6 % of pairs conflict', {
    slots: 120,
    settings: { rate: 60, conflict: 0.006 },
  }),
  regime('quiet', '1 an hour, 10 slots', { slots: 10, settings: { rate: 1 } }),
  regime('calm', 'as plain, 1 % bad, 0.2 % flaky', { flake: 0.002, settings: { fail: 0.01 } }),
  regime('broken', 'as plain, 40 % bad', { settings: { fail: 0.4 } }),
  regime('tight', 'as plain, 12 slots', { slots: 12 }),
  regime('overload', '10 an hour, 4 slots, 2 % bad', { slots: 4, settings: { fail: 0.02 } }),
  regime('huge', '300 an hour, 500 slots, 300 modules, 0.6 % of pairs conflict; 8 hours, looked at every 15 s', {
    slots: 500,
    hours: 8,
    every: 0.25,
    settings: { rate: 300, conflict: 0.006, modules: 300 },
  }),
];

export function wishOfRegime({ slots, flake, hours, every, settings }: Regime, seed: number): SimulationWish {
  const looks = every === undefined ? {} : { every };
  return { seed, slots, flake, ...looks, arrivals: { kind: 'generated', hours, settings } };
}
