import { beforeAll, expect, it } from 'vitest';
import { familyNames, type Knobs, knobsOf, without } from '../knobs.ts';
import { loadProduct, type Product } from '../product.ts';
import type { Action } from '../story.ts';
import { playWorld } from '../world.ts';

let product: Product;

beforeAll(async () => {
  product = await loadProduct();
});

/** Three workers, whose passes are given to another when they take long; nothing else goes wrong. */
function knobsFor(seed: number): Knobs {
  const { queues, ...knobs } = without(knobsOf(seed, 'versions'), new Set(familyNames));
  const images = queues?.images;
  const pushes = images?.pushes;
  if (!queues || !images || !pushes) throw new Error('a world without versions');
  const versions = { released: 0, initiators: null, proven: false, onCut: 'hold', landed: false } as const;
  const plain = { ...images, built: 1, sourceOnly: false, mode: 'tag', executor: 'worker' } as const;
  return {
    ...knobs,
    workers: 3,
    pulls: 0,
    actions: 0,
    faultyMs: 1_200_000,
    limits: { pool: 8, perRepository: 8, perAuthor: 8 },
    buildMs: 30_000,
    redis: 'always',
    rates: { ...knobs.rates, stalled: 1, pause: 0.0001 },
    queues: { ...queues, config: 'one', images: { ...plain, pushes: { ...pushes, pushed: 0, versions } } },
  };
}

const at = (milliseconds: number, what: Action['what'], who: Action['who'], word: string): Action => {
  return { at: milliseconds, what, repository: 0, pull: 0, who, word, family: what === 'pause' ? 'pause' : null };
};

const releases = [
  at(60_000, 'version push', 'robot', 'version 1.2.1 onto 1.2'),
  at(60_500, 'version push', 'robot', 'version 1.3.1 onto old'),
];

it.each([3, 4])(
  'a worker that was paused between what it judged and its tag moves none back behind another release (seed %i)',
  async (seed) => {
    const knobs = knobsFor(seed);
    const { trace, violation } = await playWorld({ knobs, story: releases, faults: null }, product, true);
    expect(violation).toBeNull();
    const moved = trace.filter((line) => line.includes('api:latest names'));
    expect(moved.length).toBeGreaterThan(0);
    const first = Number.parseFloat(moved[0] ?? '') * 1000;
    for (const before of [400, 600, 800, 1000])
      for (const worker of ['0', '1', '2']) {
        const story = [...releases, at(Math.floor(first - before), 'pause', 'boss', worker)];
        expect((await playWorld({ knobs, story, faults: null }, product)).violation).toBeNull();
      }
  },
  120_000,
);
