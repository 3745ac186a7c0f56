import { type LinePlace, placesIn } from '../core/line/order-line.ts';
import type { BuildFacts } from '../core/presubmit/advance-build.ts';
import type { BuildId } from '../model/build.ts';
import type { ObservedPod } from '../model/pod.ts';
import type { JobRecord } from '../model/presubmit.ts';
import type { AppContext } from './context.ts';

const logBytes = 64 * 1024;

/** Where those that wait stand in their pools' lines. */
export async function observeLine(context: AppContext, jobs: readonly JobRecord[]): Promise<BuildFacts['line']> {
  const places = new Map<BuildId, LinePlace>();
  const waiting = jobs.flatMap((job) =>
    job.status.kind === 'building'
      ? job.status.builds.filter(({ state }) => state.phase === 'wanted').map(({ id }) => ({ pool: job.pool, id }))
      : [],
  );
  for (const pool of new Set(waiting.map((each) => each.pool))) {
    const line = placesIn((await context.ports.line.read(pool)).entries);
    for (const { id } of waiting) {
      const place = line.get(id);
      if (place) places.set(id, place);
    }
  }
  return places;
}

/** All pods, with those of these jobs that a listing left out; null: they could not be listed. */
export async function observePods(
  context: AppContext,
  jobs: readonly JobRecord[],
): Promise<readonly ObservedPod[] | null> {
  const pods = await context.pods.snapshot();
  if (!pods) return null;
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
): Promise<BuildFacts['logs']> {
  const logs = new Map<BuildId, { ended: boolean; text: string; containerFile: string | null }>();
  const { logs: store } = context.ports;
  const builds = jobs.flatMap(({ status }) => (status.kind === 'building' ? status.builds : []));
  for (const { id, state } of builds) {
    const pod = pods.find(({ name }) => name === id);
    const ended = !pod || pod.phase === 'succeeded' || pod.phase === 'failed';
    if (!ended || state.phase === 'wanted' || state.phase === 'finished') continue;
    const end = await store.read(id, Number.MAX_SAFE_INTEGER);
    logs.set(id, { ended: end?.ended ?? false, text: await store.tail(id, logBytes), containerFile: null });
  }
  return logs;
}
