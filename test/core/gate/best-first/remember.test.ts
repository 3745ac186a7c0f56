import { describe, expect, it } from 'vitest';
import { noteMoves } from '../../../../src/core/gate/best-first/note-moves.ts';
import {
  firstSchedule,
  memoryFrom,
  priorOf,
  storedMemory,
  withOutcome,
} from '../../../../src/core/gate/best-first/remember.ts';
import { emptyMemory } from '../../../../src/core/gate/schedule/memory.ts';
import type { LandedChange } from '../../../../src/model/queue.ts';
import { sha } from '../../../fakes/model-data.ts';
import { aCandidate, anItem, aRecord, headOf, tip } from '../gate-fixture.ts';

const [branch] = aRecord().branches;
if (!branch) throw new Error('a record without a branch');
const first = firstSchedule(4, branch);

function landed(number: number, commit: string, from = tip): LandedChange {
  return { number, head: headOf(number), from, commit: sha(commit) };
}

describe('what a scheduler remembers', () => {
  it('is the same after it was written and read', () => {
    const memory = {
      ...emptyMemory,
      taken: new Set(['x']),
      landings: 3,
      evidence: [{ members: ['a', 'b'], count: 2 }],
      passed: new Set(['a']),
      met: new Map([['a', 2]]),
      overtaken: new Map([['b', 1]]),
      places: new Map([['b', 1.5]]),
      released: new Set(['b']),
      rates: { ...emptyMemory.rates, flakes: 7, firstAsked: 12, lastAsked: 14, least: 0.3 },
    };
    const written = JSON.parse(JSON.stringify({ ...first, ...storedMemory(memory) }));
    expect(memoryFrom(written)).toEqual(memory);
    expect(memoryFrom(JSON.parse(JSON.stringify(first)))).toEqual(emptyMemory);
  });

  it('begins a rate anew that an earlier version did not keep', () => {
    const { flakes: _, ...rates } = first.rates;
    expect(memoryFrom({ ...first, rates }).rates.flakes).toBe(emptyMemory.rates.flakes);
  });

  it('expects more of changes when they land, less when they are rejected', () => {
    const after = (outcome: 'good' | 'bad') => priorOf(withOutcome(first, outcome));
    expect(priorOf(first)).toBeCloseTo(0.95);
    expect(after('good')).toBeGreaterThan(priorOf(first));
    expect(after('bad')).toBeLessThan(priorOf(first));
  });
});

describe('where the branch went', () => {
  const under = [{ unit: '#1@x/1', commit: sha('a') }];
  const guess = { under, excluded: [], onto: 0, make: 1 };
  const record = aRecord({ items: [anItem(2, { candidate: aCandidate(sha('b'), { guess }) })] });

  it('a landing has the name that candidates know it by', () => {
    const moved = { ...branch, tip: sha('a'), landed: [landed(1, 'a')] };
    const stored = noteMoves(record, moved, first);
    expect(stored.landed.map(({ unit }) => unit)).toEqual(['#1@x/1']);
    expect(stored).toMatchObject({ tip: sha('a'), good: expect.closeTo(19.62, 2) });
    expect(noteMoves(record, moved, stored)).toEqual(stored);
  });

  it('several landings count one by one', () => {
    const all = [landed(1, 'a'), landed(3, 'b', sha('a')), landed(4, 'c', sha('b'))];
    const moved = { ...branch, tip: sha('c'), landed: all };
    const stored = noteMoves(record, moved, { ...first, tip: sha('a') });
    const later = [`landed ${sha('b')}`, `landed ${sha('c')}`];
    expect(stored.landed.map(({ unit }) => unit)).toEqual(later);
    // Also where they are the first of all.
    expect(noteMoves(record, moved, first).landed.map(({ unit }) => unit)).toEqual(['#1@x/1', ...later]);
  });

  it('what somebody else did matters to everybody, and what failed before says nothing any more', () => {
    const known = {
      ...first,
      tip,
      evidence: [{ members: ['#2'], count: 1 }],
      passed: ['#3'],
      clashes: [{ unit: '#4', on: ['#2'] }],
    };
    const stored = noteMoves(record, { ...branch, tip: sha('f') }, known);
    expect(stored.landed.map(({ unit }) => unit)).toEqual([`moved to ${sha('f')}`]);
    expect(stored).toMatchObject({ evidence: [], passed: [], clashes: [], good: 19 });
    const pushedOver = { ...branch, tip: sha('f'), landed: [landed(1, 'a')] };
    expect(noteMoves(record, pushedOver, known).landed.at(-1)?.unit).toBe(`moved to ${sha('f')}`);
  });

  it('landings older than every candidate are forgotten, the newest fifty excepted', () => {
    const many = Array.from({ length: 60 }, (_, at) => ({ unit: `#${at}`, askedAt: 0, prior: 1 }));
    const long = { ...first, tip, landed: many, landings: 60, forgotten: 5 };
    const begun = (onto: number) =>
      aRecord({ items: [anItem(2, { candidate: aCandidate(sha('b'), { guess: { ...guess, onto } }) })] });
    expect(noteMoves(begun(65), branch, long)).toMatchObject({ forgotten: 15, landings: 50 });
    expect(noteMoves(begun(8), branch, long)).toMatchObject({ forgotten: 8, landings: 57 });
    expect(noteMoves(begun(8), branch, long).landed[0]?.unit).toBe('#3');
    expect(noteMoves(begun(5), branch, long)).toEqual(long);
  });
});
