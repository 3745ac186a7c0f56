import { expect, it } from 'vitest';
import { groundOf } from '../../../../src/core/gate/schedule/order.ts';
import { triedBy } from '../../../../src/core/gate/schedule/tried.ts';
import { aBuild, aUnit, aView } from './schedule-fixture.ts';

const units = [aUnit('a', { touches: ['y'] }), aUnit('b')];
const ground = groundOf(aView(units), units, new Set());

function knowsAlone(verdict: 'pending' | 'passed', landsPrefixes: boolean, belief = 0.95): boolean {
  const trying = { dependsOn: () => false, beliefIn: () => belief, landsPrefixes };
  return triedBy([aBuild('ab', { verdict })], ground, trying).knows('b', []);
}

it('a build that holds more stands for its head while the rest is trusted', () => {
  expect(knowsAlone('pending', true)).toBe(true);
  expect(knowsAlone('pending', true, 0.3)).toBe(false);
});

it('one that passed and could not land with all that it holds stands for nobody: what it holds may wait for its head', () => {
  expect(knowsAlone('passed', true)).toBe(false);
});

it('where what it holds besides does not land with its head, it stands for nobody', () => {
  expect(knowsAlone('pending', false)).toBe(false);
  expect(knowsAlone('passed', false)).toBe(false);
});

it('of a batch, who touches what has landed since is tested as if there were no batch; all of it, once it passed', () => {
  const trying = { dependsOn: () => false, beliefIn: () => 0.95, landsPrefixes: true };
  const tried = (verdict: 'pending' | 'passed', touches: readonly string[]) => {
    const view = aView(units, { landed: [{ ...aUnit('z'), touches }] });
    const batch = aBuild('ab', { heads: ['a', 'b'], verdict });
    const { isTried } = triedBy([batch], groundOf(view, units, new Set()), trying);
    return ['a', 'b'].filter(isTried);
  };
  expect(tried('pending', ['elsewhere'])).toEqual(['a', 'b']);
  expect(tried('pending', ['y'])).toEqual(['b']);
  expect(tried('passed', ['elsewhere'])).toEqual(['a', 'b']);
  expect(tried('passed', ['y'])).toEqual([]);
});
