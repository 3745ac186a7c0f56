import { describe, expect, it } from 'vitest';
import { firstSchedule } from '../../../../src/core/gate/best-first/remember.ts';
import { mayLand } from '../../../../src/core/gate/land.ts';
import { askingOf } from '../../../../src/core/gate/red-tip.ts';
import { takeBranches } from '../../../../src/core/gate/take-branches.ts';
import type { Conclusion } from '../../../../src/model/check-run.ts';
import type { LedgerDetail } from '../../../../src/model/ledger.ts';
import type { QueueItem, QueueRecord } from '../../../../src/model/queue.ts';
import type { Sha } from '../../../../src/model/sha.ts';
import { sha } from '../../../fakes/model-data.ts';
import { commitOf, Queue } from '../best-first/queue-fixture.ts';
import { settings } from '../entry/entry-fixture.ts';
import {
  aBranch,
  aCandidate,
  aDraft,
  aJobRecord,
  anItem,
  aRecord,
  aVerdict,
  ended,
  landedEntry,
  ledgerHead,
  ledgerOf,
  main,
  owned,
  project,
  theFacts,
  tip,
} from '../gate-fixture.ts';

type Checks = Readonly<Record<string, Conclusion>>;

function landed(number: number, from: Sha, commit: Sha, checks: Checks, configuration = 'c'): LedgerDetail {
  const detail = landedEntry(number, commit);
  if (detail.kind !== 'landed') throw new Error('no landing');
  const told = Object.entries(checks).map(([name, conclusion]) => ({ name, conclusion }));
  return { ...detail, from, verdict: { ...detail.verdict, checks: told, configuration } };
}

function proven(lanes: boolean, ...landings: readonly LedgerDetail[]): readonly string[] | undefined {
  const scheduler = { kind: 'best-first', slots: 2, prefixes: false } as const;
  const ledger = { kind: 'whole', head: ledgerHead, entries: ledgerOf(owned, ...landings) } as const;
  const own = settings({ scheduler: lanes ? { ...scheduler, lanes: 'closure' } : scheduler });
  const draft = aDraft();
  const branch = aBranch({ reading: { tip: sha('c2'), ledger }, settings: own });
  takeBranches(draft, theFacts({ branches: new Map([[main, branch]]) }));
  return draft.record.branches[0]?.proven;
}

describe('what is known to be good on the tip', () => {
  const left = landed(1, tip, sha('c1'), { left: 'success', right: 'skipped' });
  const right = landed(2, sha('c1'), sha('c2'), { left: 'skipped', right: 'success' });

  it('is in lanes what passed below and was skipped since, as nothing changed that it reads', () => {
    expect(proven(true, left, right)).toEqual(['right', 'left']);
    expect(proven(false, left, right)).toEqual(['right']);
  });

  it.each<[string, LedgerDetail]>([
    ['somebody pushed in between', landed(1, tip, sha('c3'), { left: 'success' })],
    ['jobs are others since', landed(1, tip, sha('c1'), { left: 'success' }, 'd')],
    ['it failed there and does not count', landed(1, tip, sha('c1'), { left: 'failure' })],
  ])('is no more than that where %s', (_, below) => {
    expect(proven(true, below, right)).toEqual(['right']);
  });

  it('is what was seen last', () => {
    const failing = landed(2, sha('c1'), sha('c2'), { left: 'failure', right: 'success' });
    expect(proven(true, left, failing)).toEqual(['right']);
  });
});

describe('in lanes, a failure that is asked of the tip', () => {
  const commit = sha('c5');
  const failed = aCandidate(commit, { jobs: [aJobRecord('left', ended('failure'))] });
  const rejecting = anItem(1, { candidate: failed, rejecting: 'it failed 3 times' });
  const green = aCandidate(sha('c6'), { verdict: aVerdict(sha('c6')) });

  function asked(item: QueueItem, over: Partial<QueueRecord> = {}, lanes = true): QueueRecord {
    const stored = firstSchedule(2, { tip });
    return aRecord({ items: [item], schedule: lanes ? { ...stored, lanes: true } : stored, ...over });
  }

  it('keeps the others from landing on it until it is told, and says whose', () => {
    const draft = aDraft(asked(rejecting));
    const landing = { item: anItem(2, { candidate: green }), candidate: green, inside: [] };
    expect(mayLand(draft, theFacts(), landing)).toEqual({
      kind: 'not-yet',
      because: 'what failed of #1 is run on the branch as it is',
    });
  });

  const place = { key: main, project, branch: 'main', tip, ledger: null, landed: [] };
  const { labels } = rejecting.view.pull;
  const held = { ...rejecting.view, pull: { ...rejecting.view.pull, labels: [...labels, 'sluice/hold'] } };
  it.each<[string, QueueRecord]>([
    ['whole trees are tested', asked(rejecting, {}, false)],
    ['it is known to be good there', asked(rejecting, { branches: [{ ...place, proven: ['left'] }] })],
    ['the change is held', asked({ ...rejecting, view: held })],
    ['the change is parked', asked({ ...rejecting, parked: 'no node' })],
    ['nothing failed', asked(anItem(1, { candidate: green }))],
  ])('keeps nobody where %s', (_, record) => {
    expect(askingOf(record)).toBeNull();
  });
});

describe('what failed where the branch was before', () => {
  function failedBefore(lanes: boolean, over: Partial<QueueRecord['branches'][number]> = {}): Queue {
    const queue = new Queue([1, 2]).inLanes({ 1: ['left'], 2: ['right'] });
    queue.lanes = lanes;
    queue.draft.record = { ...queue.draft.record, items: queue.draft.record.items.slice(0, 1) };
    for (let time = 0; time < 3; time += 1) queue.pass().end(1, 'failure');
    const [branch] = queue.draft.record.branches;
    const { schedule } = queue.draft.record;
    if (!branch || !schedule) throw new Error('no branch');
    // #2 landed.
    const to = commitOf(2);
    queue.draft.record = {
      ...queue.draft.record,
      branches: [{ ...branch, tip: to, ...over }],
      schedule: { ...schedule, tip: to },
    };
    return queue.pass();
  }

  it('is tested there from the beginning, and others wait for it', () => {
    const queue = failedBefore(true);
    expect(queue.draft.record.items).toMatchObject([{ number: 1, touches: 'everything' }]);
    expect(queue.tested()).toEqual(['1']);
    expect(queue.draft.record.schedule?.evidence).toEqual([]);
  });

  it('is rejected where the jobs are known to be good there', () => {
    expect(failedBefore(true, { proven: ['unit'] }).draft.record.leaving).toMatchObject([
      { departure: { kind: 'rejected' } },
    ]);
  });
});
