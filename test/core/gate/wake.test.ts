import { expect, it } from 'vitest';
import { nextWake } from '../../../src/core/gate/next-wake.ts';
import { planQueue } from '../../../src/core/gate/plan-queue.ts';
import type { Freeze, QueueItem, QueueRecord } from '../../../src/model/queue.ts';
import { people } from '../../fakes/model-data.ts';
import { request, view } from './entry/entry-fixture.ts';
import {
  aCandidate,
  aDraft,
  aJobRecord,
  anAsked,
  anItem,
  aRecord,
  aVerdict,
  ended,
  headOf,
  now,
  theFacts,
} from './gate-fixture.ts';

const hourAgo = now - 3_600_000;
const held = view({}, { number: 1, head: headOf(1), labels: ['sluice/hold'] });
const building = aCandidate(headOf(9), { jobs: [aJobRecord('unit', { kind: 'blocked' })] });
const failed = aCandidate(headOf(9), { jobs: [aJobRecord('unit', ended('failure'))] });

function old(over: Partial<QueueItem>): QueueItem {
  return anItem(1, { enteredAt: hourAgo, ...over });
}

function waitOf(greenSince: number): number {
  const candidate = aCandidate(headOf(9), { verdict: { ...aVerdict(headOf(9)), at: greenSince } });
  const { wakeAt } = planQueue(aRecord({ items: [anItem(1, { candidate, view: held })] }), theFacts());
  return (wakeAt ?? 0) - now;
}

it('what has just passed is looked at again at once, what waits for long ever more seldom', () => {
  expect(waitOf(now - 1_000)).toBe(300);
  expect(waitOf(now - 60_000)).toBe(10_000);
  expect(waitOf(hourAgo)).toBe(300_000);
});

it.each<[string, Partial<QueueRecord>, number | null]>([
  ['nothing is in it', {}, null],
  ['one builds, however long', { items: [old({ candidate: building })] }, 15_000],
  ['one is held while it builds', { items: [old({ candidate: building, view: held })] }, 300_000],
  ['one is to be published', { items: [old({ candidate: aCandidate(headOf(9), { published: false }) })] }, 15_000],
  ['one waits for one that it depends on', { items: [old({})] }, 300_000],
  ['one has failed, and the tip is red', { items: [old({ candidate: failed })] }, 300_000],
  ['one was just made', { items: [old({ candidate: { ...failed, madeAt: now } })] }, 15_000],
  ['one was parked', { items: [old({ parked: 'p', parkings: { times: 1, at: now - 600_000 } })] }, 100_000],
  ['one was just asked for', { asked: [anAsked(1, { request: request({ at: now }) })] }, 30_000],
  ['one was asked for an hour ago', { asked: [anAsked(1, { request: request({ at: hourAgo }) })] }, 300_000],
])('a queue is looked at again without any event: %s', (_, over, expected) => {
  expect(nextWake(aDraft(over), theFacts())).toBe(expected === null ? null : now + expected);
});

it('a frozen queue lands nothing, however green: it is not looked at more often for that', () => {
  const frozen: Freeze = { by: people.boss, because: 'a release', at: now };
  const candidate = aCandidate(headOf(9), { verdict: { ...aVerdict(headOf(9)), at: now } });
  expect(nextWake(aDraft({ frozen, items: [old({ candidate })] }), theFacts())).toBe(now + 15_000);
});
