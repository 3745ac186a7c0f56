import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { orderLine, pickStarts, placesIn } from '../../../src/core/line/order-line.ts';
import type { BuildId } from '../../../src/model/build.ts';
import type { LineEntry, LineLimits } from '../../../src/model/line.ts';
import { subjectIdOf } from '../../../src/model/subject.ts';
import { computingMs } from '../../harness/computing.ts';

function entry(name: string, over: Partial<LineEntry> = {}): LineEntry {
  return {
    build: name as BuildId,
    subject: subjectIdOf({ kind: 'presubmit', repository: 1, number: 1 }),
    pool: 'default',
    priority: 100,
    since: 0,
    repository: 1,
    author: 1,
    state: 'waiting',
    ...over,
  };
}

const wide: LineLimits = { pool: 1000, perRepository: 1000, perAuthor: 1000 };

function names(entries: readonly LineEntry[]): string[] {
  return orderLine(entries).map(({ build }) => build);
}

describe('the line: priority, then fair between repositories, then age (design.md §5)', () => {
  it('puts the older one first', () => {
    expect(names([entry('b', { since: 2 }), entry('a', { since: 1 })])).toEqual(['a', 'b']);
  });

  it('puts the lower number first, however young', () => {
    expect(names([entry('old', { since: 1 }), entry('hot', { since: 9, priority: 0 })])).toEqual(['hot', 'old']);
  });

  it('gives every repository its turn: five hundred of one do not keep one of another waiting', () => {
    const many = Array.from({ length: 500 }, (_, i) => entry(`m${i}`, { since: i }));
    const one = entry('one', { repository: 2, since: 10_000 });
    expect(names([...many, one]).indexOf('one')).toBe(1);
  });

  it('counts what a repository holds already', () => {
    const held = entry('held', { state: 'active', repository: 1 });
    const granted = entry('granted', { state: 'granted', repository: 1 });
    const mine = entry('mine', { repository: 1, since: 1 });
    const theirs = entry('theirs', { repository: 2, since: 9 });
    expect(names([held, granted, mine, theirs])).toEqual(['theirs', 'mine']);
  });

  it('is found quickly for twenty thousand', () => {
    const many = Array.from({ length: 20_000 }, (_, i) => entry(`m${i}`, { since: i % 977, repository: i % 20 }));
    expect(computingMs(() => expect(orderLine(many)).toHaveLength(20_000))).toBeLessThan(2000);
  });

  it('gives no place to what has its slot', () => {
    expect(names([entry('a', { state: 'active' }), entry('b', { state: 'granted' })])).toEqual([]);
  });
});

describe('limits', () => {
  it.each`
    limits                                         | entries                                                                            | expected
    ${{ ...wide, pool: 2 }}                        | ${[entry('a'), entry('b', { since: 1 }), entry('c', { since: 2 })]}                | ${['a', 'b']}
    ${{ ...wide, pool: 2 }}                        | ${[entry('x', { state: 'active' }), entry('a'), entry('b', { since: 1 })]}         | ${['a']}
    ${{ ...wide, pool: 2 }}                        | ${[entry('x', { state: 'granted' }), entry('y', { state: 'active' }), entry('a')]} | ${[]}
    ${{ ...wide, perRepository: 1 }}               | ${[entry('a'), entry('b', { since: 1 }), entry('c', { since: 2, repository: 2 })]} | ${['a', 'c']}
    ${{ ...wide, perAuthor: 1 }}                   | ${[entry('a'), entry('b', { since: 1 }), entry('c', { since: 2, author: 2 })]}     | ${['a', 'c']}
    ${{ ...wide, perAuthor: 1 }}                   | ${[entry('a'), entry('b', { since: 1, repository: 2 })]}                           | ${['a']}
    ${{ pool: 0, perRepository: 9, perAuthor: 9 }} | ${[entry('a')]}                                                                    | ${[]}
    ${{ pool: 1, perRepository: 9, perAuthor: 9 }} | ${[]}                                                                              | ${[]}
  `('$limits picks $expected', ({ limits, entries, expected }) => {
    expect(pickStarts(entries, limits)).toEqual(expected);
  });
});

const anEntry = fc.record({
  priority: fc.constantFrom(0, 100, 200),
  since: fc.nat(20),
  repository: fc.nat(3),
  author: fc.nat(3),
  state: fc.constantFrom<LineEntry['state']>('waiting', 'waiting', 'waiting', 'granted', 'active'),
});
const aLine = fc
  .array(anEntry, { maxLength: 40 })
  .map((records) => records.map((record, index) => entry(`b${String(index).padStart(3, '0')}`, record)));
const someLimits = fc.record({ pool: fc.nat(12), perRepository: fc.nat(6), perAuthor: fc.nat(6) });

function count(entries: readonly LineEntry[], of: (each: LineEntry) => number): Map<number, number> {
  const counts = new Map<number, number>();
  for (const each of entries) counts.set(of(each), (counts.get(of(each)) ?? 0) + 1);
  return counts;
}

function most(counts: Map<number, number>): number {
  return Math.max(0, ...counts.values());
}

describe('while code that nobody approved is held', () => {
  const isStranger = ({ trust }: LineEntry): boolean => trust === 'untrusted';
  const line = [entry('stranger', { since: 1, trust: 'untrusted' }), entry('landed', { since: 2 })];

  it('takes no slot from the others, however old it is', () => {
    expect(pickStarts(line, { ...wide, pool: 1 }, isStranger)).toEqual(['landed']);
    expect(pickStarts(line, wide, isStranger)).toEqual(['landed']);
  });

  it('is picked in its turn once it is not', () => {
    expect(pickStarts(line, { ...wide, pool: 1 })).toEqual(['stranger']);
  });
});

describe('whatever waits', () => {
  it('no limit is exceeded by what is picked (invariant S12)', () => {
    fc.assert(
      fc.property(aLine, someLimits, (entries, limits) => {
        const picked = new Set<string>(pickStarts(entries, limits));
        const before = entries.filter((each) => each.state !== 'waiting');
        const after = entries.filter((each) => each.state !== 'waiting' || picked.has(each.build));
        expect(after.length).toBeLessThanOrEqual(Math.max(limits.pool, before.length));
        const kinds = [
          { of: (each: LineEntry) => each.repository, limit: limits.perRepository },
          { of: (each: LineEntry) => each.author, limit: limits.perAuthor },
        ];
        for (const { of, limit } of kinds) {
          const held = count(before, of);
          for (const [key, now] of count(after, of))
            expect(now).toBeLessThanOrEqual(Math.max(limit, held.get(key) ?? 0));
        }
      }),
    );
  });

  it('nothing that fits is left: one more would break a limit', () => {
    fc.assert(
      fc.property(aLine, someLimits, (entries, limits) => {
        const picked = new Set<string>(pickStarts(entries, limits));
        const taken = entries.filter((each) => each.state !== 'waiting' || picked.has(each.build));
        const repositories = count(taken, (each) => each.repository);
        const authors = count(taken, (each) => each.author);
        for (const each of entries.filter((other) => other.state === 'waiting' && !picked.has(other.build))) {
          const full =
            taken.length >= limits.pool ||
            (repositories.get(each.repository) ?? 0) >= limits.perRepository ||
            (authors.get(each.author) ?? 0) >= limits.perAuthor;
          expect(full).toBe(true);
        }
      }),
    );
  });

  it('the order is the same in whatever order the entries are listed', () => {
    fc.assert(
      fc.property(aLine, fc.infiniteStream(fc.nat()), (entries, numbers) => {
        const shuffled = entries
          .map((each) => ({ each, at: numbers.next().value ?? 0 }))
          .sort((a, b) => a.at - b.at)
          .map(({ each }) => each);
        expect(names(shuffled)).toEqual(names(entries));
      }),
    );
  });

  it('everything that waits has exactly one place', () => {
    fc.assert(
      fc.property(aLine, (entries) => {
        const waiting = entries.filter((each) => each.state === 'waiting').map(({ build }) => build);
        expect([...names(entries)].sort()).toEqual([...waiting].sort());
      }),
    );
  });

  it('nobody is overtaken within his repository and priority', () => {
    fc.assert(
      fc.property(aLine, (entries) => {
        const last = new Map<string, LineEntry>();
        for (const each of orderLine(entries)) {
          const key = `${each.repository}/${each.priority}`;
          const before = last.get(key);
          if (before) expect(before.since).toBeLessThanOrEqual(each.since);
          last.set(key, each);
        }
      }),
    );
  });

  it('within one priority no repository gets two turns more than another that still waits', () => {
    fc.assert(
      fc.property(aLine, (entries) => {
        const waiting = entries.map((each) => ({ ...each, priority: 1 })).filter((each) => each.state === 'waiting');
        const left = count(waiting, (each) => each.repository);
        const given = new Map<number, number>();
        for (const each of orderLine(waiting)) {
          given.set(each.repository, (given.get(each.repository) ?? 0) + 1);
          left.set(each.repository, (left.get(each.repository) ?? 0) - 1);
          const stillWaiting = [...left]
            .filter(([, number]) => number > 0)
            .map(([repository]) => given.get(repository) ?? 0);
          if (stillWaiting.length > 0) expect(most(given) - Math.min(...stillWaiting)).toBeLessThanOrEqual(1);
        }
      }),
    );
  });
});

describe('a pool of its own size', () => {
  const limits: LineLimits = { ...wide, pool: 1, pools: { gpu: 2, lab: 1 } };
  const line = (pool: string, ...states: readonly LineEntry['state'][]) =>
    states.map((state, index) => entry(`b${index}`, { pool, state, since: index }));

  it.each`
    pool         | states                               | starts | waitsFor
    ${'gpu'}     | ${['waiting', 'waiting', 'waiting']} | ${2}   | ${undefined}
    ${'gpu'}     | ${['active', 'granted', 'waiting']}  | ${0}   | ${'one of the 2 slots of the pool gpu'}
    ${'lab'}     | ${['active', 'waiting']}             | ${0}   | ${'the one slot of the pool lab'}
    ${'default'} | ${['waiting', 'waiting']}            | ${1}   | ${undefined}
    ${'default'} | ${['active', 'waiting']}             | ${0}   | ${undefined}
    ${'other'}   | ${['active', 'waiting', 'waiting']}  | ${0}   | ${undefined}
  `('$pool with $states lets $starts start, and tells the last: $waitsFor', ({ pool, states, starts, waitsFor }) => {
    const entries = line(pool, ...states);
    expect(pickStarts(entries, limits)).toHaveLength(starts);
    expect(placesIn(entries, limits).get(`b${states.length - 1}` as BuildId)?.waitsFor).toBe(waitsFor);
  });
});
