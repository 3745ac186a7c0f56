import { expect, it } from 'vitest';
import { ablations, misbeliefs } from '../../../../src/core/simulate/policies/variants.ts';
import { makeWorkload } from '../../../../src/core/simulate/workload.ts';
import { endsOf, runOf } from '../workload-fixture.ts';

const arrivals = makeWorkload({ seed: 3, rate: 20, minutes: 240, fail: 0.1, conflict: 0.05, modules: 6 });
const world = { seed: 3, slots: 5, flake: 0.05, until: 1_500 };

it.each([...ablations, ...misbeliefs(0.05, 0.05)])('$name: main stays green, and what is good lands', (policy) => {
  const run = runOf(policy, arrivals, world);
  expect(run.redMain).toBe(0);
  const good = arrivals.flatMap(({ failsAlone }, at) => (failsAlone ? [] : [run.outcomes[at]?.landedAt ?? null]));
  expect(good.filter((at) => at !== null).length / good.length).toBeGreaterThan(0.6);
});

it('each idea that is switched off, and each wrong belief, changes what happens', () => {
  for (const [whole, ...others] of [ablations, misbeliefs(0.05, 0.05)]) {
    const ends = endsOf(runOf(whole as NonNullable<typeof whole>, arrivals, world));
    const same = others.filter((policy) => endsOf(runOf(policy, arrivals, world)).join() === ends.join());
    expect(same.map(({ name }) => name)).toEqual([]);
  }
});
