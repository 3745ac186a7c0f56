import { expect, it } from 'vitest';
import { windowAfterLanding, windowAfterRejection } from '../../../src/core/gate/window.ts';

it.each([
  [20, 21],
  [3, 4],
  [500, 501],
])('a landing makes a window of %i one of %i, without a ceiling', (before, after) => {
  expect(windowAfterLanding(before)).toBe(after);
});

it.each([
  [20, 3, 10],
  [7, 3, 3],
  [9, 3, 4],
  [4, 3, 3],
  [3, 3, 3],
  [2, 1, 1],
  [1, 1, 1],
])('a rejection makes a window of %i, with a floor of %i, one of %i', (before, floor, after) => {
  expect(windowAfterRejection(before, floor)).toBe(after);
});
