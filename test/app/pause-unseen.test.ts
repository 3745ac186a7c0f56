import { describe, expect, it } from 'vitest';
import type { AppContext } from '../../src/app/context.ts';
import { pauseUnseen } from '../../src/app/pause-unseen.ts';
import { createUnseen } from '../../src/app/unseen.ts';
import { pauseRun } from '../../src/core/push/pause-run.ts';
import { type Build, type BuildPhase, buildIdFor } from '../../src/model/build.ts';
import type { ForgeEvent } from '../../src/model/forge-event.ts';
import type { LineEntry } from '../../src/model/line.ts';
import { type ObservedPod, podKeys } from '../../src/model/pod.ts';
import type { Project } from '../../src/model/project.ts';
import type { PushRecord } from '../../src/model/push.ts';
import { subjectIdOf } from '../../src/model/subject.ts';
import type { SaveRequest } from '../../src/ports/store.ts';
import { aProject, sha } from '../fakes/model-data.ts';

const project = aProject();
const id = subjectIdOf({ kind: 'push', repository: project.id, branch: 'main' });
const now = 9_000;

function build(attempt: number, state: BuildPhase): Build {
  const parts = { subject: id, entry: 'push', commit: sha('b'), job: 'unit', point: {}, definition: 'd', request: 1 };
  return { id: buildIdFor({ ...parts, attempt }), parts: { ...parts, attempt }, trust: 'trusted', state };
}

function recordOf(one: Build): PushRecord {
  const tree = { base: sha('b'), tree: sha('7') };
  const plain = { definition: 'd', pool: 'default', tree, required: true, request: 1, readBack: false, because: 'x' };
  const jobs = [{ ...plain, job: 'unit', status: { kind: 'building', builds: [one] } as const }];
  const empty = { before: null, at: 1, by: null, tags: {}, version: null, shadow: false, endedAt: null };
  return { schema: 1, project, branch: 'main', seen: sha('b'), runs: [{ ...empty, ...tree, commit: sha('b'), jobs }] };
}

type PodsSeen = readonly (Pick<ObservedPod, 'name' | 'phase'> & Partial<ObservedPod>)[];

/** What was saved, and which pods were taken away, of a pass over this record. */
async function paused(
  record: PushRecord | null,
  seen: () => Promise<Project | null>,
  given: PodsSeen | null | (() => PodsSeen | null) = [],
  inbox: readonly Pick<ForgeEvent, 'receivedAt'>[] = [],
  entries: readonly Partial<LineEntry>[] = [],
) {
  const saved: SaveRequest[] = [];
  const removed: string[] = [];
  const context = {
    settings: { allows: () => true },
    pods: {
      outdate: () => undefined,
      snapshot: async () => {
        const pods = typeof given === 'function' ? given() : given;
        return pods?.map((pod) => ({ annotations: { [podKeys.subject]: id }, ...pod })) ?? null;
      },
    },
    ports: {
      line: { pools: async () => ['default'], read: async () => ({ version: '1', entries }) },
      documents: {
        load: async () => ({ version: 3, document: record }),
        inbox: async () => inbox,
        save: async (request: SaveRequest) => {
          saved.push(request);
          return 'saved';
        },
      },
      executor: { remove: async (pod: string) => void removed.push(pod) },
      clock: { now: () => now },
      notes: { read: async () => null },
      log: { info: () => undefined, debug: () => undefined, warn: () => undefined },
    },
  } as unknown as AppContext;
  const memory = { project: seen, recentProject: () => null };
  const is = await pauseUnseen<PushRecord>(context, { memory, unseen: createUnseen(context.ports, memory) }, id, {
    branchOf: ({ branch }) => branch,
    pause: (effects, known, at) => ({ ...known, runs: known.runs.map((run) => pauseRun(effects, run, at)) }),
  });
  const document = saved[0]?.document as PushRecord | undefined;
  const status = document?.runs[0]?.jobs[0]?.status;
  return { is, saved, removed, builds: status !== undefined && 'builds' in status ? status.builds : [] };
}

const nobody = async () => null;
const running = build(1, { phase: 'running', since: 1 });

describe('a repository that the App may not see', () => {
  it('has its pods taken away, waits in no line, and is built anew as another attempt; what was heard stays', async () => {
    const { is, saved, removed, builds } = await paused(recordOf(running), nobody);
    expect([is, removed]).toEqual([true, [running.id]]);
    expect(saved).toMatchObject([{ expected: 3, taken: [], index: { line: [], settled: false } }]);
    expect(builds).toEqual([build(2, { phase: 'wanted', since: now })]);
  });

  it.each`
    what                           | given                                        | left                     | pods
    ${'that waits stays so'}       | ${build(1, { phase: 'wanted', since: 1 })}   | ${'wanted, attempt 1'}   | ${0}
    ${'that starts is taken away'} | ${build(2, { phase: 'starting', since: 1 })} | ${'wanted, attempt 3'}   | ${1}
    ${'of the last try ends'}      | ${build(3, { phase: 'running', since: 1 })}  | ${'finished, attempt 3'} | ${1}
  `('a build $what', async ({ given, left, pods }) => {
    const { builds, removed } = await paused(recordOf(given), nobody);
    expect(builds.map(({ state, parts }) => `${state.phase}, attempt ${parts.attempt}`)).toEqual([left]);
    expect(removed).toHaveLength(pods);
  });

  it('has a pod that still lives taken away again, and keeps its slot until it is gone', async () => {
    const entry = (build: string, over: Partial<LineEntry> = {}) => ({
      build: build as LineEntry['build'],
      subject: id,
      pool: 'default',
      state: 'active' as const,
      ...over,
    });
    const pods = [
      { name: 'b-of-us', phase: 'running' as const },
      { name: 'b-of-others', phase: 'running' as const, annotations: { [podKeys.subject]: 'push/1/other' } },
      { name: 'b-ended', phase: 'failed' as const },
    ];
    const others = entry('b-of-others', { subject: subjectIdOf({ kind: 'push', repository: 1, branch: 'other' }) });
    const line = [entry('b-of-us'), others, entry('b-ended'), entry('b-waits', { state: 'waiting' })];
    const waiting = recordOf(build(2, { phase: 'wanted', since: 1 }));
    const { saved, removed } = await paused(waiting, nobody, pods, [], line);
    expect(removed).toEqual(['b-of-us']);
    expect(saved[0]?.index.line.map((each) => each.build)).toEqual(['b-of-us']);
    expect(saved[0]?.decision).toBeNull();
  });

  it('leaves a pod that has ended, whose result counts afterwards, and stops nothing while the pods cannot be listed', async () => {
    const ended = { name: running.id, phase: 'succeeded' } as const;
    expect(await paused(recordOf(running), nobody, [ended])).toMatchObject({
      is: true,
      removed: [],
      builds: [running],
    });
    await expect(paused(recordOf(running), nobody, null)).rejects.toThrow('the pods could not be listed');
  });

  it('leaves what has passed while its slots were read: the pods are looked at last of all', async () => {
    const phases: ObservedPod['phase'][] = ['running', 'succeeded'];
    const seen = () => [{ name: running.id, phase: phases.shift() ?? 'succeeded' }];
    expect(await paused(recordOf(running), nobody, seen)).toMatchObject({ removed: [], builds: [running] });
  });

  it('of which nothing is known keeps what was heard, for a week: that alone tells what was pushed, and by whom', async () => {
    const week = 7 * 24 * 3_600_000;
    const heard = async (receivedAt: number, seen: () => Promise<Project | null>) =>
      paused(null, seen, [], [{ receivedAt }]);
    expect(await heard(now - week + 1, nobody)).toMatchObject({ is: true, saved: [] });
    expect(await heard(now - week, nobody)).toMatchObject({ is: false });
    expect(await heard(now, async () => project)).toMatchObject({ is: false });
    await expect(heard(now, () => Promise.reject(new Error('502')))).rejects.toThrow('502');
  });

  it.each([
    ['it is seen', recordOf(running), async () => project],
    ['nothing is known of it', null, nobody],
    ['the forge gives no answer', recordOf(running), () => Promise.reject(new Error('502'))],
  ] as const)('is none where %s: nothing is stopped or saved', async (_, record, seen) => {
    expect(await paused(record, seen)).toMatchObject({ is: false, saved: [], removed: [] });
  });
});
