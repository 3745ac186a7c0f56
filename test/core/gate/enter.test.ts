import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { enterChanges, mostOvertaken, reorder } from '../../../src/core/gate/enter.ts';
import { type QueueFacts, rightsKey } from '../../../src/core/gate/facts.ts';
import { planQueue } from '../../../src/core/gate/plan-queue.ts';
import type { AskedChange, QueueItem, QueueLane, QueueRecord } from '../../../src/model/queue.ts';
import { rights, sha } from '../../fakes/model-data.ts';
import { request, view } from './entry/entry-fixture.ts';
import {
  aBranch,
  aDraft,
  anAsked,
  anItem,
  aRecord,
  headOf,
  idOf,
  landedEntry,
  main,
  theFacts,
  tip,
} from './gate-fixture.ts';

function entered(items: readonly QueueItem[], asked: readonly AskedChange[], facts = theFacts()) {
  const draft = aDraft({ items, asked });
  enterChanges(draft, facts);
  return draft;
}

function order(items: readonly QueueItem[]): string {
  return items.map(({ number }) => number).join(' ');
}

function dependsOn(number: number, other: number): Partial<AskedChange> {
  return { view: view({ body: `Depends-On: #${other}` }, { number, head: headOf(number) }) };
}

describe('changes enter (gate.md §2)', () => {
  it('in the order in which they were asked for, whatever the order in which they are known', () => {
    expect(order(entered([], [anAsked(3), anAsked(1), anAsked(2)]).record.items)).toBe('1 2 3');
  });

  it.each<[QueueLane, string]>([
    ['hotfix', '9 1 2 3'],
    ['normal', '1 2 9 3'],
    ['bulk', '1 2 3 9'],
  ])('a %s change asked for last stands as %s', (lane, expected) => {
    const items = [anItem(1), anItem(2), anItem(3, { lane: 'bulk' })];
    expect(order(entered(items, [anAsked(9, { lane })]).record.items)).toBe(expected);
  });

  it('one that was asked for earlier and lacked something goes before those asked for later', () => {
    expect(order(entered([anItem(2), anItem(4)], [anAsked(3)]).record.items)).toBe('2 3 4');
  });

  it('those of one second go by their numbers, in whatever order they are heard: a lost queue is found in its order', () => {
    const at = 5_000;
    const second = (number: number) => anAsked(number, { request: { ...anAsked(number).request, at } });
    const heard = entered([anItem(6, { request: second(6).request })], [second(5)]).record.items;
    expect(order(heard)).toBe('5 6');
    expect(order(entered([], [second(6), second(5)]).record.items)).toBe('5 6');
  });

  it('counts how often an item was overtaken, and lets nobody overtake it more often than the most', () => {
    const first = entered([anItem(1)], [anAsked(9, { lane: 'hotfix' })]).record.items;
    expect(first.map(({ overtaken }) => overtaken)).toEqual([0, 1]);
    const worn = anItem(1, { overtaken: mostOvertaken });
    expect(order(entered([worn, anItem(2)], [anAsked(9, { lane: 'hotfix' })]).record.items)).toBe('1 9 2');
  });

  it('of twelve hotfixes ten go ahead of a normal change', () => {
    const hotfixes = Array.from({ length: 12 }, (_, index) => anAsked(10 + index, { lane: 'hotfix' }));
    const { items } = entered([anItem(1)], hotfixes).record;
    expect(items.findIndex(({ number }) => number === 1)).toBe(10);
  });

  it('what another depends on goes ahead of it, though it was asked for later', () => {
    const { items } = entered([], [anAsked(1, dependsOn(1, 2)), anAsked(2)]).record;
    expect(order(items)).toBe('2 1');
  });

  it('a hotfix that depends on a normal change stands behind it', () => {
    const hotfix = anAsked(9, { lane: 'hotfix', ...dependsOn(9, 2) });
    expect(order(entered([anItem(1), anItem(2), anItem(3)], [hotfix]).record.items)).toBe('1 2 9 3');
  });

  it('one whose dependency nobody asked for waits outside', () => {
    const { items, asked } = entered([], [anAsked(1, dependsOn(1, 2))]).record;
    expect([items.length, asked.length]).toEqual([0, 1]);
  });

  it.each([
    ['the settings could not be read', theFacts({ branches: new Map([[main, aBranch({ settings: null })]]) })],
    ['the rules could not be read', theFacts({ branches: new Map([[main, aBranch({ rules: null })]]) })],
    ['the right to ask could not be read', theFacts({ rights: new Map() })],
    ['whoever asked may not merge', theFacts({ rights: new Map([[rightsKey(main, { id: 14 }), rights('read')]]) })],
  ])('nobody enters while %s', (_, facts) => {
    const { items, asked } = entered([], [anAsked(1)], facts).record;
    expect([items.length, asked.length]).toEqual([0, 1]);
  });

  it('a request ends with its head and with the pull request, with the reason', () => {
    const moved = anAsked(1, { view: view({}, { number: 1, head: headOf(7) }) });
    const closed = anAsked(2, { view: view({}, { number: 2, head: headOf(2), state: 'closed' }) });
    const { record, reasons } = entered([], [moved, closed]);
    expect(record.asked).toEqual([]);
    expect(record.leaving.map(({ departure }) => departure.kind)).toEqual(['withdrawn', 'withdrawn']);
    expect(reasons[1]).toContain('it is closed');
  });

  it('a request ends with its head and with the pull request also while the settings cannot be read', () => {
    const moved = anAsked(1, { view: view({}, { number: 1, head: headOf(7) }) });
    const closed = anAsked(2, { view: view({}, { number: 2, head: headOf(2), state: 'closed' }) });
    const unread = theFacts({ branches: new Map([[main, aBranch({ settings: null })]]) });
    const { record } = entered([], [moved, closed, anAsked(3)], unread);
    expect(record.asked.map(({ number }) => number)).toEqual([3]);
    expect(record.leaving.map(({ departure }) => departure.kind)).toEqual(['withdrawn', 'withdrawn']);
  });
});

describe('a change of lane', () => {
  function reordered(items: readonly QueueItem[]): readonly QueueItem[] {
    const draft = aDraft({ items });
    for (let pass = 0; pass < 10; pass += 1) reorder(draft, theFacts());
    return draft.record.items;
  }

  it('brings a hotfix to the front and counts only those that it overtakes', () => {
    const items = reordered([anItem(1), anItem(2), anItem(3, { lane: 'hotfix' }), anItem(4)]);
    expect(order(items)).toBe('3 1 2 4');
    expect(items.map(({ overtaken }) => overtaken)).toEqual([0, 1, 1, 0]);
  });

  it('brings what became bulk behind the normal ones, within a few passes', () => {
    expect(order(reordered([anItem(1, { lane: 'bulk' }), anItem(2), anItem(3)]))).toBe('2 3 1');
  });

  it('leaves one where it is that depends on the one before it, and moves others all the same', () => {
    const items = [
      anItem(1),
      anItem(2, { lane: 'hotfix', ...dependsOn(2, 1) }),
      anItem(3),
      anItem(4, { lane: 'hotfix' }),
    ];
    expect(order(reordered(items))).toBe('1 2 4 3');
  });

  it('sends nobody back behind what was asked for earlier', () => {
    const items = [anItem(5, { lane: 'bulk' }), anItem(3), anItem(2), anItem(1)];
    expect(order(reordered(items))).toBe('1 2 3 5');
  });

  it('comes to rest, whatever the lanes, the order of the requests and how often each was overtaken', () => {
    const lane = fc.constantFrom<QueueLane>('hotfix', 'normal', 'bulk');
    const some = fc.tuple(fc.integer({ min: 0, max: 5 }), lane, fc.integer({ min: 7, max: mostOvertaken }));
    fc.assert(
      fc.property(fc.array(some, { maxLength: 7 }), (given) => {
        const draft = aDraft({
          items: given.map(([at, of, overtaken], index) => {
            return anItem(index + 1, { lane: of, overtaken, request: request({ head: headOf(index + 1), at }) });
          }),
        });
        for (let pass = 0; pass < 60; pass += 1) reorder(draft, theFacts());
        const { record } = draft;
        reorder(draft, theFacts());
        expect(draft.record).toBe(record);
        expect(record.items.every(({ overtaken }) => overtaken <= mostOvertaken)).toBe(true);
      }),
    );
  });

  it('changes nothing in a queue that is in order', () => {
    const draft = aDraft({ items: [anItem(1, { lane: 'hotfix' }), anItem(2), anItem(3, { lane: 'bulk' })] });
    const { record } = draft;
    reorder(draft, theFacts());
    expect(draft.record).toBe(record);
  });
});

describe('a change that is merged when it is first seen', () => {
  const merged = view({}, { number: 1, head: headOf(1), state: 'merged' });
  const asked = anAsked(1, { view: merged });
  const said = (facts: QueueFacts, record: Partial<QueueRecord> = { asked: [asked] }) => {
    const { record: after } = planQueue(aRecord(record), { ...facts, views: new Map([[idOf(1), merged]]) });
    return [...after.leaving.map(({ departure }) => departure.kind), ...after.asked.map(() => 'asked')];
  };
  const seen = (over: Parameters<typeof aBranch>[0]) => theFacts({ branches: new Map([[main, aBranch(over)]]) });

  it('has landed where the ledger says so, and is withdrawn where it does not', () => {
    expect(said(seen({ landed: [landedEntry(1, sha('5'))] }))).toEqual(['landed']);
    expect(said(seen({}))).toEqual(['withdrawn']);
  });

  it('is told nothing of its end before the ledger was read, and can be trusted', () => {
    const broken = { kind: 'broken', because: 'it is not signed by a key of this server' } as const;
    expect(said(seen({ reading: { tip, ledger: broken } }))).toEqual(['asked']);
    expect(said(seen({ reading: null }))).toEqual(['asked']);
    expect(said(seen({ reading: null, settings: null }))).toEqual(['asked']);
  });

  it('nor is one that was queued said to have been merged by somebody', () => {
    const queued = { items: [anItem(1, { view: merged })] };
    expect(said(seen({ reading: null }), queued)).toEqual([]);
    expect(said(seen({}), queued)).toEqual(['landed-outside']);
  });
});
