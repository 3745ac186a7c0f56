import { expect, it } from 'vitest';
import { spreadOf } from './percentiles.ts';

const oneToHundred = Array.from({ length: 100 }, (_, index) => 100 - index);

it.each`
  values          | count  | p50           | p95           | p99           | max
  ${oneToHundred} | ${100} | ${50}         | ${95}         | ${99}         | ${100}
  ${[7]}          | ${1}   | ${7}          | ${7}          | ${7}          | ${7}
  ${[1, 100]}     | ${2}   | ${1}          | ${100}        | ${100}        | ${100}
  ${[]}           | ${0}   | ${Number.NaN} | ${Number.NaN} | ${Number.NaN} | ${Number.NaN}
`('of $count values the median is $p50 and the 99th $p99', ({ values, ...spread }) => {
  expect(spreadOf(values)).toEqual(spread);
});

it('leaves the values in their order', () => {
  const values = [3, 1, 2];
  spreadOf(values);
  expect(values).toEqual([3, 1, 2]);
});
