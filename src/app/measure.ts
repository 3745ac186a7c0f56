import type { Build, BuildId } from '../model/build.ts';
import type { PresubmitRecord } from '../model/presubmit.ts';
import type { Ports } from './context.ts';
import type { Performed } from './perform.ts';

/** Counts one pass and the time it took. */
export async function timePass(ports: Pick<Ports, 'metrics' | 'clock'>, pass: () => Promise<void>): Promise<void> {
  const began = ports.clock.now();
  let outcome: 'done' | 'failed' = 'failed';
  try {
    await pass();
    outcome = 'done';
  } finally {
    ports.metrics.passEnded(outcome, secondsBetween(began, ports.clock.now()));
  }
}

/** Counts the builds that a saved pass has ended: they were not finished in the record before. */
export function countFinished(ports: Pick<Ports, 'metrics'>, before: PresubmitRecord, after: PresubmitRecord): void {
  const earlier = buildsById(before);
  for (const { id, state } of buildsById(after).values()) {
    if (state.phase !== 'finished' || earlier.get(id)?.state.phase === 'finished') continue;
    const seconds = state.startedAt === null ? null : secondsBetween(state.startedAt, state.finishedAt);
    ports.metrics.buildFinished(state.result, seconds);
  }
}

/** Counts the pods that were created for builds which the record before the pass had as wanted. */
export function countStarted(ports: Pick<Ports, 'metrics' | 'clock'>, before: PresubmitRecord, done: Performed): void {
  const earlier = buildsById(before);
  for (const [id, outcome] of done.starts) {
    const since = earlier.get(id)?.state;
    if (outcome.kind === 'created' && since !== undefined && 'since' in since)
      ports.metrics.podStarted(secondsBetween(since.since, ports.clock.now()));
  }
}

function secondsBetween(from: number, to: number): number {
  return Math.max(0, to - from) / 1000;
}

function buildsById(record: PresubmitRecord): ReadonlyMap<BuildId, Build> {
  const jobs = [...(record.change?.jobs ?? []), ...record.retired.map((retired) => retired.job)];
  const builds = jobs.flatMap(({ status }) => ('builds' in status ? status.builds : []));
  return new Map(builds.map((build) => [build.id, build]));
}
