import { beforeAll, describe, expect, it } from 'vitest';
import { knobsOf } from './knobs.ts';
import { loadProduct, type Product } from './product.ts';
import regress from './regress.json' with { type: 'json' };
import { storyOf } from './story.ts';
import { add, emptyTally, type Tally } from './tally.ts';
import { tellStory } from './tell-story.ts';
import { type Plan, playWorld } from './world.ts';

let product: Product;

beforeAll(async () => {
  product = await loadProduct();
});

function planOf(seed: number): Plan {
  const knobs = knobsOf(seed);
  return { knobs, story: storyOf(knobs), faults: null };
}

/** Null when all is well; else the story of what went wrong. */
async function whatIsWrong(seed: number, tally: Tally = emptyTally()): Promise<string | null> {
  const plan = planOf(seed);
  const outcome = await playWorld(plan, product);
  add(tally, outcome);
  return outcome.violation ? tellStory(plan, product) : null;
}

const freshMs = 6_000;

describe('a world of presubmits', () => {
  it('is the same for the same seed, byte for byte', async () => {
    for (const seed of [3, 7, 19, 23]) {
      const once = await playWorld(planOf(seed), product, true);
      const again = await playWorld(planOf(seed), product, true);
      expect(once.trace.length).toBeGreaterThan(100);
      expect(again.trace.join('\n')).toBe(once.trace.join('\n'));
    }
  });

  it.each(regress)('keeps every promise with seed $seed, which broke one once: $why', async ({ seed }) => {
    expect(await whatIsWrong(seed)).toBeNull();
  });

  it('keeps every promise with seeds that nobody has tried', async () => {
    const first = Number(process.env.SEED ?? Math.floor(Date.now() / 1000) % 1_000_000_000);
    const tally = emptyTally();
    const end = performance.now() + freshMs;
    for (let seed = first; performance.now() < end; seed += 1) expect(await whatIsWrong(seed, tally)).toBeNull();
    console.log(`simulation: ${tally.worlds} fresh worlds from seed ${first}, ${tally.builds} Builds`);
    expect(tally.worlds).toBeGreaterThan(0);
  }, 120_000);
});
