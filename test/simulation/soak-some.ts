import { parentPort, workerData } from 'node:worker_threads';
import { knobsOf, type WorldKind } from './knobs.ts';
import { loadProduct } from './product.ts';
import { storyOf } from './story.ts';
import { tellStory } from './tell-story.ts';
import { type Outcome, type Plan, playWorld } from './world.ts';

/** One world to play. */
export interface WorldName {
  readonly seed: number;
  readonly kind: WorldKind;
}

/** What the others need to know of one that was played. `story`: what went wrong; null: nothing. */
export interface Played extends Pick<Outcome, 'situations' | 'met' | 'builds' | 'steps' | 'settledMs' | 'trace'> {
  readonly story: string | null;
}

/** What is to be played by one thread, in order. */
export interface Share {
  readonly worlds: readonly WorldName[];
  readonly traced: boolean;
}

async function play({ worlds, traced }: Share, tell: (played: Played) => void): Promise<void> {
  const product = await loadProduct();
  for (const { seed, kind } of worlds) {
    const knobs = knobsOf(seed, kind);
    const plan: Plan = { knobs, story: storyOf(knobs), faults: null };
    const { violation, situations, met, builds, steps, settledMs, trace } = await playWorld(plan, product, traced);
    const story = violation ? await tellStory(plan, product) : null;
    tell({ situations, met, builds, steps, settledMs, trace, story });
    if (story !== null) return;
  }
}

if (parentPort) {
  const port = parentPort;
  await play(workerData as Share, (played) => port.postMessage(played));
}
