import type { Draws } from '../chance.ts';
import type { Knobs } from '../knobs.ts';
import type { BestFirstKnobs } from './knobs.ts';

function drawSeveral(draws: Draws): BestFirstKnobs {
  const slots = draws.pick([3, 8, 8, 20]);
  const regrets = draws.happens(0.3) ? ({ regrets: true } as const) : {};
  return { slots, flakes: draws.pick([0, 0.1, 0.2]), prefixes: true, together: true, ...regrets };
}

/** The same world with many changes that fit, asked for at about the same time: one that passed often holds others that run still. */
export function asSeveral(world: Knobs, draws: Draws): Knobs {
  return {
    ...world,
    repositories: 1,
    pulls: draws.between(6, 11),
    actions: Math.min(world.actions, 4),
    faultyMs: Math.max(world.faultyMs, 12 * 60_000),
    limits: { pool: 24, perRepository: 24, perAuthor: 24 },
    buildMs: draws.pick([60_000, 120_000, 120_000]),
    queues: world.queues && {
      ...world.queues,
      branches: 1,
      config: draws.pick(['one', 'one', 'one', 'both', 'chain', 'docs']),
      goodChanges: draws.pick([0.9, 1]),
      rules: draws.pick(['none', 'reviews', 'gate check', 'ci']),
      bestFirst: drawSeveral(draws),
    },
  };
}
