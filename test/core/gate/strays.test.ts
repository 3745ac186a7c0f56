import { expect, it } from 'vitest';
import { planQueue } from '../../../src/core/gate/plan-queue.ts';
import type { ObservedPod } from '../../../src/model/pod.ts';
import type { QueueItem } from '../../../src/model/queue.ts';
import { sha } from '../../fakes/model-data.ts';
import { view } from './entry/entry-fixture.ts';
import { aCandidate, anItem, aRecord, headOf, now, theFacts } from './gate-fixture.ts';

const facts = theFacts();
const annotations = { 'sluice.dev/subject': facts.subject };
const plain = { uid: 'u', labels: {}, phase: 'failed', reason: null, message: null, containers: [] } as const;
const stray: ObservedPod = { ...plain, name: 'b-unit-1', annotations };

function removed(items: readonly QueueItem[]): readonly string[] {
  const plan = planQueue(aRecord({ items, begunAt: 1 }), { ...facts, pods: [stray] });
  return plan.effects.flatMap((each) =>
    each.kind === 'on' && each.effect.kind === 'remove' ? [each.effect.build] : [],
  );
}

function held(enteredAt: number): QueueItem {
  return anItem(1, { enteredAt, view: view({}, { number: 1, head: headOf(1), labels: ['sluice/hold'] }) });
}

it('a pod that nobody remembers is removed, also while a change is held and has nothing tested', () => {
  expect(removed([])).toEqual(['b-unit-1']);
  expect(removed([held(now - 10 * 60_000)])).toEqual(['b-unit-1']);
});

it('it is removed while one waits whose configuration cannot be used: nothing will be tested of that', () => {
  const broken = aCandidate(sha('c1'), { jobs: null, broken: 'the configuration of this change is invalid' });
  expect(removed([anItem(1, { candidate: broken })])).toEqual(['b-unit-1']);
});

it('it is removed while nobody can say for long what is tested of one, as a ledger cannot be trusted', () => {
  const open = (madeAt: number) =>
    anItem(1, { enteredAt: 1, candidate: aCandidate(sha('c1'), { jobs: null, madeAt }) });
  expect(removed([open(now - 10 * 60_000)])).toEqual(['b-unit-1']);
  expect(removed([open(now - 60_000)])).toEqual([]);
});

it('it is left while a change that came lately may still find it again', () => {
  expect(removed([held(now - 1_000)])).toEqual([]);
});
