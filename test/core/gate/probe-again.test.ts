import { describe, expect, it } from 'vitest';
import { planQueue, type QueuePlan } from '../../../src/core/gate/plan-queue.ts';
import { type TreeFacts, treeKey } from '../../../src/core/presubmit/facts.ts';
import type { QueueRecord, RedTip } from '../../../src/model/queue.ts';
import { aConfig, aJob, sha } from '../../fakes/model-data.ts';
import { aBranch, aCandidate, aJobRecord, anItem, aRecord, ended, main, now, theFacts, tip } from './gate-fixture.ts';

const minute = 60_000;
const tree: TreeFacts = {
  config: { kind: 'usable', config: aConfig([aJob('unit', { pipelines: ['gate'] })]), notes: [] },
  kinds: new Map(),
};
const trees = new Map([[treeKey({ base: tip, tree: sha('7') }), tree]]);
const unitFailed = aJobRecord('unit', ended('failure'));
const failed = (madeAt: number) =>
  anItem(1, { candidate: aCandidate(sha('c1'), { jobs: [unitFailed], madeAt }), seenAt: now + 60 * minute });

function planAt(at: number, record: QueueRecord): QueuePlan {
  return planQueue(record, theFacts({ now: at, trees, branches: new Map([[main, aBranch()]]) }));
}

function red(over: Partial<RedTip> = {}): RedTip {
  return { branch: main, number: 1, since: now, probe: aCandidate(tip, { jobs: [unitFailed] }), ...over };
}

/** What runs on the tip ends so. */
function withEnd(record: QueueRecord, result: 'success' | 'failure'): QueueRecord {
  const probes = (record.probes ?? []).map((each) => ({
    ...each,
    probe: {
      ...each.probe,
      jobs: (each.probe.jobs ?? []).map((job) => {
        const builds = 'builds' in job.status ? job.status.builds : [];
        const because = 'it ended';
        const outcome = { image: null, tail: '', annotation: null };
        const state = { phase: 'finished', result, because, startedAt: null, finishedAt: now, outcome } as const;
        return { ...job, status: { kind: 'building', builds: builds.map((build) => ({ ...build, state })) } as const };
      }),
    },
  }));
  return { ...record, probes };
}

describe('a tip that is red is asked again', () => {
  it('after ten minutes and no sooner, by a new build each time', () => {
    const record = aRecord({ items: [failed(now)], probes: [red()] });
    expect(planAt(now + 10 * minute - 1, record).record.probes?.[0]?.probe.jobs).toMatchObject([{ request: 1 }]);
    const asked = planAt(now + 10 * minute, record).record.probes?.[0];
    expect(asked?.probe.jobs).toMatchObject([{ request: 2, status: { kind: 'building' } }]);
    expect(asked?.failed).toEqual(['unit']);
  });

  it('and while it fails again, nobody is rejected, and the next time is later', () => {
    const once = planAt(now + 10 * minute, aRecord({ items: [failed(now)], probes: [red()] })).record;
    const again = planAt(now + 12 * minute, withEnd(once, 'failure')).record;
    expect(again.items).toHaveLength(1);
    expect(planAt(now + 30 * minute - 1, again).record.probes?.[0]?.probe.jobs).toMatchObject([{ request: 2 }]);
    expect(planAt(now + 30 * minute, again).record.probes?.[0]?.probe.jobs).toMatchObject([{ request: 3 }]);
  });

  it('and where it passes now, what failed before is tested anew, and what fails after is rejected', () => {
    const once = planAt(now + 10 * minute, aRecord({ items: [failed(now)], probes: [red()] })).record;
    const green = planAt(now + 12 * minute, withEnd(once, 'success'));
    expect(green.record.items).toMatchObject([{ number: 1, candidate: null }]);
    expect(green.reasons.join()).toContain('#1: tested anew, main is red no more');
    const later = { ...green.record, items: [failed(now + 13 * minute)] };
    expect(planAt(now + 14 * minute, later).record).toMatchObject({
      items: [],
      leaving: [{ departure: { kind: 'rejected' } }],
    });
  });
});
