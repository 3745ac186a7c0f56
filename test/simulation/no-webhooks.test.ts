import { expect, it } from 'vitest';
import { isCompleted } from './forge-world.ts';
import { familyNames, type Knobs, knobsOf, without } from './knobs.ts';
import { loadProduct } from './product.ts';
import type { Action } from './story.ts';
import { playWorld } from './world.ts';

const hourMs = 3_600_000;

function calm(seed: number): Knobs {
  const knobs = without(knobsOf(seed), new Set(familyNames));
  const limits = { pool: 3, perRepository: 3, perAuthor: 3 };
  return { ...knobs, repositories: 2, pulls: 4, workers: 2, faultyMs: 96 * hourMs, limits, failingBuilds: 0 };
}

function story(): Action[] {
  const act = (hours: number, what: Action['what'], pull: number, who: Action['who'], word: string): Action => {
    return { at: hours * hourMs, what, repository: pull % 2, pull, who, word, family: null };
  };
  return [
    act(1, 'open', 1, 'ada', 'code'),
    act(2, 'open', 2, 'mallory', 'web'),
    act(5, 'comment', 2, 'boss', '/ok-to-test HEAD'),
    act(30, 'push', 1, 'ada', 'docs'),
    act(40, 'open', 3, 'boss', 'all'),
    act(60, 'comment', 3, 'ada', '/test bench'),
    act(70, 'push', 2, 'mallory', 'code'),
    act(80, 'open', 4, 'ada', 'code'),
    act(90, 'close', 3, 'boss', ''),
  ];
}

it('with webhooks off for four days every open pull request still gets its conclusions and every comment its answer', async () => {
  const product = await loadProduct();
  const plan = { knobs: calm(20_261_128), story: story(), faults: null, slow: true, webhooksOff: true };
  const outcome = await playWorld(plan, product);
  expect(outcome.violation).toBeNull();
  expect(outcome.builds).toBeGreaterThan(8);
  expect(outcome.situations.get('start: an approved head')).toBeGreaterThan(0);
  // All was told long before the end: nothing is owed at the first look.
  expect(outcome.settledMs).toBeLessThanOrEqual(60_000);
  const checkRuns = [...outcome.world.forge.checkRuns.values()].flat();
  const completed = checkRuns.filter(isCompleted);
  expect(completed.length).toBe(checkRuns.length);
  expect(new Set(completed.map(({ name }) => name))).toEqual(
    new Set(['sluice', 'build', 'unit', 'e2e', 'docs', 'bench', 'nothing']),
  );
}, 120_000);
