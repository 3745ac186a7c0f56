import { mkdir } from 'node:fs/promises';
import { isAbsolute, join } from 'node:path';
import type { BuildId } from '../../model/build.ts';
import type { ObservedPod, PodManifest } from '../../model/pod.ts';
import type { Executor, LogChunk, PodSecrets, StartOutcome } from '../../ports/executor.ts';
import { removeBuild, stopBuild } from './end-build.ts';
import { followBuild } from './follow-build.ts';
import { isOver, observeBuild } from './observe-build.ts';
import { buildPaths, recordedNames, sweepDrafts } from './record.ts';
import type { ProcessSettings } from './settings.ts';
import { startBuild } from './start-build.ts';
import { watchBuilds } from './watch-builds.ts';

/** An executor whose own timers and readers can be ended; the builds go on. */
export interface ProcessExecutor extends Executor {
  readonly close: () => Promise<void>;
}

/**
 * Builds as plain processes of this user, without any isolation: images, users, capabilities and resource limits of the
 * manifest mean nothing here. Several executors, also of several processes, may share one folder.
 */
export function createProcessExecutor(settings: ProcessSettings): ProcessExecutor {
  if (settings.allowed !== 'trusted-only')
    throw new Error('the process executor must be allowed in words: "trusted-only"');
  if (!isAbsolute(settings.folder))
    throw new Error(`the folder of the process executor must be absolute: ${settings.folder}`);
  const builds = join(settings.folder, 'builds');
  const closing = new AbortController();
  const endings = new Set<() => void>();
  const prepared = untilDone(async () => {
    await mkdir(builds, { recursive: true, mode: 0o700 });
    await sweepDrafts(builds, settings.now());
  });

  async function observe(build: BuildId): Promise<ObservedPod | null> {
    await prepared();
    return observeBuild(settings, builds, build);
  }

  async function list(): Promise<readonly ObservedPod[]> {
    const names = await recordedNames(builds);
    const pods = await Promise.all(names.map((name) => observe(name as BuildId)));
    return pods.filter((pod) => pod !== null);
  }

  async function start(manifest: PodManifest, secrets: PodSecrets): Promise<StartOutcome> {
    await prepared();
    return startBuild(settings, builds, manifest, secrets);
  }

  async function stop(build: BuildId): Promise<void> {
    const pod = await observe(build);
    if (pod !== null && !isOver(pod.phase)) await stopBuild(builds, build);
  }

  async function remove(build: BuildId): Promise<void> {
    if ((await observe(build)) !== null) await removeBuild(builds, build);
  }

  function follow(build: BuildId, onChunk: (chunk: LogChunk) => void, signal: AbortSignal): Promise<void> {
    const either = AbortSignal.any([signal, closing.signal]);
    return followBuild(buildPaths(builds, build).log, () => observe(build), onChunk, either);
  }

  function watch(onChange: (build: BuildId) => void): () => void {
    const end = watchBuilds(list, onChange);
    endings.add(end);
    return () => {
      endings.delete(end);
      end();
    };
  }

  async function close(): Promise<void> {
    closing.abort();
    for (const end of endings) end();
    endings.clear();
  }

  return { kind: 'process', builders: [], start, list, observe, stop, remove, follow, watch, close };
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
