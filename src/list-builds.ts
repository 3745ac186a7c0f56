import { createDocumentStore } from './adapters/redis/document-store.ts';
import { createWantedLine } from './adapters/redis/wanted-line.ts';
import type { BuildLine } from './cli/deps.ts';
import { jobsOf, madeOf } from './core/gate/made-of.ts';
import { orderLine } from './core/line/order-line.ts';
import { nameOfSchedule } from './core/periodic/nightlies-of.ts';
import { readKnown } from './known-subjects.ts';
import type { Machine } from './machine.ts';
import type { Build, BuildId } from './model/build.ts';
import type { PeriodicRecord } from './model/periodic.ts';
import type { JobRecord, PresubmitRecord } from './model/presubmit.ts';
import { fullName } from './model/project.ts';
import type { PushRecord } from './model/push.ts';
import type { QueueRecord } from './model/queue.ts';
import type { ReleaseRun } from './model/release-run.ts';
import type { DocumentStore, WantedLine } from './ports/store.ts';
import { withServerRedis } from './server-redis.ts';

type Places = ReadonlyMap<BuildId, number>;

async function placesIn(line: WantedLine): Promise<Places> {
  const places = new Map<BuildId, number>();
  for (const pool of await line.pools()) {
    const { entries } = await line.read(pool);
    for (const [index, entry] of orderLine(entries).entries()) places.set(entry.build, index);
  }
  return places;
}

function stateOf(build: Build, ahead: number): BuildLine['state'] {
  const { state } = build;
  if (state.phase === 'finished') return { kind: 'ended', result: state.result, at: state.finishedAt };
  if (state.phase === 'wanted') return { kind: 'waiting', ahead, since: state.since };
  return { kind: 'running', since: state.phase === 'stopping' ? (state.startedAt ?? state.since) : state.since };
}

function reasonOf(job: JobRecord, build: Build, retired: string | null): string {
  if (build.state.phase === 'finished' || build.state.phase === 'stopping') return build.state.because;
  return retired ?? job.because;
}

function linesOf(record: PresubmitRecord, places: Places): BuildLine[] {
  const present = (record.change?.jobs ?? []).map((job) => ({ job, retired: null }));
  const retired = record.retired.map(({ job, because }) => ({ job, retired: because }));
  const change = `${fullName(record.project)}#${record.number}`;
  return [...present, ...retired].flatMap((each) => buildsOf(change, each.job, each.retired, places));
}

function buildsOf(change: string, job: JobRecord, retired: string | null, places: Places): BuildLine[] {
  return ('builds' in job.status ? job.status.builds : []).map((build) => ({
    build: build.id,
    change,
    job: job.job,
    state: stateOf(build, places.get(build.id) ?? 0),
    because: reasonOf(job, build, retired),
  }));
}

/** Builds of the candidates of a queue. */
function queueLinesOf(record: QueueRecord, places: Places): BuildLine[] {
  const tested = record.items.flatMap((item) =>
    madeOf(item).map((candidate) => ({ branch: item.branch, number: item.number, candidate, because: null })),
  );
  return [...tested, ...record.stopping].flatMap(({ branch, number, candidate, because }) => {
    const project = record.branches.find(({ key }) => key === branch)?.project;
    if (!project) return [];
    const change = `${fullName(project)}#${number}`;
    return jobsOf(candidate).flatMap((job) => buildsOf(change, job, because, places));
  });
}

function pushLinesOf({ project, branch, runs }: PushRecord, places: Places): BuildLine[] {
  return runs.flatMap(({ commit, jobs }) =>
    jobs.flatMap((job) => buildsOf(`${fullName(project)} ${branch}@${commit.slice(0, 12)}`, job, null, places)),
  );
}

function periodicLinesOf({ project, branch, nightlies }: PeriodicRecord, places: Places): BuildLine[] {
  return nightlies.flatMap(({ schedule, run }) => {
    const change = `${fullName(project)} ${branch}@${run?.commit.slice(0, 12)}, ${nameOfSchedule(schedule)}`;
    return (run?.jobs ?? []).flatMap((job) => buildsOf(change, job, null, places));
  });
}

function releaseLinesOf({ project, wish, run }: ReleaseRun, places: Places): BuildLine[] {
  const change = `${fullName(project)} ${wish.version}@${wish.commit.slice(0, 12)}`;
  return (run?.jobs ?? []).flatMap((job) => buildsOf(change, job, null, places));
}

const order = ['running', 'waiting', 'ended'] as const;

function timeOf({ state }: BuildLine): number {
  return state.kind === 'ended' ? -state.at : state.since;
}

async function readLines(documents: DocumentStore, line: WantedLine): Promise<readonly BuildLine[]> {
  const places = await placesIn(line);
  const { changes, queues, pushed, periodic, releases } = await readKnown(documents);
  const lines = [
    ...changes.flatMap(({ record }) => linesOf(record, places)),
    ...queues.flatMap(({ record }) => queueLinesOf(record, places)),
    ...pushed.flatMap((record) => pushLinesOf(record, places)),
    ...periodic.flatMap((record) => periodicLinesOf(record, places)),
    ...releases.flatMap((record) => releaseLinesOf(record, places)),
  ];
  return lines.sort((a, b) => order.indexOf(a.state.kind) - order.indexOf(b.state.kind) || timeOf(a) - timeOf(b));
}

/** What is being built, then what waits, then, with `all`, what ended, newest first. Throws `unreachable` without Redis. */
export async function listBuilds(all: boolean, machine: Machine): Promise<readonly BuildLine[]> {
  return withServerRedis(machine, async (redis) => {
    const lines = await readLines(createDocumentStore(redis), createWantedLine(redis));
    return lines.filter((line) => all || line.state.kind !== 'ended');
  });
}
