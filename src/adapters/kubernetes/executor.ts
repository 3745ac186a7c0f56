import type { BuildId } from '../../model/build.ts';
import { type ObservedPod, type PodManifest, podKeys } from '../../model/pod.ts';
import type { Executor, LogChunk, PodSecrets, StartOutcome } from '../../ports/executor.ts';
import { createApiClient } from './api-client.ts';
import type { ApiPod } from './api-pod.ts';
import { removePod, stopPod } from './end-pod.ts';
import { followPod } from './follow-pod.ts';
import type { LeastSizes } from './least-sizes.ts';
import { isIncomplete, toObservedPod } from './observe-pod.ts';
import { createPodStore } from './pod-store.ts';
import { createPodsApi } from './pods-api.ts';
import type { KubernetesSettings } from './settings.ts';
import { startPod } from './start-pod.ts';
import { watchChanges } from './watch-changes.ts';
import { createPodWatch } from './watch-pods.ts';

/** An executor whose own connections can be ended; the builds go on. */
export interface KubernetesExecutor extends Executor {
  readonly close: () => Promise<void>;
}

/** Builds as pods of a Kubernetes cluster, in one namespace; several executors, also of several processes, may share it. */
export function createKubernetesExecutor(settings: KubernetesSettings): KubernetesExecutor {
  const client = createApiClient(settings.cluster);
  const api = createPodsApi(client, settings);
  const store = createPodStore();
  const watching = createPodWatch(api, store, settings.pace);
  const closing = new AbortController();
  const least: LeastSizes = new Map();
  const endings = new Set<() => void>();

  function take(pod: ApiPod): void {
    store.put(pod);
    watching.expect(pod.metadata.resourceVersion);
  }

  /** One of ours, complete or not; absence is only what the API server has said. */
  async function find(build: string): Promise<ApiPod | null> {
    watching.begin();
    const known = store.get(build);
    if (known !== undefined && watching.isFresh()) return known;
    const pod = await api.get(build);
    if (pod?.metadata.labels?.[podKeys.owner] === settings.owner) {
      store.put(pod);
      return pod;
    }
    // Only the one that was known before the question: another may have been started since.
    if (known !== undefined) store.drop(build, known.metadata.uid);
    return null;
  }

  function seen(pods: readonly ApiPod[]): readonly ObservedPod[] {
    const now = settings.now();
    return pods.filter((pod) => !isIncomplete(pod, now)).map((pod) => toObservedPod(pod, now));
  }

  async function list(): Promise<readonly ObservedPod[]> {
    watching.begin();
    if (!watching.isFresh()) await watching.refresh();
    return seen(store.all());
  }

  async function observe(build: BuildId): Promise<ObservedPod | null> {
    const pod = await find(build);
    return pod === null ? null : (seen([pod])[0] ?? null);
  }

  async function start(manifest: PodManifest, secrets: PodSecrets): Promise<StartOutcome> {
    watching.begin();
    return startPod(api, settings, manifest, secrets, least, take);
  }

  async function stop(build: BuildId): Promise<void> {
    const pod = await find(build);
    if (pod !== null) await stopPod(api, store, pod);
  }

  async function remove(build: BuildId): Promise<void> {
    const pod = await find(build);
    if (pod !== null) await removePod(api, store, pod, settings.now);
  }

  function follow(build: BuildId, onChunk: (chunk: LogChunk) => void, signal: AbortSignal): Promise<void> {
    const either = AbortSignal.any([signal, closing.signal]);
    return followPod({ api, store, look: () => find(build) }, build, onChunk, either);
  }

  function watch(onChange: (build: BuildId) => void): () => void {
    watching.begin();
    const end = watchChanges(store, (name) => seen([store.get(name)].flatMap((pod) => pod ?? []))[0] ?? null, onChange);
    endings.add(end);
    return () => {
      endings.delete(end);
      end();
    };
  }

  async function close(): Promise<void> {
    closing.abort();
    watching.close();
    for (const end of endings) end();
    client.close();
  }

  return {
    kind: 'kubernetes',
    builders: ['kaniko', 'buildkit'],
    start,
    list,
    observe,
    stop,
    remove,
    follow,
    watch,
    close,
  };
}
