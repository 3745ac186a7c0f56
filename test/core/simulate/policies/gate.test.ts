import { expect, it } from 'vitest';
import { gateTold } from '../../../../src/core/simulate/policies/gate.ts';
import { makeWorkload } from '../../../../src/core/simulate/workload.ts';
import { arrival, endsOf, runOf } from '../workload-fixture.ts';

it('the gate decides the same whether it is told of all that wait or only of what its window reaches', () => {
  const seed = 1;
  const settings = { seed, rate: 60, minutes: 36, fail: 0.1, conflict: 0.05, modules: 5 };
  const arrivals = makeWorkload(settings);
  const world = { seed, slots: 15, flake: 0.02, until: 600 };
  const few = runOf(gateTold(2), arrivals, world);
  expect(few).toEqual({ ...runOf(gateTold(Number.POSITIVE_INFINITY), arrivals, world), policy: expect.anything() });
  expect(Math.max(...few.queueLength.map(({ waiting }) => waiting))).toBeGreaterThan(22);
});

it('the window of the gate is 20, and a rejection halves it', () => {
  const good = Array.from({ length: 25 }, (_, at) => arrival(`g${at}`));
  const ends = endsOf(runOf('sluice', good));
  expect(ends.filter((end) => end === 10)).toHaveLength(20);
  expect(ends.filter((end) => end === 20)).toHaveLength(5);
  const headFails = endsOf(runOf('sluice', [arrival('bad', { failsAlone: true }), ...good]));
  const [, first] = headFails;
  // Those that run are not ended by a smaller window: but what stood on the bad one is built anew, ten at once.
  expect(headFails.filter((end) => end === first)).toHaveLength(10);
});
