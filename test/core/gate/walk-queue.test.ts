import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isSameGround } from '../../../src/core/gate/walk-queue.ts';
import { branchKeyOf } from '../../../src/model/queue.ts';
import { sha } from '../../fakes/model-data.ts';
import { commitOn, type Fate, type Place, shown, tips, trunk, walk } from './walk-fixture.ts';

const test: Place = { fate: 'test' };
const passed: Place = { fate: 'passed' };
const failed: Place = { fate: 'failed' };

describe('one walk over a queue (gate.md §3)', () => {
  it.each<[string, readonly Place[], string]>([
    ['three build at once, each on those ahead', [test, test, test], 'test, test on 1, test on 1+2'],
    ['what passed on the tip lands', [passed, test], 'land, test on 1'],
    ['what passed behind others waits for them', [test, passed], 'test, test on 1'],
    ['two that passed: only the first lands', [passed, passed], 'land, test on 1'],
    [
      'one that is not open any more leaves, those behind stand without it',
      [{ fate: 'test', leaves: 'closed' }, test],
      'leave, test',
    ],
    ['one that leaves leaves even where it is held', [{ fate: 'test', leaves: 'closed', waits: 'held' }], 'leave'],
    [
      'a held one keeps its place, those behind stand without it',
      [{ fate: 'passed', waits: 'held' }, test, test],
      'step-over, test, test on 2',
    ],
    [
      'a parked one keeps its place',
      [test, { fate: 'failed', waits: 'parked' }, test],
      'test, step-over on 1, test on 1',
    ],
    ['a dependency ahead of it is in its ground', [test, { fate: 'test', needs: [1] }], 'test, test on 1'],
    ['without its dependency it is not made', [{ fate: 'test', needs: [7] }, test], 'step-over, test'],
    [
      'a dependency that is held is not in its ground',
      [
        { fate: 'test', waits: 'held' },
        { fate: 'test', needs: [1] },
      ],
      'step-over, step-over',
    ],
    [
      'a dependency that failed off the tip is not in its ground',
      [test, failed, { fate: 'test', needs: [2] }],
      'test, hold-verdict on 1, step-over on 1',
    ],
    ['a dependency behind it is not in its ground', [{ fate: 'test', needs: [2] }, test], 'step-over, test'],
    [
      'nothing is said of those behind a candidate that is to be made',
      [test, { fate: 'none' }, test],
      'test, make on 1',
    ],
    ['one that could not be made is stepped over and tried again', [{ fate: 'unmade' }, test], 'step-over, test'],
    ['failed on the tip is final once its own builds are done', [failed, test], 'reject, test'],
    [
      'failed on the tip with a build still running is waited for, those behind go on',
      [{ fate: 'finish' }, test],
      'finish, test',
    ],
    ['failed off the tip keeps its verdict to itself', [test, failed, test], 'test, hold-verdict on 1, test on 1'],
    ['a conflict with the branch is final', [{ fate: 'conflict' }, test], 'conflict, test'],
    [
      'a conflict with a change ahead is held',
      [test, { fate: 'conflict' }, test],
      'test, hold-verdict on 1, test on 1',
    ],
    ['what the branch has already leaves', [{ fate: 'contained' }, test], 'contained, test'],
    ['what the forge would not take leaves, whatever is ahead', [test, { fate: 'forbidden' }], 'test, forbidden on 1'],
    ['what a change ahead has already is held', [test, { fate: 'contained' }], 'test, hold-verdict on 1'],
    [
      'a held verdict counts anew once the one ahead has left',
      [
        { fate: 'test', leaves: 'closed' },
        { fate: 'test', on: { 1: 'failed', '': 'test' } },
      ],
      'leave, test',
    ],
  ])('%s', (_, places, expected) => {
    expect(shown(walk(places))).toBe(expected);
  });

  it.each<[number, readonly Place[], string]>([
    [2, [test, test, test], 'test, test on 1, beyond-window on 1+2'],
    [1, [test, test, test], 'test, beyond-window on 1, beyond-window on 1'],
    [1, [{ fate: 'test', waits: 'held' }, test, test], 'step-over, test, beyond-window on 2'],
    [1, [{ fate: 'test', leaves: 'closed' }, test, test], 'leave, test, beyond-window on 2'],
    [1, [test, { fate: 'test', leaves: 'closed' }], 'test, leave on 1'],
    [0, [passed], 'beyond-window'],
  ])('a window of %i: %j', (window, places, expected) => {
    expect(shown(walk(places, window))).toBe(expected);
  });

  it('says why: what it waits for, what it depends on, and how many are tested', () => {
    const steps = walk([{ fate: 'test', waits: 'it is held' }, { fate: 'test', needs: [8] }, test, test], 1);
    const reasons = steps.flatMap(({ decision }) => ('because' in decision ? [decision.because] : []));
    expect(reasons[0]).toBe('it is held');
    expect(reasons[1]).toContain('#8');
    expect(reasons[2]).toContain('first 1');
  });

  it('ends what was tested of one whose dependency went away, and of no other that is stepped over', () => {
    const steps = walk([{ fate: 'test', needs: [8] }, { fate: 'test', waits: 'held' }, { fate: 'unmade' }]);
    expect(steps.map(({ decision }) => decision.kind === 'step-over' && decision.ends)).toEqual([true, false, false]);
  });

  it.each<[string, readonly Place[], readonly boolean[]]>([
    ['what was made on what is still ahead goes on', [test, test, test], [false, false]],
    ['nothing was made', [test, { fate: 'none' }, test], [true, true]],
    [
      'its ground is gone, and with it that of all behind',
      [test, { fate: 'none', on: { 2: 'test' } }, test],
      [true, true],
    ],
    ["one that failed is in nobody's ground", [test, failed, { fate: 'none', on: { 1: 'test' } }], [false, false]],
    [
      'it stood on one that left',
      [{ fate: 'test', leaves: 'closed' }, test, { fate: 'none', on: { '1+2': 'test' } }],
      [true],
    ],
  ])('beyond the window, what is under way ends with its ground: %s', (_, places, expected) => {
    const decisions = walk(places, 1).map(({ decision }) => decision);
    expect(decisions.flatMap((each) => (each.kind === 'beyond-window' ? [each.ends] : []))).toEqual(expected);
  });

  it('one beyond the window may depend on another one there', () => {
    expect(shown(walk([test, test, { fate: 'test', needs: [2] }], 1))).toBe(
      'test, beyond-window on 1, beyond-window on 1',
    );
    expect(shown(walk([test, test, { fate: 'test', needs: [9] }], 1))).toBe('test, beyond-window on 1, step-over on 1');
  });

  it('a queue of two branches moves each item on its own, and lands on the whole vector alone', () => {
    const other = branchKeyOf(2, 'main');
    const both = { [trunk]: sha('0'), [other]: sha('1') };
    const steps = walk([passed, { fate: 'passed', branch: other }, passed], 20, both);
    expect(shown(steps)).toBe('land, test on 1, test on 1+2');
    const second = steps[1]?.parents;
    expect(second).toEqual({ [trunk]: commitOn(1, both), [other]: sha('1') });
    expect(steps[2]?.parents).toEqual({ [trunk]: commitOn(1, both), [other]: commitOn(2, second ?? both) });
  });
});

const fates: readonly Fate[] = [
  'none',
  'unmade',
  'conflict',
  'contained',
  'forbidden',
  'test',
  'passed',
  'finish',
  'failed',
];
const fate = fc.constantFrom(...fates);
const place: fc.Arbitrary<Place> = fc
  .record({
    fate,
    on: fc.dictionary(fc.constantFrom('', '1', '2', '1+2', '1+2+3'), fate),
    leaves: fc.option(fc.constant('closed'), { nil: undefined, freq: 5 }),
    waits: fc.option(fc.constant('held'), { nil: undefined, freq: 4 }),
    needs: fc.array(fc.integer({ min: 1, max: 6 }), { maxLength: 2 }),
  })
  .map(({ leaves, waits, ...rest }) => ({
    ...rest,
    ...(leaves === undefined ? {} : { leaves }),
    ...(waits === undefined ? {} : { waits }),
  }));
const queue = fc.array(place, { minLength: 1, maxLength: 7 });
const someWindow = fc.integer({ min: 0, max: 8 });

describe('every walk', () => {
  it('lets nothing land whose ground is not the tip, that is held, or that may not stay', () => {
    fc.assert(
      fc.property(queue, someWindow, (places, window) => {
        for (const { id, parents, decision } of walk(places, window)) {
          if (decision.kind !== 'land') continue;
          expect(isSameGround(parents, tips)).toBe(true);
          const landing = places[Number(id.slice(2)) - 1];
          expect([landing?.waits, landing?.leaves]).toEqual([undefined, undefined]);
        }
      }),
      { numRuns: 2_000 },
    );
  });

  it('puts nobody on the commit of one that failed, conflicts, is held, leaves or lacks a dependency', () => {
    fc.assert(
      fc.property(queue, someWindow, (places, window) => {
        const steps = walk(places, window);
        const good = new Set(
          steps.flatMap(({ id, decision }) => (decision.kind === 'land' || decision.kind === 'test' ? [id] : [])),
        );
        for (const { id, ahead, parents } of steps) {
          expect(ahead.every((each) => good.has(each))).toBe(true);
          // The ground is exactly those ahead, one on the other.
          const built = ahead.reduce<string>(
            (commit, each) => commitOn(Number(each.slice(2)), { [trunk]: commit as never }),
            tips[trunk] ?? '',
          );
          expect(parents[trunk], id).toBe(built);
          const needs = places[Number(id.slice(2)) - 1]?.needs ?? [];
          if (good.has(id)) expect(needs.every((need) => ahead.includes(`q#${need}`))).toBe(true);
        }
      }),
      { numRuns: 2_000 },
    );
  });

  it('rejects nobody off the tip', () => {
    fc.assert(
      fc.property(queue, (places) => {
        for (const { ahead, decision } of walk(places))
          if (['reject', 'conflict', 'contained', 'finish'].includes(decision.kind)) expect(ahead).toEqual([]);
      }),
      { numRuns: 2_000 },
    );
  });

  it('says the same of the same queue', () => {
    fc.assert(
      fc.property(queue, someWindow, (places, window) => {
        expect(walk(places, window)).toEqual(walk(places, window));
      }),
    );
  });

  it('lets the same one land whatever the window, as long as it is within', () => {
    fc.assert(
      fc.property(queue, someWindow, (places, window) => {
        const landing = (of: number) => walk(places, of).find(({ decision }) => decision.kind === 'land')?.id;
        expect([undefined, landing(places.length)]).toContain(landing(window));
      }),
      { numRuns: 1_000 },
    );
  });
});
