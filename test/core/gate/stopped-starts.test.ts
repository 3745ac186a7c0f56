import { expect, it } from 'vitest';
import { type HeardCommand, rightsKey } from '../../../src/core/gate/facts.ts';
import { partsOf } from '../../../src/core/gate/gate-jobs.ts';
import { planQueue } from '../../../src/core/gate/plan-queue.ts';
import { type TreeFacts, treeKey } from '../../../src/core/presubmit/facts.ts';
import { type Build, type BuildId, buildIdFor } from '../../../src/model/build.ts';
import type { JobStatus } from '../../../src/model/presubmit.ts';
import type { QueueItem } from '../../../src/model/queue.ts';
import { aConfig, aJob, people, rights, sha } from '../../fakes/model-data.ts';
import {
  aCandidate,
  aJobRecord,
  anItem,
  aRecord,
  ended,
  heard,
  idOf,
  main,
  now,
  ownQueue,
  theFacts,
  tip,
} from './gate-fixture.ts';

const commit = sha('c1');
const parts = partsOf({ subject: ownQueue }, anItem(1), aCandidate(commit), aJob('unit'), null);
const build: Build = {
  id: buildIdFor(parts),
  parts,
  trust: 'approved',
  state: { phase: 'wanted', since: now - 1_000 },
};
const tree: TreeFacts = { config: { kind: 'usable', config: aConfig([aJob('unit')]), notes: [] }, kinds: new Map() };

function planned(permission: 'write' | 'none', over: Partial<QueueItem> = {}, ahead: readonly QueueItem[] = []) {
  const status: JobStatus = { kind: 'building', builds: [build] };
  const jobs = [aJobRecord('unit', status)];
  const parents = { [main]: ahead.length === 0 ? tip : sha('c2') };
  const held = ahead.map(({ number }) => number);
  const item = anItem(1, { candidate: aCandidate(commit, { jobs, parents, ahead: held }), ...over });
  const facts = theFacts({
    rights: new Map([[rightsKey(main, people.boss), rights(permission)]]),
    line: new Map<BuildId, { granted: boolean; ahead: number }>([[build.id, { granted: true, ahead: 0 }]]),
    trees: new Map([[treeKey({ base: tip, tree: sha('7') }), tree]]),
  });
  const { effects, record } = planQueue(aRecord({ items: [...ahead, item] }), facts);
  const kinds = effects.flatMap((effect) => (effect.kind === 'on' ? [effect.effect.kind] : []));
  const told = JSON.stringify(effects).includes('could not be read for more than 5 minutes');
  return { started: kinds.filter((kind) => kind === 'start'), stopping: record.stopping.length, told };
}

const running: Build = { ...build, state: { phase: 'running', since: now - 1_000 } };
const runningPod = {
  name: running.id,
  phase: 'running',
  uid: 'u',
  labels: {},
  annotations: {},
  reason: null,
  message: null,
  containers: [],
} as const;

const long = now - 6 * 60_000;

it.each<[string, number, number, readonly string[]]>([
  ['both were seen lately', now - 300_000, now - 300_000, ['start']],
  ['it was not', long, now, []],
  ['the one that it stands on was not', now, long, []],
])('what starts of a change behind another: %s', (_, seenAt, aheadSeenAt, expected) => {
  const candidate = aCandidate(sha('c2'), { jobs: [aJobRecord('lint', { kind: 'blocked' })] });
  const ahead = anItem(2, { seenAt: aheadSeenAt, candidate });
  expect(planned('write', { seenAt }, [ahead])).toMatchObject({ started: expected, told: expected.length === 0 });
});

it('the builds of a change that left hold the slots of its author until they have ended', () => {
  const status: JobStatus = { kind: 'building', builds: [running] };
  const item = anItem(1, { candidate: aCandidate(commit, { jobs: [aJobRecord('unit', status)] }) });
  const facts = theFacts({ rights: new Map([[rightsKey(main, people.boss), rights('none')]]), pods: [runningPod] });
  const { record, line } = planQueue(aRecord({ items: [item] }), facts);
  expect(record.stopping).toHaveLength(1);
  expect(line).toMatchObject([{ author: item.view.pull.author.id, state: 'active' }]);
});

it.each<[string, string, number, number]>([
  ['its ground can still come: it goes on', 'c1', 0, 1],
  ['its ground is gone: it is stopped', 'c9', 1, 0],
])('beyond a window that shrank, %s', (_, ground, stopping, active) => {
  const first = anItem(1, { candidate: aCandidate(sha('c1'), { jobs: [aJobRecord('unit', ended('success'))] }) });
  const jobs = [aJobRecord('unit', { kind: 'building', builds: [running] })];
  const behind = aCandidate(sha('c2'), { parents: { [main]: sha(ground) }, ahead: [1], jobs });
  const items = [first, anItem(2, { candidate: behind })];
  const { record } = planQueue(aRecord({ items, window: 1 }), theFacts({ pods: [runningPod] }));
  expect(record.stopping.map(({ number }) => number)).toEqual(stopping === 0 ? [] : [2]);
  expect(record.items.filter(({ number, candidate }) => number === 2 && candidate !== null)).toHaveLength(active);
});

it.each<[string, Partial<QueueItem>, readonly HeardCommand[]]>([
  ['by itself', { parkings: { times: 1, at: now - 10 * 60_000 } }, []],
  ['as it is asked for again', {}, [heard('gate', 1)]],
])(
  'what still runs of a change that was parked holds its slot until it has ended where that goes on %s',
  (_, over, commands) => {
    const running: Build = { ...build, state: { phase: 'running', since: now - 1_000 } };
    const bench = aJobRecord('bench', { kind: 'building', builds: [running] }, { required: false });
    const candidate = aCandidate(commit, { jobs: [aJobRecord('unit', ended('error')), bench] });
    const pod = { uid: 'u', labels: {}, annotations: {}, reason: null, message: null, containers: [] };
    const pods = [{ ...pod, name: running.id, phase: 'running' } as const];
    const item = anItem(1, { candidate, parked: 'unit could not be run', ...over });
    const { record, line } = planQueue(
      aRecord({ items: [item] }),
      theFacts({ pods, commands, views: new Map([[idOf(1), item.view]]) }),
    );
    expect(record.items).toMatchObject([{ parked: null, candidate: null }]);
    expect(record.stopping).toMatchObject([{ number: 1, candidate: { commit } }]);
    expect(line).toMatchObject([{ build: running.id, author: item.view.pull.author.id, state: 'active' }]);
  },
);

it('a build is not started in the pass in which its change leaves: it would run beside what has its slot by then', () => {
  expect(planned('write')).toMatchObject({ started: ['start'], stopping: 0 });
  expect(planned('none')).toMatchObject({ started: [], stopping: 0 });
});
