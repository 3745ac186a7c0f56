import { describe, expect, it } from 'vitest';
import { emptyMemory } from '../../../../src/core/gate/schedule/memory.ts';
import { boundedSettings, fastSettings } from '../../../../src/core/gate/schedule/schedule-view.ts';
import { withScouts } from '../../../../src/core/gate/schedule/scouts.ts';
import { aBuild, aUnit, aView, plan, startsOf } from './schedule-fixture.ts';

/** So doubtful that of four ahead no guess is likely. */
const line = [...'abcdef'].map((id) => aUnit(id, { prior: 0.65 }));
const roomy = { lessUnderLoad: false };

describe('what is deep in a long line', () => {
  it('is tested by itself once no guess of what is ahead is likely enough', () => {
    const { start } = plan(aView(line, { slots: 20 }), roomy);
    const alone = start.filter(({ included, excluded }) => included.length === 1 && excluded.length > 0);
    // d has a guess of 0.65 × 0.65 × 0.65, those behind have none; that b is good and a is not is a guess of its own.
    expect(alone.map(({ heads }) => heads)).toEqual([['b'], ['e'], ['f']]);
    expect(alone.at(1)).toEqual({ heads: ['e'], included: ['e'], excluded: ['a', 'b', 'c', 'd'] });
  });

  it('is with nothing besides, which could be why it fails', () => {
    const units = [...line, aUnit('z', { touches: ['y'] })];
    const view = aView(units, { slots: 20, builds: [aBuild('z')] });
    const starts = startsOf(plan(view, { ...roomy, carries: 0.8 }));
    expect(starts).toContain('za');
    expect(starts).toContain('f');
  });

  it('is not where that is not wanted, and where landings cost so much that less likely guesses get nothing', () => {
    const dear = { ...emptyMemory, rates: { ...emptyMemory.rates, least: 0.3 } };
    for (const starts of [
      startsOf(plan(aView(line, { slots: 20 }), { ...roomy, scouts: false })),
      startsOf(plan(aView(line, { slots: 20 }), roomy, dear)),
    ])
      expect(starts).not.toContain('e');
  });

  it('comes after the likely guesses, and before the unlikely ones', () => {
    const eight = [...'abcdefgh'].map((id) => aUnit(id, { prior: 0.65 }));
    const all = startsOf(plan(aView(eight, { slots: 200 }), { least: 0.01, lessUnderLoad: false }));
    expect(all.filter((name) => ['abcde', 'g', 'h', 'abcdefg'].includes(name))).toEqual(['abcde', 'g', 'h', 'abcdefg']);
  });
});

describe('it is not tested by itself', () => {
  const startsWith = (over: Parameters<typeof aView>[1], memory = emptyMemory) =>
    startsOf(plan(aView(line, { slots: 20, ...over }), roomy, memory));

  it('where a build of it runs', () => {
    expect(startsWith({})).toContain('f');
    expect(startsWith({ builds: [aBuild('f', { excluded: [...'abcde'] })] })).not.toContain('f');
    expect(startsWith({ builds: [aBuild('abcdef')] })).not.toContain('f');
  });

  it('where it has passed', () => {
    expect(startsWith({}, { ...emptyMemory, passed: new Set(['f']) })).not.toContain('f');
  });

  it('where it cannot be with one that is ahead: it lands without that one, or not at all', () => {
    expect(startsWith({ clashes: [{ unit: 'f', on: ['a'] }] })).not.toContain('f');
  });

  it('where it needs one that is ahead', () => {
    const units = line.map((unit) => (unit.id === 'f' ? { ...unit, needs: ['a'] } : unit));
    expect(startsWith({ units })).toContain('e');
    expect(startsWith({ units })).not.toContain('f');
  });

  it('where nothing ahead of it touches the same: its guess is certain', () => {
    const apart = aUnit('g', { touches: ['y'] });
    const heads = [{ id: 'g', dependencies: [], weight: 1 }];
    const desk = { tried: { isTried: () => false }, memory: emptyMemory, view: aView([apart]), together: () => 1 };
    expect([...withScouts(desk as never, heads, [], 0)]).toEqual([]);
  });
});

it('one that runs is not ended for a guess that is hardly likelier', () => {
  const builds = [aBuild('f', { excluded: [...'abcde'], startedAt: 100 })];
  const stopped = (prior: number) => {
    const units = [...'abcdef'].map((id) => aUnit(id, { prior }));
    return plan(aView(units, { slots: 1, builds }), { ...fastSettings, lessUnderLoad: false });
  };
  // What is in front is certain enough to go before it, and only that.
  expect(stopped(0.65).drop).toEqual(['f']);
  expect(startsOf(stopped(0.65))).toEqual(['a']);
  const ahead = [...'abcde'].map((id, at) => aBuild('abcde'.slice(0, at + 1), { startedAt: 100, key: id }));
  const full = aView(line, { slots: 6, builds: [...ahead, ...builds] });
  expect(plan(full, { ...boundedSettings, preempts: true, least: 0.05 }).drop).toEqual([]);
  expect(plan(full, { ...boundedSettings, preempts: true, least: 0.05, scouts: false }).drop).toEqual(['f']);
});
