import { describe, expect, it } from 'vitest';
import { emptyMemory, type ScheduleMemory, type Shortage } from '../../../../src/core/gate/schedule/memory.ts';
import { shedOrder } from '../../../../src/core/gate/schedule/shed-load.ts';
import { noteShortage } from '../../../../src/core/gate/schedule/shortage.ts';
import type { Unit } from '../../../../src/core/gate/schedule/unit.ts';
import { aBuild, aUnit, aView, plan, startsOf } from './schedule-fixture.ts';

const spell: Shortage = { since: 100, seen: 150, isAnnounced: false };
const announced: Shortage = { since: 100, seen: 160, isAnnounced: true };

describe('a shortage', () => {
  it.each`
    known        | isShort  | now    | then
    ${null}      | ${false} | ${100} | ${null}
    ${null}      | ${true}  | ${100} | ${{ since: 100, seen: 100, isAnnounced: false }}
    ${spell}     | ${true}  | ${159} | ${{ since: 100, seen: 159, isAnnounced: false }}
    ${spell}     | ${true}  | ${160} | ${{ since: 100, seen: 160, isAnnounced: true }}
    ${spell}     | ${false} | ${151} | ${null}
    ${announced} | ${true}  | ${161} | ${{ since: 100, seen: 161, isAnnounced: true }}
    ${announced} | ${false} | ${189} | ${announced}
    ${announced} | ${false} | ${190} | ${null}
  `('that was $known, and is short: $isShort at $now, becomes $then', ({ known, isShort, now, then }) => {
    expect(noteShortage(known, isShort, now, 30)).toEqual(then);
  });

  const many = [...'abcdefghijkl'].map((id) => aUnit(id));

  function isShort(units: readonly Unit[], slots: number, settings = {}): boolean {
    return plan(aView(units, { slots }), { sheds: true, ...settings }).memory.short !== null;
  }

  it('is where batches of no size would land as many as are asked for, and needs no free slot to be seen', () => {
    const risky = many.map((unit) => ({ ...unit, prior: 0.5 }));
    expect(isShort(risky, 1)).toBe(true);
    expect(isShort(many, 20)).toBe(false);
    const busy = aView(risky, { slots: 1, builds: [aBuild('a')] });
    expect(plan(busy, { sheds: true }).memory.short).not.toBeNull();
  });

  it('is more easily one where nothing is batched', () => {
    const three = many.slice(0, 3).map((unit) => ({ ...unit, prior: 0.98 }));
    expect([isShort(three, 1), isShort(three, 1, { batches: false })]).toEqual([false, true]);
  });

  it('is not looked for where no slot is told of, nor where load is not to be shed', () => {
    const risky = many.map((unit) => ({ ...unit, prior: 0.5 }));
    expect(isShort(risky, 0)).toBe(false);
    expect(isShort(risky, 1, { sheds: false })).toBe(false);
  });
});

describe('the order while load is shed', () => {
  const beliefs: Readonly<Record<string, number>> = { a: 0.3, b: 0.9, c: 0.5, d: 0.9 };
  const ordered = (units: readonly Unit[], mostOvertakings = 10, before: Readonly<Record<string, number>> = {}) =>
    shedOrder(units, {
      beliefOf: (id) => beliefs[id] ?? 0.95,
      overtakenBy: ({ id }) => before[id] ?? 0,
      mostOvertakings,
    })
      .map(({ id }) => id)
      .join('');
  const four = [...'abcd'].map((id) => aUnit(id));

  it('is by what is believed, and among equals by the time of asking', () => {
    expect(ordered(four)).toBe('bdca');
  });

  it('overtakes nobody more often than anybody may be', () => {
    expect(ordered(four, 2)).toBe('bdac');
    expect(ordered(four, 1)).toBe('badc');
    expect(ordered(four, 2, { a: 2 })).toBe('abdc');
    const many = [aUnit('a'), ...[...'efghijklmnopqrst'].map((id) => aUnit(id))];
    expect(ordered(many)).toBe('efghijklmnaopqrst');
  });

  it('has what another needs ahead of it', () => {
    expect(ordered([aUnit('a'), aUnit('c'), aUnit('d', { needs: ['a'] })])).toBe('adc');
  });
});

describe('while load is shed', () => {
  const short = { since: 0, seen: 100, isAnnounced: true };
  /** b failed with what has left since. */
  const memory: ScheduleMemory = { ...emptyMemory, short, evidence: [{ members: ['b', 'c'], count: 1 }] };
  const units = [...'abcdefgh'].map((id) => aUnit(id, 'bc'.includes(id) ? { prior: 0.8 } : {}));
  const running = [aBuild('a')];
  const settings = { batches: false, sheds: true };

  it('those that are doubted wait behind those that are not', () => {
    const view = aView(units, { slots: 2, builds: running });
    expect(startsOf(plan(view, settings, memory))).toEqual(['ad']);
    expect(startsOf(plan(view, settings, { ...memory, short: null }))).not.toEqual(['ad']);
  });

  it('those that will land as likely as not wait where they were', () => {
    const even = units.map((unit) => ({ ...unit, prior: unit.id === 'b' ? 0.6 : 0.95 }));
    const { memory: after } = plan(aView(even, { slots: 2, builds: running }), settings, { ...emptyMemory, short });
    expect(after.short?.isAnnounced).toBe(true);
    expect([...after.places.keys()]).toEqual([]);
  });

  it('nobody comes ahead of what is tested and was ahead of it', () => {
    const view = aView(units, { slots: 2, builds: [aBuild('a'), aBuild('ae')] });
    const order = [...plan(view, settings, memory).memory.places].sort(([, one], [, other]) => one - other);
    // Of b, c and d behind a, and of those behind e.
    expect(order.map(([id]) => id)).toEqual(['d', 'b', 'c']);
  });

  it('nobody goes ahead of those of another priority', () => {
    const hot = units.map((unit) => (unit.id < 'd' ? { ...unit, priority: 'hotfix' as const } : unit));
    const { memory: after } = plan(aView(hot, { slots: 2, builds: running }), settings, memory);
    expect([...after.places.keys()]).toEqual([]);
  });

  it('what is tested keeps its place, and counts for those that it went ahead of', () => {
    const view = (mostOvertakings: number) =>
      plan(
        aView(units, { slots: 2, builds: [aBuild('h')] }),
        { ...settings, mostOvertakings },
        {
          ...memory,
          places: new Map([['h', -1]]),
        },
      ).memory.places;
    expect(view(10).get('d')).toBe(units[1]?.askedAt);
    // h went ahead of b already: nobody else may.
    expect([...view(1).keys()]).toEqual(['h']);
  });

  it('nothing is tested on a second ground while the first will most likely hold', () => {
    const two = [aUnit('a', { prior: 0.7 }), aUnit('b')];
    const plenty = { slots: 3, builds: [aBuild('a'), aBuild('ab')] };
    const shed = { ...emptyMemory, short };
    expect(startsOf(plan(aView(two, plenty), settings, emptyMemory))).toEqual(['b']);
    expect(startsOf(plan(aView(two, plenty), settings, shed))).toEqual([]);
    const doubted = { ...shed, evidence: [{ members: ['a', 'x'], count: 1 }] };
    const both = [...two, aUnit('x')];
    expect(startsOf(plan(aView(both, plenty), settings, doubted))).toContain('b');
  });
});
