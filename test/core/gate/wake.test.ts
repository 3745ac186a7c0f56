import { expect, it } from 'vitest';
import { planQueue } from '../../../src/core/gate/plan-queue.ts';
import { view } from './entry/entry-fixture.ts';
import { aCandidate, anItem, aRecord, aVerdict, headOf, now, theFacts } from './gate-fixture.ts';

function waitOf(greenSince: number): number {
  const commit = headOf(9);
  const candidate = aCandidate(commit, { verdict: { ...aVerdict(commit), at: greenSince } });
  const held = view({}, { number: 1, head: headOf(1), labels: ['sluice/hold'] });
  const { wakeAt } = planQueue(aRecord({ items: [anItem(1, { candidate, view: held })] }), theFacts());
  return (wakeAt ?? 0) - now;
}

it('what has just passed is looked at again at once, what waits for long only now and then', () => {
  expect(waitOf(now - 1_000)).toBe(300);
  expect(waitOf(now - 60_000)).toBe(5_000);
});
