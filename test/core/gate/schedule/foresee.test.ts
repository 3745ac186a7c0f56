import { describe, expect, it } from 'vitest';
import { type ForeseenUnit, type Foresight, foresee } from '../../../../src/core/gate/schedule/foresee.ts';
import { drawsOf } from '../../../../src/core/simulate/chance.ts';

const passed = Number.NEGATIVE_INFINITY;

function unit(id: string, over: Partial<ForeseenUnit> = {}): ForeseenUnit {
  return { id, belief: 1, dependencies: [], running: 0, ...over };
}

function foreseen(units: readonly ForeseenUnit[], { freeSlots = 0, durations = [30] } = {}) {
  const found = foresee({ units, freeSlots, durations, unit: drawsOf(1, 'foresee').unit });
  return (id: string): Foresight => found.get(id) ?? { p50: null, p90: null, because: 'it is not there' };
}

describe('a unit by itself', () => {
  it('lands when its build ends', () => {
    expect(foreseen([unit('a', { running: 10 })])('a')).toEqual({ p50: 20, p90: 20, because: 'its build is running' });
    expect(foreseen([unit('a', { running: passed })])('a')).toMatchObject({ p50: 0, because: 'it lands next' });
  });

  it('is told from those builds that took longer than it has by now', () => {
    const { p50, p90 } = foreseen([unit('a', { running: 40 })], { durations: [10, 20, 30, 50, 100] })('a');
    expect([p50 === 10 || p50 === 60, p90]).toEqual([true, 60]);
    expect(foreseen([unit('a', { running: 40 })])('a').p50).toBeCloseTo(4);
  });

  it('waits for a slot, as those ahead of it do', () => {
    const waiting = [unit('a', { running: 10 }), unit('b', { running: null }), unit('c', { running: null })];
    const at = foreseen(waiting);
    expect([at('a').p50, at('b').p50, at('c').p50]).toEqual([20, 50, 80]);
    expect(at('b').because).toBe('it waits for a slot');
    expect(foreseen(waiting, { freeSlots: 2 })('c').p50).toBe(30);
  });

  it('has no time where it fails too often for one', () => {
    expect(foreseen([unit('a', { belief: 0.7 })])('a')).toMatchObject({ p50: 30, p90: null });
    expect(foreseen([unit('a', { belief: 0.3 })])('a')).toMatchObject({ p50: null, p90: null });
  });
});

describe('a unit behind another', () => {
  it('lands not before it, and says so', () => {
    const at = foreseen([unit('a', { belief: 0.93 }), unit('b', { running: 25, dependencies: ['a'] })]);
    expect(at('b')).toMatchObject({ p50: 30, because: 'behind a, which is running and is 95 % likely to pass' });
  });

  it('is tested anew when that one is bad', () => {
    const at = foreseen([unit('a', { belief: 0.6 }), unit('b', { running: 25, dependencies: ['a'] })]);
    expect([at('b').p50, at('b').p90]).toEqual([30, 60]);
  });
});
