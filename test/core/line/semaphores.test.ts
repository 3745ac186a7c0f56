import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { pickStarts, placesIn } from '../../../src/core/line/order-line.ts';
import type { BuildId } from '../../../src/model/build.ts';
import type { Semaphore } from '../../../src/model/job.ts';
import type { LineEntry, LineLimits } from '../../../src/model/line.ts';
import { subjectIdOf } from '../../../src/model/subject.ts';

type Over = Partial<Omit<LineEntry, 'subject'>> & { readonly number?: number };

function entry(build: string, semaphore: Semaphore | null, { number = 1, ...over }: Over = {}): LineEntry {
  const subject = subjectIdOf({ kind: 'presubmit', repository: 1, number });
  const plain = { pool: 'default', priority: 100, since: 0, repository: 1, author: 1, state: 'waiting' } as const;
  return { build: build as BuildId, subject, ...plain, ...(semaphore === null ? {} : { semaphore }), ...over };
}

const wide: LineLimits = { pool: 1000, perRepository: 1000, perAuthor: 1000 };
const one = { name: 'db', max: 1 };
const two = { name: 'db', max: 2 };
const other = { name: 'lab', max: 1 };

describe('a semaphore', () => {
  it.each<[string, readonly LineEntry[], readonly string[]]>([
    ['lets one of two subjects run, the older', [entry('b', one, { since: 2 }), entry('a', one, { number: 2 })], ['a']],
    ['lets as many run as it says', ['a', 'b', 'c'].map((name, since) => entry(name, two, { since })), ['a', 'b']],
    ['is held by what runs', [entry('x', one, { state: 'active', number: 2 }), entry('a', one)], []],
    ['is held by what is about to run', [entry('x', one, { state: 'granted', number: 2 }), entry('a', one)], []],
    ['does not hold back what names another', [entry('x', one, { state: 'active' }), entry('a', other)], ['a']],
    ['does not hold back what names none', [entry('x', one, { state: 'active' }), entry('a', null)], ['a']],
    [
      'keeps nobody waiting behind one that waits for it',
      [entry('x', one, { state: 'active' }), entry('a', one, { since: 1 }), entry('b', null, { since: 2 })],
      ['b'],
    ],
    ['of another repository is another', [entry('x', one, { state: 'active', repository: 2 }), entry('a', one)], ['a']],
    ['gives way by priority first', [entry('a', one), entry('hot', one, { since: 9, priority: 10 })], ['hot']],
    [
      'that two branches count differently lets nobody exceed its own number',
      [entry('x', two, { state: 'active' }), entry('a', one), entry('b', two, { since: 1 })],
      ['b'],
    ],
  ])('%s', (_, entries, expected) => {
    expect(pickStarts(entries, wide)).toEqual(expected);
  });

  const group = { name: 'db', max: 1, counts: 'jobs' } as const;
  it.each<[string, readonly LineEntry[], readonly string[]]>([
    [
      'lets all builds of one job run at once, and none of another',
      [
        entry('a1', group, { holder: 'a' }),
        entry('a2', group, { holder: 'a', since: 2 }),
        entry('b1', group, { holder: 'b', since: 1 }),
      ],
      ['a1', 'a2'],
    ],
    [
      'is held by what runs of a job, and open to the rest of that',
      [
        entry('x', group, { holder: 'b', state: 'active' }),
        entry('a1', group, { holder: 'a' }),
        entry('b1', group, { holder: 'b', since: 1 }),
      ],
      ['b1'],
    ],
    [
      'is no semaphore of that name',
      [entry('x', one, { state: 'active' }), entry('a1', group, { holder: 'a' })],
      ['a1'],
    ],
  ])('that is a group %s', (_, entries, expected) => {
    expect(pickStarts(entries, wide)).toEqual(expected);
  });

  it('that is a group is told to who waits for it', () => {
    const entries = [entry('x', group, { holder: 'b', state: 'active' }), entry('a', group, { holder: 'a' })];
    expect(placesIn(entries, wide).get('a' as BuildId)?.waitsFor).toBe('the group db, which another job holds');
  });

  it.each<[string, readonly LineEntry[], string | undefined]>([
    ['one holds', [entry('x', one, { state: 'active' })], 'the semaphore db, which another build holds'],
    [
      'two hold',
      ['x', 'y'].map((name) => entry(name, one, { state: 'granted' })),
      'the semaphore db, which 2 other builds hold',
    ],
    ['nobody holds', [entry('x', other, { state: 'active' })], undefined],
  ])('that %s is told to who waits for it', (_, entries, waitsFor) => {
    expect(placesIn([...entries, entry('a', one)], wide).get('a' as BuildId)?.waitsFor).toBe(waitsFor);
  });
});

const anEntry = fc.record({
  number: fc.nat(3),
  priority: fc.constantFrom(10, 100),
  since: fc.nat(20),
  repository: fc.nat(1),
  state: fc.constantFrom<LineEntry['state']>('waiting', 'waiting', 'granted', 'active'),
});
const aLine = fc
  .array(fc.tuple(anEntry, fc.constantFrom(null, two, other)), { maxLength: 30 })
  .map((all) => all.map(([over, semaphore], index) => entry(`b${String(index).padStart(2, '0')}`, semaphore, over)));

/** The same with groups, whose holders have several builds each. */
const aLineOfGroups = aLine.map((all) =>
  all.map((each, index): LineEntry => {
    const semaphore = { name: 'lab', max: 1, counts: 'jobs' } as const;
    return index % 3 === 0 ? { ...each, semaphore, holder: `h${index % 4}` } : each;
  }),
);

const keyOf = ({ repository, semaphore }: LineEntry) => `${repository} ${semaphore?.name}`;

describe('whatever waits', () => {
  it('no semaphore is exceeded by what is picked, and none that is free keeps anybody waiting', () => {
    fc.assert(
      fc.property(aLine, (entries) => {
        const picked = new Set<string>(pickStarts(entries, wide));
        const before = entries.filter(({ state }) => state !== 'waiting');
        const after = entries.filter(({ state, build }) => state !== 'waiting' || picked.has(build));
        const heldIn = (all: readonly LineEntry[], key: string) => all.filter((each) => keyOf(each) === key).length;
        for (const each of entries) {
          const { semaphore } = each;
          if (semaphore === undefined) expect(after).toContain(each);
          else {
            const now = heldIn(after, keyOf(each));
            expect(now).toBeLessThanOrEqual(Math.max(semaphore.max, heldIn(before, keyOf(each))));
            if (!after.includes(each)) expect(now).toBeGreaterThanOrEqual(semaphore.max);
          }
        }
      }),
    );
  });

  it('everybody has had a turn once those before have ended', () => {
    fc.assert(
      fc.property(aLineOfGroups, (entries) => {
        let line = [...entries];
        for (let turn = 0; line.length > 0 && turn <= entries.length; turn += 1) {
          const picked = new Set<string>(pickStarts(line, wide));
          line = line.filter(({ state, build }) => state === 'waiting' && !picked.has(build));
        }
        expect(line).toEqual([]);
      }),
    );
  });
});
