import { parseArgs } from 'node:util';
import { knobsOf } from './knobs.ts';
import { loadProduct } from './product.ts';
import { storyOf } from './story.ts';
import { add, describeTally, emptyTally, neverHit, seldomMade } from './tally.ts';
import { tellStory } from './tell-story.ts';
import { type Plan, playWorld } from './world.ts';

/** From so many worlds on every call must have failed in every way. */
const enough = 1000;

const { values } = parseArgs({
  options: { worlds: { type: 'string', default: '5000' }, seed: { type: 'string' }, trace: { type: 'boolean' } },
});
const worlds = Number(values.worlds);
const first = Number(values.seed ?? Math.floor(Date.now() / 1000) % 1_000_000_000);
if (!Number.isSafeInteger(worlds) || worlds < 1 || !Number.isSafeInteger(first))
  throw new Error('usage: soak.ts [--worlds N] [--seed S] [--trace]');

function planOf(seed: number): Plan {
  const knobs = knobsOf(seed);
  return { knobs, story: storyOf(knobs), faults: null };
}

function progress(done: number, began: number): void {
  if (!process.stderr.isTTY) return;
  const rate = done / ((performance.now() - began) / 1000);
  process.stderr.write(`\r${done} of ${worlds} worlds, ${rate.toFixed(1)} worlds/s `);
  if (done === worlds) process.stderr.write('\n');
}

async function soak(): Promise<boolean> {
  const product = await loadProduct();
  const tally = emptyTally();
  const began = performance.now();
  console.log(`seeds ${first} to ${first + worlds - 1}`);
  for (let seed = first; seed < first + worlds; seed += 1) {
    const plan = planOf(seed);
    const outcome = await playWorld(plan, product, values.trace);
    add(tally, outcome);
    if (values.trace) console.log(outcome.trace.join('\n'));
    if (outcome.violation) {
      console.log(await tellStory(plan, product));
      return false;
    }
    if (tally.worlds % 20 === 0 || tally.worlds === worlds) progress(tally.worlds, began);
  }
  console.log(describeTally(tally, (performance.now() - began) / 1000).join('\n'));
  const missed = worlds >= enough ? neverHit(tally) : [];
  for (const each of worlds >= enough ? seldomMade(tally) : [])
    console.log(`made too seldom to be hit in every way: ${each}`);
  for (const each of missed) console.log(`never hit: ${each}`);
  return missed.length === 0;
}

process.exitCode = (await soak()) ? 0 : 1;
