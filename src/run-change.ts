import type { LocalClone } from './adapters/git/local-clone.ts';
import type { TriedBuild } from './cli/deps.ts';
import { containerFileOf } from './core/presubmit/advance-jobs.ts';
import { type LogFacts, type PresubmitFacts, treeKey } from './core/presubmit/facts.ts';
import { planPresubmit } from './core/presubmit/plan.ts';
import { emptyRecord } from './core/presubmit/take-facts.ts';
import { followTogether, type LogFollower } from './follow-together.ts';
import { factsOf, type LocalChange, self } from './local-change.ts';
import { type Build, type BuildId, pointWords } from './model/build.ts';
import type { Effect } from './model/effect.ts';
import type { BuildOrder } from './model/order.ts';
import type { PodManifest, StartOutcome } from './model/pod.ts';
import type { JobRecord, PresubmitRecord } from './model/presubmit.ts';
import type { Comment } from './model/pull-request.ts';
import type { Clock } from './ports/clock.ts';
import type { Executor } from './ports/executor.ts';

/** What building here needs of the world. */
export interface TryPorts {
  readonly executor: Executor;
  readonly clock: Clock;
  /** Ends everything that is being built. */
  readonly interrupted: AbortSignal;
  readonly renderPod: (order: BuildOrder) => PodManifest;
  readonly onOutput: (text: string) => void;
}

const lookMs = 200;
const maxFileBytes = 1024 * 1024;

function jobsOf(record: PresubmitRecord): readonly JobRecord[] {
  return [...(record.change?.jobs ?? []), ...record.retired.map((retired) => retired.job)];
}

function buildsOf(record: PresubmitRecord): readonly { job: JobRecord; build: Build }[] {
  return jobsOf(record).flatMap((job) =>
    'builds' in job.status ? job.status.builds.map((build) => ({ job, build })) : [],
  );
}

function isOver(record: PresubmitRecord): boolean {
  return (
    record.change !== null && jobsOf(record).every(({ status }) => status.kind === 'skipped' || status.kind === 'ended')
  );
}

async function logsOf(
  clone: LocalClone,
  record: PresubmitRecord,
  base: PresubmitFacts,
  follower: LogFollower,
): Promise<ReadonlyMap<BuildId, LogFacts>> {
  const logs = new Map<BuildId, LogFacts>();
  for (const { job, build } of buildsOf(record)) {
    const log = follower.logOf(build.id);
    if (!log || build.state.phase === 'finished') continue;
    const path = containerFileOf(job, build, base.trees.get(treeKey(job.tree)) ?? null);
    const text = path === null ? null : await clone.source.readText(record.project, job.tree.tree, path, maxFileBytes);
    logs.set(build.id, { ...log, containerFile: text });
  }
  return logs;
}

async function perform(ports: TryPorts, effect: Effect, follower: LogFollower): Promise<StartOutcome | null> {
  const { executor } = ports;
  switch (effect.kind) {
    case 'start': {
      const { build } = effect.order;
      const outcome = await executor.start(ports.renderPod(effect.order), {});
      if (outcome.kind === 'created') follower.follow(build.id, build.parts.job);
      return outcome;
    }
    case 'stop':
      await executor.stop(effect.build);
      return null;
    case 'remove':
      await executor.remove(effect.build);
      return null;
    // There is nobody to report to but the person who watches.
    case 'report':
    case 'tell':
    case 'reply':
    case 'react':
      return null;
  }
}

const cancel: Comment = {
  source: 'comment',
  id: 2,
  author: self,
  ours: false,
  text: '/cancel',
  createdAt: 2,
  edited: false,
};

/** One pass as the server makes it: look, plan, act. */
async function pass(
  ports: TryPorts,
  clone: LocalClone,
  base: PresubmitFacts,
  record: PresubmitRecord,
  starts: ReadonlyMap<BuildId, StartOutcome>,
  follower: LogFollower,
) {
  const comments = ports.interrupted.aborted ? [cancel] : [];
  const facts: PresubmitFacts = {
    ...base,
    now: ports.clock.now(),
    forge: base.forge && { ...base.forge, comments: [...base.forge.comments, ...comments] },
    pods: await ports.executor.list(),
    line: new Map(buildsOf(record).map(({ build }) => [build.id, { granted: true, ahead: 0 }])),
    logs: await logsOf(clone, record, base, follower),
    starts,
  };
  const plan = planPresubmit(record, facts);
  const outcomes = new Map<BuildId, StartOutcome>();
  for (const effect of plan.effects) {
    const outcome = await perform(ports, effect, follower);
    if (effect.kind === 'start' && outcome) outcomes.set(effect.order.build.id, outcome);
  }
  return { record: plan.record, outcomes };
}

function toTried(job: JobRecord, build: Build, several: boolean): TriedBuild[] {
  if (build.state.phase !== 'finished') return [];
  const { result, because, startedAt, finishedAt, outcome } = build.state;
  const point = several ? ` (${pointWords(build.parts.point).join(' ')})` : '';
  const milliseconds = startedAt === null ? 0 : finishedAt - startedAt;
  return [{ job: `${job.job}${point}`, result, because, milliseconds, image: outcome.image }];
}

/** A job that was cancelled is told by the request that was retired, which holds its builds. */
function triedIn(record: PresubmitRecord): readonly TriedBuild[] {
  return jobsOf(record).flatMap((job): TriedBuild[] => {
    const { status } = job;
    if (status.kind !== 'ended') return [];
    if (status.builds.length > 0)
      return status.builds.flatMap((build) => toTried(job, build, status.builds.length > 1));
    const retired = record.retired.some((other) => other.job.job === job.job && other.job !== job);
    return retired ? [] : [{ job: job.job, result: status.result, because: job.because, milliseconds: 0, image: null }];
  });
}

/** Whoever tries their own working tree has approved exactly that. */
function ownRecord({ project, pull }: LocalChange): PresubmitRecord {
  const approval = { head: pull.head, by: self, permission: 'admin', at: 0 };
  return { ...emptyRecord(project, pull.number), approvals: [approval] };
}

/** Builds one change to its end, pass by pass, and gives what became of each Build. Skipped jobs are told with their reason. */
export async function runChange(
  ports: TryPorts,
  clone: LocalClone,
  change: LocalChange,
): Promise<readonly TriedBuild[]> {
  const base = await factsOf(clone.source, change, ports.clock.now());
  const follower = followTogether(ports.executor, ports.onOutput);
  let record = ownRecord(change);
  let starts: ReadonlyMap<BuildId, StartOutcome> = new Map();
  try {
    while (!isOver(record)) {
      const before = record;
      const done = await pass(ports, clone, base, record, starts, follower);
      record = done.record;
      starts = done.outcomes;
      if (JSON.stringify(before) === JSON.stringify(record)) await ports.clock.sleep(lookMs);
    }
  } finally {
    await follower.close();
  }
  for (const job of record.change?.jobs ?? [])
    if (job.status.kind === 'skipped') ports.onOutput(`– ${job.job}: skipped, ${job.because}\n`);
  return triedIn(record);
}
