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
