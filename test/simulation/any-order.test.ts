import { beforeAll, describe, expect, it } from 'vitest';
import { familyNames, type Knobs, knobsOf, without } from './knobs.ts';
import { loadProduct, type Product } from './product.ts';
import { endingOf } from './push/ending.ts';
import { type Action, storyOf } from './story.ts';
import { type Outcome, playWorld } from './world.ts';

/** Between two acts: what one brings about is over before the next, so that the story has one ending. */
const gapMs = 12 * 60_000;
/** Later than several acts. */
const latestMs = 90 * 60_000;
const freshMs = 20_000;

let product: Product;

beforeAll(async () => {
  product = await loadProduct();
});

interface Told {
  readonly knobs: Knobs;
  readonly story: readonly Action[];
}

/**
 * What people do in the world of this seed, one after the other, in a world where nothing goes wrong. Nobody reopens: what was asked
 * for while it was closed is refused at once, and taken up when it is heard only after that.
 */
function quietly(seed: number): Told {
  const calm = without(knobsOf(seed, 'pushes'), new Set(familyNames));
  const acts = storyOf(calm).filter(({ what }) => what !== 'reopen');
  const story = acts.map((action, index) => ({ ...action, at: (index + 1) * gapMs }));
  const limits = { pool: 8, perRepository: 8, perAuthor: 8 };
  return { knobs: { ...calm, workers: 2, limits, faultyMs: (story.length + 3) * gapMs }, story };
}

const rough = { webhookNever: 0.3, webhookFails: 0.3, webhookTwice: 0.5, webhookLate: 0.5 };

async function play({ knobs, story }: Told, rates: Partial<Knobs['rates']>): Promise<Outcome> {
  const plan = { knobs: { ...knobs, rates: { ...knobs.rates, ...rates } }, story, faults: null, latestMs };
  const outcome = await playWorld({ ...plan, slow: true }, product);
  expect(outcome.violation).toBeNull();
  return outcome;
}

/** How many things the story ended with; fails where the two endings differ. */
async function compare(seed: number, counts: Map<string, number>): Promise<number> {
  const told = quietly(seed);
  const [once, otherwise] = [await play(told, {}), await play(told, rough)];
  const endings = [once, otherwise].map((outcome) => Object.fromEntries(endingOf(outcome)));
  expect(endings[1], `seed ${seed}`).toEqual(endings[0]);
  for (const [situation, count] of otherwise.situations)
    if (situation.startsWith('delivery: webhook')) counts.set(situation, (counts.get(situation) ?? 0) + count);
  return Object.keys(endings[0] ?? {}).length;
}

describe('events in any order, twice, late or never: the same check runs, tags and ledger in the end', () => {
  it.each([1, 2, 5, 11])(
    'seed %d',
    async (seed) => {
      const counts = new Map<string, number>();
      expect(await compare(seed, counts)).toBeGreaterThan(8);
      expect([...counts.keys()].sort()).toEqual(
        Object.keys(rough)
          .map((family) => `delivery: ${family}`)
          .sort(),
      );
    },
    120_000,
  );

  it('seeds that nobody has tried', async () => {
    const first = Number(process.env.SEED ?? Math.floor(Date.now() / 1000) % 1_000_000_000);
    const end = performance.now() + freshMs;
    let seed = first;
    for (; performance.now() < end; seed += 1) await compare(seed, new Map());
    console.log(`any order: ${seed - first} fresh stories from seed ${first}`);
  }, 180_000);
});
