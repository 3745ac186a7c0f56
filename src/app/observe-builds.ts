import { type LinePlace, placesIn } from '../core/line/order-line.ts';
import { wishOfBuild } from '../core/pod/choose-runner.ts';
import type { BuildFacts } from '../core/presubmit/advance-build.ts';
import { containerFileOf } from '../core/presubmit/advance-jobs.ts';
import { type LogFacts, type TreeFacts, treeKey } from '../core/presubmit/facts.ts';
import type { Build, BuildId } from '../model/build.ts';
import type { ObservedPod } from '../model/pod.ts';
import type { JobRecord } from '../model/presubmit.ts';
import type { Project } from '../model/project.ts';
import type { RunnerWish } from '../model/runner-pool.ts';
import type { AppContext } from './context.ts';
import { entriesIn, linesBeside } from './lines-beside.ts';
import { whyAway } from './why-off.ts';

const logBytes = 64 * 1024;
const containerFileBytes = 1024 * 1024;

/** From where the container file that a job builds is read, to find the line of it that failed. */
export interface LogGround {
  readonly project: Project;
  readonly trees: ReadonlyMap<string, TreeFacts>;
}

/** The end of the log of a Build whose pod has ended, with the container file that it built. */
export async function readLogEnd(
  { ports }: AppContext,
  { project, trees }: LogGround,
  job: JobRecord,
  build: Build,
): Promise<LogFacts> {
  const { logs, source } = ports;
  const end = await logs.read(build.id, Number.MAX_SAFE_INTEGER);
  const path = containerFileOf(job, build, trees.get(treeKey(job.tree)) ?? null);
  const containerFile = path === null ? null : await source.readText(project, job.tree.tree, path, containerFileBytes);
  return { ended: end?.ended ?? false, text: await logs.tail(build.id, logBytes), containerFile };
}

/** Where those that wait stand in their pools' lines. */
export async function observeLine(context: AppContext, jobs: readonly JobRecord[]): Promise<BuildFacts['line']> {
  const places = new Map<BuildId, LinePlace>();
  const waiting = jobs.flatMap((job) =>
    job.status.kind === 'building'
      ? job.status.builds.filter(({ state }) => state.phase === 'wanted').map(({ id }) => ({ pool: job.pool, id }))
      : [],
  );
  const away = await whyAway(context);
  for (const pool of new Set(waiting.map((each) => each.pool))) {
    const beside = entriesIn(await linesBeside(context, pool));
    const line = placesIn((await context.ports.line.read(pool)).entries, context.settings.limits, away, beside);
    for (const { id } of waiting) {
      const place = line.get(id);
      if (place) places.set(id, place);
    }
  }
  return places;
}

/** Where the builds of these jobs are, or would be made. */
function wishesOf(jobs: readonly JobRecord[]): readonly RunnerWish[] {
  return jobs.flatMap(({ status, pool }) =>
    'builds' in status
      ? status.builds.filter(({ state }) => state.phase !== 'finished').map((build) => wishOfBuild(build, pool))
      : [],
  );
}

/**
 * All pods, with those of these jobs that a listing left out; null: they could not be listed. Where one pool is away, those of
 * the others, if nothing of these jobs and of what else is `wished` belongs there: absence is only what a listing of its pool shows.
 */
export async function observePods(
  context: AppContext,
  jobs: readonly JobRecord[],
  wished: readonly RunnerWish[] = [],
): Promise<readonly ObservedPod[] | null> {
  const listing = await context.pods.seen();
  const wishes = [...wishesOf(jobs), ...wished];
  if (listing === null) return null;
  // What nothing is known of may have pods anywhere.
  const isBlind = wishes.length === 0 || wishes.some((wish) => listing.whyUnseen(wish) !== null);
  if (listing.unseen.length > 0 && isBlind) return null;
  const { pods } = listing;
  const listed = new Set(pods.map(({ name }) => name));
  const living = jobs.flatMap(({ status }) => ('builds' in status ? status.builds : []));
  const missing = living.filter(
    ({ id, state }) => (state.phase === 'running' || state.phase === 'stopping') && !listed.has(id),
  );
  const found = await Promise.all(missing.map(({ id }) => context.ports.executor.observe(id)));
  return [...pods, ...found.filter((pod) => pod !== null)];
}

/** The end of the logs of builds whose pods have ended. */
export async function observeLogs(
  context: AppContext,
  jobs: readonly JobRecord[],
  pods: readonly ObservedPod[],
  groundOf: (job: JobRecord) => LogGround,
): Promise<BuildFacts['logs']> {
  const logs = new Map<BuildId, LogFacts>();
  for (const job of jobs)
    for (const build of job.status.kind === 'building' ? job.status.builds : []) {
      const { id, state } = build;
      const pod = pods.find(({ name }) => name === id);
      const ended = !pod || pod.phase === 'succeeded' || pod.phase === 'failed';
      if (!ended || state.phase === 'wanted' || state.phase === 'finished') continue;
      logs.set(id, await readLogEnd(context, groundOf(job), job, build));
    }
  return logs;
}
