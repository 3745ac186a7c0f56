import { describe, expect, it } from 'vitest';
import { planQueue } from '../../../src/core/gate/plan-queue.ts';
import { candidateCheckId } from '../../../src/core/gate/report-candidate.ts';
import { itemCheckId } from '../../../src/core/gate/report-item.ts';
import type { HeadCheck } from '../../../src/model/gate-view.ts';
import { sha } from '../../fakes/model-data.ts';
import { view } from './entry/entry-fixture.ts';
import { aCandidate, anItem, aRecord, aVerdict, headOf, idOf, ourApp, ownQueue, theFacts } from './gate-fixture.ts';

const commit = sha('c1');
const told = { fingerprint: '', final: false, delivered: true };

const item = anItem(1, { candidate: aCandidate(commit, { verdict: aVerdict(commit) }) });
const own = itemCheckId(ownQueue, item);

/** A check run of the gate on its head; `of` is the request that it tells of. */
function run(conclusion: HeadCheck['conclusion'], of: Partial<typeof item> = {}, app = ourApp): HeadCheck {
  const externalId = itemCheckId(ownQueue, { ...item, ...of });
  return { name: 'sluice/gate/main', app, kind: 'check-run', conclusion, at: 2_000, externalId };
}

/** What becomes of a green item on the tip where its head has these check runs. */
function becomes(checks: readonly HeadCheck[], runs?: number): string {
  const green = { ...item, ...(runs !== undefined && { runs }) };
  const reports = new Map([
    [candidateCheckId(ownQueue, commit), told],
    // Nothing is known of what it was told: the copy of our state is of before.
    [own, { ...told, delivered: false }],
  ]);
  const views = new Map([[idOf(1), view({ checks }, { number: 1, head: headOf(1) })]]);
  const { record } = planQueue(aRecord({ items: [green] }), theFacts({ reports, views }));
  return record.landing !== null ? 'lands' : (record.leaving[0]?.departure.kind ?? 'waits');
}

const later = { entry: item.entry + 1 };
const earlier = { entry: item.entry - 1 };

describe('what an old backup of our state still holds as queued', () => {
  it.each<[string, readonly HeadCheck[], number | undefined, string]>([
    ['leaves where its check run has ended', [run('failure')], undefined, 'withdrawn'],
    ['leaves where the one of a later request has ended', [run('cancelled', later)], undefined, 'withdrawn'],
    ['leaves where its last run has ended', [run('success'), run('failure', { runs: 1 })], 1, 'withdrawn'],
    ['lands where a later request goes on', [run('failure'), run(null, later)], undefined, 'lands'],
    ['lands where what has ended was of an earlier request', [run('failure', earlier)], undefined, 'lands'],
    ['lands where what has ended was an earlier run of it', [run('failure')], 1, 'lands'],
    ['lands where it was open so long that the forge called it stale', [run('stale')], undefined, 'lands'],
    ['lands where the forge was told that it is to be merged', [run('success')], undefined, 'lands'],
    ['lands where the name is that of another App', [run('failure', {}, 5)], undefined, 'lands'],
    [
      'lands where it is of another head',
      [run('failure', { request: { ...item.request, head: commit } })],
      undefined,
      'lands',
    ],
    ['lands where there is none', [], undefined, 'lands'],
  ])('%s', (_, checks, runs, expected) => {
    expect(becomes(checks, runs)).toBe(expected);
  });
});

describe('the check run under which it goes on, of several of one head', () => {
  const later2 = { entry: item.entry + 2 };

  it.each<[string, readonly HeadCheck[], Partial<typeof item>, readonly (typeof item)[]]>([
    ['its own where it has the only one', [run(null)], {}, []],
    ['that of a later request which nobody remembers', [run(null), run(null, later)], later, []],
    ['the newest of them', [run(null, later2), run(null, later)], later2, []],
    ['the newest that is open', [run(null, later), run('cancelled', later2)], later, []],
    ['the last run of that request', [run(null, later), run(null, { ...later, runs: 1 })], { ...later, runs: 1 }, []],
    [
      'its own where the later one only has to be told its end',
      [run(null), run(null, later)],
      {},
      [{ ...item, ...later }],
    ],
    ['its own where the other is of an earlier request', [run(null), run(null, earlier)], {}, []],
    ['its own where the later one is of another App', [run(null), run(null, later, 5)], {}, []],
  ])('is %s', (_, checks, expected, left) => {
    const leaving = left.map((change) => ({
      change,
      departure: { kind: 'withdrawn', because: 'it was' } as const,
      at: 1,
      candidate: null,
    }));
    const views = new Map([[idOf(1), view({ checks }, { number: 1, head: headOf(1) })]]);
    const waiting = { ...item, candidate: null };
    const { record } = planQueue(aRecord({ items: [waiting], leaving }), theFacts({ views }));
    const [kept] = record.items;
    expect(kept && itemCheckId(ownQueue, kept)).toBe(itemCheckId(ownQueue, { ...item, ...expected }));
  });
});
