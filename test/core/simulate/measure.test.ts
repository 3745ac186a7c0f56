import { expect, it } from 'vitest';
import { traceOf } from '../../../src/core/simulate/arrival.ts';
import { figuresOf, percentile } from '../../../src/core/simulate/measure.ts';
import { arrival, runOf } from './workload-fixture.ts';

it.each`
  sorted             | share   | expected
  ${[]}              | ${0.5}  | ${null}
  ${[7]}             | ${0.99} | ${7}
  ${[1, 2, 3, 4]}    | ${0.5}  | ${2}
  ${[1, 2, 3, 4]}    | ${0.95} | ${4}
  ${[1, 2, 3, 4, 5]} | ${0.5}  | ${3}
`('of $sorted, $share are at most $expected', ({ sorted, share, expected }) => {
  expect(percentile(sorted, share)).toBe(expected);
});

it('who still waits at the end counts with the time waited so far, who was rejected does not', () => {
  const arrivals = [
    arrival('early'),
    arrival('a', { atMinute: 60 }),
    arrival('bad', { atMinute: 60, failsAlone: true }),
    arrival('late', { atMinute: 119 }),
  ];
  const run = runOf('serial', arrivals, { until: 125 });
  expect(figuresOf(traceOf(arrivals), run, { from: 60, to: 120, end: 125 })).toEqual({
    name: 'serial',
    mergedPerHour: 1,
    p50Minutes: 6,
    p95Minutes: 10,
    p99Minutes: 10,
    buildsPerLanding: 2,
    slotMinutesPerLanding: run.slotMinutes / 2,
    wronglyRejected: 0,
    redMain: 0,
    leftInQueue: 1,
  });
});

it('where nothing landed, what a landing cost is not told', () => {
  const arrivals = [arrival('bad', { failsAlone: true })];
  const figures = figuresOf(traceOf(arrivals), runOf('serial', arrivals), { from: 0, to: 60, end: 10_000 });
  expect(figures).toMatchObject({ mergedPerHour: 0, p50Minutes: null, buildsPerLanding: null, leftInQueue: 0 });
});
