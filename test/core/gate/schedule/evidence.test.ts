import { expect, it } from 'vitest';
import { certaintyOfFault, formBeliefs } from '../../../../src/core/gate/schedule/beliefs.ts';
import {
  type Evidence,
  minimalSets,
  noteFailure,
  noteGone,
  noteLanding,
  notePass,
} from '../../../../src/core/gate/schedule/evidence.ts';
import { aUnit } from './schedule-fixture.ts';

function failed(...sets: readonly string[]): Evidence {
  return sets.reduce<Evidence>((evidence, members) => noteFailure(evidence, [...members]), []);
}

/** As `ab:2` for a and b that failed twice together. */
function shown(evidence: Evidence): string {
  return evidence.map(({ members, count }) => `${members.join('')}${count === 1 ? '' : `:${count}`}`).join(' ');
}

it.each`
  sets                   | minimal
  ${['ab']}              | ${'ab'}
  ${['ab', 'abc']}       | ${'ab'}
  ${['abc', 'ab']}       | ${'ab'}
  ${['ab', 'bc']}        | ${'ab bc'}
  ${['abc', 'c', 'abd']} | ${'c abd'}
  ${['ab', 'ba']}        | ${'ab:2'}
`('of $sets, $minimal says who may be at fault', ({ sets, minimal }) => {
  expect(shown(minimalSets(failed(...sets)))).toBe(minimal);
});

it('when a unit lands, its sets say more of the others, and the same sets add up', () => {
  const landed = noteLanding(failed('ab', 'abc', 'bc'), 'a');
  expect(shown(landed.evidence)).toBe('b bc:2');
  expect(landed.flakes).toBe(0);
});

it('a set of which all have landed had failed for no reason', () => {
  expect(noteLanding(failed('a', 'a', 'ab'), 'a')).toEqual({ evidence: failed('b'), flakes: 2 });
});

it('a pass clears what it holds, and counts what had failed for no reason', () => {
  const passed = notePass(failed('a', 'ab', 'bc', 'bc'), ['a', 'b']);
  expect([shown(passed.evidence), passed.flakes]).toEqual(['bc:2', 2]);
});

it('who has gone explains the sets that it was in', () => {
  expect(shown(noteGone(failed('ab', 'bc'), (id) => id === 'a'))).toBe('bc');
});

const units = ['a', 'b', 'c'].map((id) => aUnit(id));
const rates = { flake: 0.01, conflict: 0.1 };

function believe(evidence: Evidence, { met = new Map<string, number>(), passed = new Set<string>() } = {}) {
  return formBeliefs({ units }, { met, passed }, evidence, rates);
}

it('a unit is believed by its prior, less for each that landed meanwhile and touches the same', () => {
  expect(believe([]).of('a')).toBeCloseTo(0.95);
  expect(believe([], { met: new Map([['a', 2]]) }).of('a')).toBeCloseTo(0.95 * 0.9 ** 2);
});

it('what passed in any build is nearly certain', () => {
  expect(believe([], { passed: new Set(['a']) }).of('a')).toBe(0.98);
});

it('a failed set lowers its units by what the others leave unexplained', () => {
  const { of, before, isAccused } = believe(failed('ab'));
  expect(of('a')).toBeCloseTo((0.95 * (1 - 0.95 * 0.99)) / (1 - 0.95 ** 2 * 0.99));
  expect(of('b')).toBe(of('a'));
  expect([of('c'), before('a')]).toEqual([0.95, 0.95]);
  expect([isAccused('a'), isAccused('c')]).toEqual([true, false]);
});

it.each`
  prior   | flake   | count | certainty
  ${0.95} | ${0.01} | ${1}  | ${0.84}
  ${0.95} | ${0.01} | ${2}  | ${0.998}
  ${0.95} | ${0.1}  | ${1}  | ${0.345}
  ${0.95} | ${0.1}  | ${3}  | ${0.981}
`('of prior $prior, with $flake flaky, $count failures are worth $certainty', ({ prior, flake, count, certainty }) => {
  expect(certaintyOfFault(prior, flake, count)).toBeCloseTo(certainty, 2);
});
