import { describe, expect, it } from 'vitest';
import { planQueue } from '../../src/core/gate/plan-queue.ts';
import {
  blamesAnyway,
  forgetsToLand,
  landsOffTheTip,
  landsUntested,
  landsWithoutOthers,
  neverReads,
  rejectsOffTheTip,
} from './faults.ts';
import type { Plan } from './moves.ts';
import { searchAll } from './search.ts';
import type { Mishap, Story } from './world.ts';

const lost: readonly Mishap[] = ['crash', 'lost', 'record-lost'];
const mishaps: readonly Mishap[] = [...lost, 'foreign', 'refused'];
const three: Story = { changes: [1, 2, 3], conflict: null, depends: null, mishaps: [], most: 0 };
/** Far more than it takes: how long is nobody's promise. */
const patience = 240_000;

describe('every order in which things can happen to a queue', () => {
  // The numbers keep the search from shrinking unseen.
  it.each<[string, Story, number]>([
    ['three changes, one crash, lost answer or lost record', { ...three, mishaps: lost, most: 1 }, 2_000],
    ['two changes, one mishap of any kind', { ...three, changes: [1, 2], mishaps, most: 1 }, 500],
    ['two changes, two mishaps', { ...three, changes: [1, 2], mishaps: ['crash', 'lost', 'foreign'], most: 2 }, 1_000],
    [
      'three changes of two projects, one of which depends on the other, one crash, lost answer or lost record',
      { ...three, second: [2], depends: [2, 1], mishaps: lost, most: 1 },
      900,
    ],
    [
      'two changes of two projects, one mishap of any kind',
      { ...three, changes: [1, 2], second: [2], mishaps, most: 1 },
      500,
    ],
    ['three changes, two of which conflict', { ...three, conflict: [1, 3] }, 100],
    ['three changes, one of which depends on another', { ...three, depends: [3, 1] }, 150],
  ])(
    '%s: main moves only to what was tested on its tip, nothing lands twice, nobody is blamed for others, all settles',
    (_, story, least) => {
      const found = searchAll(story, planQueue);
      expect(found.bad).toBeNull();
      expect(found.states).toBeGreaterThan(least);
    },
    patience,
  );
});

describe('the search finds a queue that', () => {
  it('rejects somebody on a tip that nobody saw passing', () => {
    const story: Story = { ...three, changes: [1, 2], mishaps: ['foreign'], most: 1 };
    expect(searchAll(story, blamesAnyway).bad?.what).toContain('may be what is broken');
  });

  it('lands what was tested with a change of the other project that has not landed', () => {
    const story: Story = { ...three, changes: [1, 2], second: [1] };
    expect(searchAll(story, landsWithoutOthers).bad?.what).toBe('what landed was not tested');
  });

  it.each<[string, Plan, string]>([
    ['lands what stands on another commit than the tip', landsOffTheTip, 'what landed was not made on the tip'],
    ['lands what was not tested', landsUntested, 'what landed was not tested'],
    ['does not read what became of its pushes', neverReads, 'is told'],
    ['rejects for a failure that may lie ahead', rejectsOffTheTip, 'off the tip'],
    ['never lands', forgetsToLand, 'it never settles'],
  ])(
    '%s',
    (_, plan, what) => {
      const found = searchAll({ ...three, changes: [1, 2] }, plan);
      expect(found.bad?.what).toContain(what);
      expect(found.bad?.way[0]).toBe('begin');
    },
    patience,
  );
});
