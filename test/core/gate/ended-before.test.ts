import { describe, expect, it } from 'vitest';
import { planQueue } from '../../../src/core/gate/plan-queue.ts';
import { candidateCheckId } from '../../../src/core/gate/report-candidate.ts';
import { itemCheckId } from '../../../src/core/gate/report-item.ts';
import type { Conclusion } from '../../../src/model/check-run.ts';
import type { HeadCheck } from '../../../src/model/gate-view.ts';
import { sha } from '../../fakes/model-data.ts';
import { view } from './entry/entry-fixture.ts';
import {
  aCandidate,
  anItem,
  aRecord,
  aVerdict,
  headOf,
  idOf,
  now,
  ourApp,
  ownQueue,
  theFacts,
} from './gate-fixture.ts';

const commit = sha('c1');
const told = { fingerprint: '', final: false, delivered: true };

function run(conclusion: Conclusion | null, at = 2_000, app = ourApp): HeadCheck {
  return { name: 'sluice/gate/main', app, kind: 'check-run', conclusion, at };
}

/** What becomes of a green item on the tip where its head has these check runs. */
function becomes(checks: readonly HeadCheck[], over: { delivered?: boolean; enteredAt?: number } = {}): string {
  const { delivered = true, enteredAt = now } = over;
  const item = anItem(1, { enteredAt, candidate: aCandidate(commit, { verdict: aVerdict(commit) }) });
  const reports = new Map([
    [candidateCheckId(ownQueue, commit), told],
    [itemCheckId(ownQueue, item), { ...told, delivered }],
  ]);
  const views = new Map([[idOf(1), view({ checks }, { number: 1, head: headOf(1) })]]);
  const { record } = planQueue(aRecord({ items: [item] }), theFacts({ reports, views }));
  return record.landing !== null ? 'lands' : (record.leaving[0]?.departure.kind ?? 'waits');
}

describe('what an old backup of our state still holds as queued', () => {
  it.each<[string, readonly HeadCheck[], { delivered?: boolean; enteredAt?: number }, string]>([
    ['leaves where its check run has ended', [run('failure')], {}, 'withdrawn'],
    ['also where that cannot be written for long', [run('cancelled')], { delivered: false, enteredAt: 1 }, 'withdrawn'],
    ['lands where it goes on, whatever an earlier one came to', [run('failure'), run(null)], {}, 'lands'],
    ['lands where what has ended was told before it was asked for', [run('failure', 0)], {}, 'lands'],
    ['lands where its own check run may not be there yet', [run('failure')], { delivered: false }, 'lands'],
    ['lands where the name is that of another App', [run('failure', 2_000, 5)], {}, 'lands'],
    ['lands where there is none', [], {}, 'lands'],
  ])('%s', (_, checks, over, expected) => {
    expect(becomes(checks, over)).toBe(expected);
  });
});
