import { expect, it } from 'vitest';
import { isTooLittle, landingRate } from '../../../../src/core/gate/schedule/batch-size.ts';
import { type BatchGround, fillBatch } from '../../../../src/core/gate/schedule/fill-batch.ts';

const supply = { slots: 60, buildMinutes: 35, good: 0.93, flake: 0.01, overlap: 0.12, demand: 1 / 6 };

it.each`
  changed                                 | isShort
  ${{}}                                   | ${false}
  ${{ slots: 3 }}                         | ${true}
  ${{ slots: 3, demand: 0.08 }}           | ${false}
  ${{ slots: 3, good: 0.999 }}            | ${false}
  ${{ slots: 3, good: 0.6, demand: 0.1 }} | ${true}
`('with $changed too little can land: $isShort', ({ changed, isShort }) => {
  expect(isTooLittle({ ...supply, ...changed })).toBe(isShort);
});

it('in a single lane, more slots help less and less', () => {
  const rate = (slots: number): number => landingRate(1, { ...supply, overlap: 1, slots });
  expect(rate(2) / rate(1)).toBeGreaterThan(1.8);
  expect(rate(60) / rate(30)).toBeLessThan(1.15);
});

const ground: BatchGround = {
  waiting: ['a', 'b', 'c', 'd', 'e'],
  dependenciesOf: () => [],
  beliefIn: () => 0.95,
  isTried: () => false,
  together: () => 1,
  conflict: 0.05,
};

function filled(over: Partial<BatchGround>, size = 16): string {
  const head = { id: 'a', dependencies: [], weight: 1 };
  const { heads, included } = fillBatch({ head, included: [], excluded: [], score: 1 }, size, { ...ground, ...over });
  return `${included.join('')}(${heads.join('')})`;
}

it('a batch takes what waits, in order, up to its size', () => {
  expect(filled({})).toBe('(abcde)');
  expect(filled({}, 3)).toBe('(abc)');
});

it('it leaves out what is not trusted, and stops where the whole would more likely fail', () => {
  expect(filled({ beliefIn: (id) => (id === 'c' ? 0.5 : 0.95) })).toBe('(abde)');
  expect(filled({ beliefIn: () => 0.87 })).toBe('(ab)');
});

it('what depends on something that is tested takes it along, and on something that is not stays out', () => {
  const dependenciesOf = (id: string): readonly string[] => (id === 'c' ? ['y'] : id === 'd' ? ['z'] : []);
  expect(filled({ dependenciesOf, isTried: (id) => id === 'y' })).toBe('y(abce)');
});

it('members that touch the same are worth less together', () => {
  const dependenciesOf = (id: string): readonly string[] => [...'abcde'].filter((other) => other < id);
  expect(filled({ dependenciesOf, conflict: 0.1 })).toBe('(ab)');
});

it('what failed together is not put together again', () => {
  const together = (members: readonly string[], last: string): number =>
    last === 'c' && members.includes('b') ? 0.05 : 1;
  expect(filled({ together })).toBe('(abde)');
});
