import { rm } from 'node:fs/promises';
import type { BuildId } from '../../model/build.ts';
import type { ObservedPod, PodManifest } from '../../model/pod.ts';
import type { Executor, LogChunk, PodSecrets, StartOutcome } from '../../ports/executor.ts';
import { createDeadlines } from './deadlines.ts';
import { endBuild, removeBuild } from './end-build.ts';
import { followBuild } from './follow-build.ts';
import { createObserver, type SeenBuild } from './observe-builds.ts';
import { buildPaths, sweepDrafts } from './record.ts';
import type { PodmanSettings } from './settings.ts';
import { startBuild } from './start-build.ts';
import { prepareStore, storePaths } from './store.ts';
import { watchBuilds } from './watch-builds.ts';

/** An executor whose own timers and readers can be ended; the builds go on. */
export interface PodmanExecutor extends Executor {
  readonly close: () => Promise<void>;
}

/** Builds as podman pods on this machine, as root; several executors, also of several processes, may share one store. */
export function createPodmanExecutor(settings: PodmanSettings): PodmanExecutor {
  const paths = storePaths(settings.store.folder);
  const observer = createObserver(settings);
  const closing = new AbortController();
  const endings = new Set<() => void>();
  const dropSecrets = createSecretsRemover(paths.builds);
  const deadlines = createDeadlines(settings.now, (name, seconds) =>
    endBuild(settings, name, 'DeadlineExceeded', `the pod was active for longer than its ${seconds} seconds`),
  );
  const prepared = untilDone(async () => {
    await prepareStore(settings.store);
    await sweepDrafts(paths.builds, settings.now());
  });

  async function see(): Promise<ReadonlyMap<string, SeenBuild>> {
    await prepared();
    const seen = await observer.observeAll();
    if (!closing.signal.aborted) deadlines.keep(seen.values());
    for (const { pod } of seen.values()) await dropSecrets(pod);
    return seen;
  }

  const look = async (build: string) => (await see()).get(build) ?? null;
  const list = async () => [...(await see()).values()].map(({ pod }) => pod);

  async function start(manifest: PodManifest, secrets: PodSecrets): Promise<StartOutcome> {
    const outcome = await startBuild(settings, manifest, secrets);
    if (outcome.kind === 'created' || outcome.kind === 'exists') await see();
    return outcome;
  }

  async function stop(build: BuildId): Promise<void> {
    const seen = await look(build);
    if (seen !== null && !isOver(seen.pod)) await endBuild(settings, build, 'Stopped', null);
  }

  function follow(build: BuildId, onChunk: (chunk: LogChunk) => void, signal: AbortSignal): Promise<void> {
    const either = AbortSignal.any([signal, closing.signal]);
    return followBuild(settings.store.folder, () => look(build), onChunk, either);
  }

  function watch(onChange: (build: BuildId) => void): () => void {
    const end = watchBuilds(paths.events, list, onChange);
    endings.add(end);
    return () => {
      endings.delete(end);
      end();
    };
  }

  async function close(): Promise<void> {
    closing.abort();
    deadlines.close();
    for (const end of endings) end();
  }

  const observe = async (build: BuildId) => (await look(build))?.pod ?? null;
  const remove = (build: BuildId) => removeBuild(settings, build);
  return { kind: 'podman', builders: settings.builders, start, list, observe, stop, remove, follow, watch, close };
}

function isOver(pod: ObservedPod): boolean {
  return pod.phase === 'succeeded' || pod.phase === 'failed';
}

/** Removes the secrets of a pod that is over from the disk, once. */
function createSecretsRemover(builds: string): (pod: ObservedPod) => Promise<void> {
  const removed = new Set<string>();
  return async (pod) => {
    if (!isOver(pod) || removed.has(pod.uid)) return;
    await rm(buildPaths(builds, pod.name).secrets, { recursive: true, force: true });
    removed.add(pod.uid);
  };
}

/** Does it at the first call, and at the next when it failed; all callers wait for the same one. */
function untilDone(action: () => Promise<void>): () => Promise<void> {
  let doing: Promise<void> | null = null;
  return () => {
    doing ??= action().catch((cause) => {
      doing = null;
      throw cause;
    });
    return doing;
  };
}
