import { expect, it } from 'vitest';
import type { PolicyFigures } from '../../../src/core/simulate/measure.ts';
import { intervalOf, summarise } from '../../../src/core/simulate/summarise.ts';

function figures(over: Partial<PolicyFigures>): PolicyFigures {
  const plain = { mergedPerHour: 1, p50Minutes: 30, p95Minutes: 60, p99Minutes: 90, buildsPerLanding: 1 };
  return {
    name: 'p',
    ...plain,
    slotMinutesPerLanding: 35,
    wronglyRejected: 0,
    redMain: 0,
    leftInQueue: 0,
    ...over,
  };
}

it('means of all seeds, each within its interval', () => {
  const runs = [10, 20, 60].map((p95Minutes, at) => ({
    figures: figures({ p95Minutes, wronglyRejected: at }),
    changes: 100,
  }));
  const summary = summarise(runs);
  expect(summary).toMatchObject({ name: 'p', p95Minutes: 30, p50Minutes: 30, wronglyRejected: 1 });
  expect(summary.wronglyRejectedPercent).toBe(1);
  const [low, high] = summary.intervals.p95Minutes ?? [0, 0];
  expect(low).toBeGreaterThanOrEqual(10);
  expect(low).toBeLessThan(30);
  expect(high).toBeGreaterThan(30);
  expect(high).toBeLessThanOrEqual(60);
  expect(summary.intervals.p50Minutes).toEqual([30, 30]);
});

it('a figure that no seed has is none, and one that some lack is the mean of the others', () => {
  const none = { figures: figures({ p50Minutes: null, p95Minutes: null }), changes: 0 };
  const summary = summarise([none, { figures: figures({ p50Minutes: null }), changes: 0 }]);
  expect(summary).toMatchObject({ p50Minutes: null, p95Minutes: 60, wronglyRejectedPercent: 0 });
  expect(summary.intervals).toMatchObject({ p50Minutes: null, p95Minutes: [60, 60] });
});

it('the interval of a mean of many is about as wide as statistics say', () => {
  const numbers = Array.from({ length: 100 }, (_, at) => at);
  const [low, high] = intervalOf(numbers);
  // The standard error is 2.9; 95 of 100 means lie within 1.96 of them.
  expect(low).toBeGreaterThan(42);
  expect(low).toBeLessThan(46);
  expect(high).toBeGreaterThan(53);
  expect(high).toBeLessThan(57);
  expect(intervalOf(numbers)).toEqual([low, high]);
});
