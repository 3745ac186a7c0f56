import { beforeAll, describe, expect, it } from 'vitest';
import { knobsOf, type WorldKind } from './knobs.ts';
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

function planOf(seed: number, kind: WorldKind): Plan {
  const knobs = knobsOf(seed, kind);
  return { knobs, story: storyOf(knobs), faults: null };
}

/** Null when all is well; else the story of what went wrong. */
async function whatIsWrong(seed: number, kind: WorldKind, tally: Tally = emptyTally()): Promise<string | null> {
  const plan = planOf(seed, kind);
  const outcome = await playWorld(plan, product);
  add(tally, outcome);
  return outcome.violation ? tellStory(plan, product) : null;
}

/** How long worlds of each kind are played that nobody has tried, ms. */
const fresh: readonly (readonly [WorldKind, number])[] = [
  ['presubmits', 5_000],
  ['queues', 10_000],
  ['pushes', 5_000],
  ['nightlies', 5_000],
  ['versions', 5_000],
];
const broke: readonly { readonly seed: number; readonly kind: WorldKind; readonly why: string }[] = [
  ...regress.presubmits.map((each) => ({ ...each, kind: 'presubmits' as const })),
  ...regress.queues.map((each) => ({ ...each, kind: 'queues' as const })),
  ...regress.images.map((each) => ({ ...each, kind: 'images' as const })),
  ...regress.pushes.map((each) => ({ ...each, kind: 'pushes' as const })),
  ...regress.nightlies.map((each) => ({ ...each, kind: 'nightlies' as const })),
  ...regress.versions.map((each) => ({ ...each, kind: 'versions' as const })),
  ...regress.schedules.map((each) => ({ ...each, kind: 'schedules' as const })),
  ...(regress.reuses as typeof regress.queues).map((each) => ({ ...each, kind: 'reuses' as const })),
  ...(regress.lanes as typeof regress.queues).map((each) => ({ ...each, kind: 'lanes' as const })),
  ...(regress.batches as typeof regress.queues).map((each) => ({ ...each, kind: 'batches' as const })),
];

describe('a simulated world', () => {
  it.each<[WorldKind, readonly number[]]>([
    ['presubmits', [3, 7, 19, 23]],
    ['queues', [3, 7, 12]],
    ['images', [2, 25]],
    ['pushes', [2, 6]],
    ['nightlies', [1]],
    ['versions', [3]],
    ['reuses', [72]],
    ['lanes', [5]],
  ])('of %s is the same for the same seed, byte for byte', async (kind, seeds) => {
    for (const seed of seeds) {
      const once = await playWorld(planOf(seed, kind), product, true);
      const again = await playWorld(planOf(seed, kind), product, true);
      expect(once.trace.length).toBeGreaterThan(100);
      expect(again.trace.join('\n')).toBe(once.trace.join('\n'));
    }
  });

  // Some are a day long, of which each second is played.
  it.each(broke)(
    'of $kind keeps every promise with seed $seed, which broke one once: $why',
    async ({ seed, kind }) => {
      expect(await whatIsWrong(seed, kind)).toBeNull();
    },
    300_000,
  );

  it.each(fresh)(
    'of %s keeps every promise with seeds that nobody has tried',
    async (kind, milliseconds) => {
      const first = Number(process.env.SEED ?? Math.floor(Date.now() / 1000) % 1_000_000_000);
      const tally = emptyTally();
      const end = performance.now() + milliseconds;
      for (let seed = first; performance.now() < end; seed += 1)
        expect(await whatIsWrong(seed, kind, tally)).toBeNull();
      console.log(`simulation: ${tally.worlds} fresh worlds of ${kind} from seed ${first}, ${tally.builds} Builds`);
      expect(tally.worlds).toBeGreaterThan(0);
    },
    180_000,
  );
});
