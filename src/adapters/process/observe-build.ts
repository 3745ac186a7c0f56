import type { ObservedPod } from '../../model/pod.ts';
import { podKeys } from '../../model/pod.ts';
import { killOrphans } from './end-build.ts';
import { isRunning } from './process-mark.ts';
import { type BuildRecord, type BuildState, buildPaths, readJson } from './record.ts';
import type { ProcessSettings } from './settings.ts';

// So long may a worker take from the record to the runner's first breath.
const claimPatience = 60_000;

/** The build as Kubernetes would describe its pod; null when there is none of ours of that name. */
export async function observeBuild(
  settings: ProcessSettings,
  builds: string,
  name: string,
): Promise<ObservedPod | null> {
  const paths = buildPaths(builds, name);
  const record = await readJson<BuildRecord>(paths.record);
  if (record === null || record.manifest.metadata.labels[podKeys.owner] !== settings.owner) return null;
  const state = await readJson<BuildState>(paths.state);
  if (state === null) return unbegun(settings, record);
  if (isOver(state.phase) || (await isRunning(state.runner))) return toPod(record, state);
  // It may have written its last state just before it ended.
  const last = (await readJson<BuildState>(paths.state)) ?? state;
  if (isOver(last.phase)) return toPod(record, last);
  await killOrphans(paths.folder);
  return toPod(record, abandoned(last, settings.now()));
}

export function isOver(phase: ObservedPod['phase']): boolean {
  return phase === 'succeeded' || phase === 'failed';
}

function unbegun(settings: ProcessSettings, record: BuildRecord): ObservedPod {
  const late = settings.now() - record.createdAt > claimPatience;
  const waiting = { kind: 'waiting', reason: null, message: null } as const;
  const { initContainers, containers } = record.manifest.spec;
  const all = [
    ...initContainers.map(({ name }) => ({ name, init: true, state: waiting })),
    ...containers.map(({ name }) => ({ name, init: false, state: waiting })),
  ];
  const why = late
    ? { reason: 'StartError', message: 'the runner of the build did not begin' }
    : { reason: null, message: null };
  return toPod(record, { phase: late ? 'failed' : 'pending', ...why, containers: all });
}

function abandoned(state: BuildState, now: number): Omit<BuildState, 'runner'> {
  const containers = state.containers.map((container) => {
    if (container.state.kind !== 'running') return container;
    const { startedAt } = container.state;
    const end = {
      kind: 'terminated',
      exitCode: 137,
      reason: 'Error',
      message: '',
      startedAt,
      finishedAt: now,
    } as const;
    return { ...container, state: end };
  });
  const message = 'what was running the build ended before the build had';
  return { phase: 'failed', reason: state.reason ?? 'StartError', message: state.message ?? message, containers };
}

function toPod(record: BuildRecord, { phase, reason, message, containers }: Omit<BuildState, 'runner'>): ObservedPod {
  const { name, labels, annotations } = record.manifest.metadata;
  return { name, uid: record.uid, labels, annotations, phase, reason, message, containers };
}
