import { expect, it } from 'vitest';
import { formBeliefs } from '../../../../src/core/gate/schedule/beliefs.ts';
import { jointOdds } from '../../../../src/core/gate/schedule/joint-odds.ts';
import { aUnit } from './schedule-fixture.ts';

const units = ['a', 'b', 'c'].map((id) => aUnit(id));
const evidence = [{ members: ['a', 'b'], count: 1 }];

function togetherWith(flake: number) {
  const beliefs = formBeliefs({ units }, { met: new Map(), passed: new Set() }, evidence, { flake, conflict: 0 });
  return { beliefs, together: jointOdds(evidence, beliefs, flake) };
}

it('what failed together is good together only when that was a flake', () => {
  const { beliefs, together } = togetherWith(0.01);
  const good = 0.95 ** 2;
  const afterwards = (good * 0.01) / (1 - good * 0.99);
  expect(together(['a', 'b'], 'c') * beliefs.of('a') * beliefs.of('b')).toBeCloseTo(afterwards);
  expect(together(['a'], 'c')).toBe(1);
  expect(together(['c'], 'a')).toBe(1);
});

it('a head that failed with exactly these would fail again', () => {
  const { beliefs, together } = togetherWith(0.01);
  expect(together(['a'], 'b') * beliefs.of('a')).toBeLessThan(0.1);
  expect(together(['a', 'c'], 'b')).toBe(together(['a'], 'b'));
});

it('where builds are flaky it is worth another try', () => {
  expect(togetherWith(0.3).together(['a'], 'b')).toBeGreaterThan(0.5);
});
