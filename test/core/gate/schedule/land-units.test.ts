import { describe, expect, it } from 'vitest';
import { type UnitsToLand, unitsToLand } from '../../../../src/core/gate/schedule/land-units.ts';
import { groundOf } from '../../../../src/core/gate/schedule/order.ts';
import type { Unit, UnitBuild } from '../../../../src/core/gate/schedule/unit.ts';
import { aBuild, aUnit, aView } from './schedule-fixture.ts';

const passed = { verdict: 'passed' } as const;

interface Ground {
  readonly waiting?: readonly Unit[];
  readonly landed?: readonly Unit[];
  readonly suspects?: string;
}

function whatLands(build: UnitBuild, { waiting = [], landed = [], suspects = '' }: Ground): UnitsToLand {
  return unitsToLand(build, groundOf(aView(waiting, { landed }), waiting, new Set(suspects)));
}

function because(found: UnitsToLand): string {
  return found.kind === 'land' ? `lands ${found.units.join('')}` : `${found.kind}: ${found.because}`;
}

const [a, b, c] = [aUnit('a'), aUnit('b'), aUnit('c')];
const onY = (id: string): Unit => aUnit(id, { touches: ['y'] });

describe('a green build', () => {
  it('lands all that it holds, in its order', () => {
    expect(whatLands(aBuild('abc', passed), { waiting: [a, b, c] })).toEqual({ kind: 'land', units: ['a', 'b', 'c'] });
  });

  it('lands what is left of it when the rest has landed by other builds', () => {
    expect(because(whatLands(aBuild('ab', passed), { waiting: [b], landed: [a] }))).toBe('lands b');
  });

  it('waits for what is ahead of it and touches the same', () => {
    const found = whatLands(aBuild('b', passed), { waiting: [a, b] });
    expect(because(found)).toBe('wait: a is ahead of b, and nothing is known of it yet');
  });

  it('waits for what is ahead of any unit in it, not only of its own', () => {
    const middle = aUnit('b', { touches: ['x', 'y'] });
    const found = whatLands(aBuild('bc', passed), { waiting: [onY('a'), middle, c] });
    expect(because(found)).toBe('wait: a is ahead of b, and nothing is known of it yet');
  });

  it('passes by what is suspect, and by what touches nothing of it', () => {
    expect(because(whatLands(aBuild('b', passed), { waiting: [a, b], suspects: 'a' }))).toBe('lands b');
    expect(because(whatLands(aBuild('b', passed), { waiting: [onY('a'), b] }))).toBe('lands b');
  });

  it('says nothing once something else that touches the same has landed since it started', () => {
    const found = whatLands(aBuild('b', passed), { waiting: [b], landed: [a] });
    expect(because(found)).toBe('useless: a has landed since this build started, and touches what b touches');
    expect(because(whatLands(aBuild('b', { ...passed, onto: 1 }), { waiting: [b], landed: [a] }))).toBe('lands b');
    expect(because(whatLands(aBuild('b', passed), { waiting: [b], landed: [onY('a')] }))).toBe('lands b');
  });

  it('says something again when what was in its way has landed by itself', () => {
    const middle = aUnit('b', { touches: ['x', 'y'] });
    const waiting = whatLands(aBuild('bc', passed), { waiting: [middle, c], landed: [onY('a')] });
    expect(waiting.kind).toBe('wait');
    expect(because(whatLands(aBuild('bc', passed), { waiting: [c], landed: [onY('a'), middle] }))).toBe('lands c');
  });

  it('lands nothing of which not every job ran in it', () => {
    const found = whatLands(aBuild('ab', { ...passed, covers: ['b'] }), { waiting: [a, b] });
    expect(because(found)).toBe('wait: not every job of a ran in this build');
    expect(because(whatLands(aBuild('ab', { ...passed, covers: ['a'] }), { waiting: [b], landed: [a] }))).toContain(
      'useless: not every job of b ran',
    );
  });

  it('lands one part of it while another waits', () => {
    const build = aBuild('bc', { ...passed, heads: ['b', 'c'] });
    expect(because(whatLands(build, { waiting: [a, b, onY('c')] }))).toBe('lands c');
  });

  it('lands nothing with a unit that left the queue', () => {
    expect(because(whatLands(aBuild('ab', passed), { waiting: [b] }))).toBe(
      'useless: it holds a, which left the queue',
    );
  });

  it('lands a unit only behind what it needs', () => {
    const needy = aUnit('b', { touches: ['y'], needs: ['a'] });
    expect(because(whatLands(aBuild('b', passed), { waiting: [a, needy] }))).toBe(
      'wait: b needs a, which has not landed',
    );
    expect(because(whatLands(aBuild('b', passed), { waiting: [needy], landed: [a] }))).toBe('lands b');
    expect(because(whatLands(aBuild('ab', passed), { waiting: [a, needy] }))).toBe('lands ab');
    expect(because(whatLands(aBuild('ba', passed), { waiting: [a, needy] }))).toContain('b needs a');
  });
});

it.each`
  verdict      | says
  ${'pending'} | ${'wait: the build runs'}
  ${'failed'}  | ${'useless: the build failed'}
`('a build that is $verdict lands nothing', ({ verdict, says }) => {
  expect(because(whatLands(aBuild('a', { verdict }), { waiting: [a] }))).toBe(says);
});

it('what touches everything waits for all, and all wait for it', () => {
  const all = aUnit('b', { touches: 'everything' });
  expect(because(whatLands(aBuild('b', passed), { waiting: [onY('a'), all] }))).toContain('a is ahead of b');
  expect(because(whatLands(aBuild('c', passed), { waiting: [all, onY('c')] }))).toContain('b is ahead of c');
});
