import { expect, it } from 'vitest';
import { formBeliefs } from '../../../../src/core/gate/schedule/beliefs.ts';
import { canBeMade } from '../../../../src/core/gate/schedule/can-be-made.ts';
import { jointOdds } from '../../../../src/core/gate/schedule/joint-odds.ts';
import { emptyMemory } from '../../../../src/core/gate/schedule/memory.ts';
import { aBuild, aUnit, aView, plan, Story, startsOf } from './schedule-fixture.ts';

const units = ['a', 'b', 'c'].map((id) => aUnit(id));
const clashes = [{ unit: 'b', on: ['a'] }];
const rates = { flake: 0.01, conflict: 0 };
const alone = { batches: false, landsPrefixes: false };

it('what clashes with one ahead lands only if that one does not, and accuses nobody', () => {
  const beliefs = formBeliefs({ units, clashes }, emptyMemory, [], rates);
  expect(beliefs.of('a')).toBeCloseTo(0.95);
  expect(beliefs.of('b')).toBeCloseTo(0.05);
  expect(beliefs.of('c')).toBeCloseTo(0.95);
  expect(beliefs.isAccused('a')).toBe(false);
});

it('no guess holds both', () => {
  const beliefs = formBeliefs({ units, clashes }, emptyMemory, [], rates);
  const together = jointOdds([], beliefs, 0.01, canBeMade(aView(units, { clashes })));
  expect(together(['a'], 'b')).toBe(0);
  expect(together(['a', 'b'], 'c')).toBe(0);
  expect(together([], 'b')).toBe(1);
  expect(together(['a'], 'c')).toBe(1);
});

it('those behind are tested without it', () => {
  expect(startsOf(plan(aView(units, { clashes, slots: 5 }), alone))).toEqual(['a', 'ac']);
});

it('where nothing may land what passed stays, and the next is tested on it', () => {
  const builds = [aBuild('a', { verdict: 'passed' })];
  const view = aView(units.slice(0, 2), { builds });
  expect(plan(view, alone).land).toEqual(['a']);
  const shut = plan({ ...view, isShut: true }, alone);
  expect([shut.land, shut.drop, startsOf(shut)]).toEqual([[], [], ['ab']]);
});

it('what needs another is tested on it, or not at all', () => {
  const needing = [aUnit('a'), aUnit('b', { needs: ['a'] }), aUnit('c')];
  expect(startsOf(plan(aView(needing), alone, { ...emptyMemory, passed: new Set() }))).not.toContain('b');
  const story = new Story(needing, alone).settle().ends('a', 'failed');
  expect(story.running().toSorted()).toEqual(['a', 'ab', 'abc', 'c']);
});

it('what passed on probation keeps its place while nothing may land, and where another needs it', () => {
  const failedOnce = { ...emptyMemory, evidence: [{ members: ['a'], count: 1 }] };
  const builds = [aBuild('a', { verdict: 'passed' }), aBuild('b', { verdict: 'passed' })];
  const two = units.slice(0, 2);
  const shut = plan(aView(two, { builds, isShut: true }), alone, failedOnce);
  expect([...shut.memory.places.keys()]).toEqual([]);
  expect(plan(aView(two, { builds }), alone, shut.memory).land).toEqual(['a']);
  const needing = [aUnit('a'), aUnit('b', { needs: ['a'] }), aUnit('c')];
  const story = new Story(needing, alone).settle().ends('a', 'failed').ends('c', 'passed');
  expect(story.order()).toBe('c');
  story.ends('a', 'passed');
  expect([...story.memory.places.keys()]).toEqual([]);
});
