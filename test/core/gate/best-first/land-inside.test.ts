import { expect, it } from 'vitest';
import type { QueueFacts } from '../../../../src/core/gate/facts.ts';
import { planQueue } from '../../../../src/core/gate/plan-queue.ts';
import { candidateCheckId } from '../../../../src/core/gate/report-candidate.ts';
import type { QueueItem } from '../../../../src/model/queue.ts';
import { settings, view } from '../entry/entry-fixture.ts';
import { aBranch, aJobRecord, aVerdict, ended, headOf, idOf, main, now, ownQueue, theFacts } from '../gate-fixture.ts';
import { commitOf, Queue } from './queue-fixture.ts';

const failed = ended('failure');
const own = settings({ scheduler: { kind: 'best-first', slots: 4, prefixes: true } });
const seen = (number: number) => view({}, { number, head: headOf(number) });

/** 1 failed, 2 on 1 passed and all of that is written: what one pass does, with this about what 1 is inside. */
function planned(inside: Partial<QueueItem>, views: QueueFacts['views']) {
  const queue = new Queue([1, 2])
    .pass()
    .runs(1, [aJobRecord('unit', failed)])
    .end(2, 'success');
  const commit = commitOf(1, 2);
  const items = queue.draft.record.items.map((item): QueueItem => {
    if (item.number === 1) return { ...item, ...inside };
    return item.candidate?.kind === 'made'
      ? { ...item, candidate: { ...item.candidate, verdict: aVerdict(commit) } }
      : item;
  });
  const told = { fingerprint: '', final: true, delivered: true };
  const facts = theFacts({
    made: queue.made,
    branches: new Map([[main, aBranch({ settings: own })]]),
    reports: new Map([[candidateCheckId(ownQueue, commit), told]]),
    views,
  });
  const plan = planQueue({ ...queue.draft.record, items }, facts);
  const landing = plan.effects.find(({ kind }) => kind === 'land');
  return { lands: landing?.kind === 'land' ? (landing.push.inside ?? []).length : null, plan };
}

const both: QueueFacts['views'] = new Map([1, 2].map((number) => [idOf(number), seen(number)]));

it('what is inside lands along, where the conditions of both were read right before', () => {
  expect(planned({}, both).lands).toBe(1);
});

it('what was not read again right before is read first, what is inside as well (gate.md §4.3)', () => {
  const { lands, plan } = planned({ seenAt: now - 60_000 }, new Map([...both].slice(1)));
  expect([lands, plan.wants.views]).toEqual([null, [idOf(1)]]);
});

it('of a batch all land by one push, each with an entry that says what it was inside of', () => {
  const queue = new Queue([1, 2, 3], 1);
  queue.batched = true;
  queue.pass();
  for (const number of [1, 2]) queue.decides(number, [aJobRecord('unit', { kind: 'blocked' })]);
  queue.end(3, 'success');
  const commit = commitOf(1, 2, 3);
  const items = queue.draft.record.items.map(
    (item): QueueItem =>
      item.candidate?.kind === 'made' ? { ...item, candidate: { ...item.candidate, verdict: aVerdict(commit) } } : item,
  );
  const told = { fingerprint: '', final: true, delivered: true };
  const scheduler = { kind: 'best-first', slots: 1, prefixes: true, batches: true } as const;
  const facts = theFacts({
    made: queue.made,
    branches: new Map([[main, aBranch({ settings: settings({ scheduler }) })]]),
    reports: new Map([[candidateCheckId(ownQueue, commit), told]]),
    views: new Map([1, 2, 3].map((number) => [idOf(number), seen(number)])),
  });
  const landing = planQueue({ ...queue.draft.record, items }, facts).effects.find(({ kind }) => kind === 'land');
  const push = landing?.kind === 'land' ? landing.push : null;
  const details = [...(push?.inside ?? []), push?.entry].map((entry) => entry?.detail);
  expect(details).toMatchObject([
    { number: 1, commit: commitOf(1), within: { number: 3, commit }, verdict: { checks: [] } },
    { number: 2, commit: commitOf(1, 2), from: commitOf(1), within: { number: 3, commit } },
    { number: 3, commit, from: commitOf(1, 2) },
  ]);
});
