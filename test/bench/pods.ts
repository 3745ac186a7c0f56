import type { BuildId } from '../../src/model/build.ts';
import type { ObservedPod, PodManifest } from '../../src/model/pod.ts';
import type { Executor, LogChunk } from '../../src/ports/executor.ts';

interface Pod {
  readonly manifest: PodManifest;
  readonly startedAt: number;
  endedAt: number | null;
}

const measured = JSON.stringify({ digest: `sha256:${'a1'.repeat(32)}`, bytes: 1_234_567, layers: 2 });

/**
 * An executor without any pod: each "runs" for so many ms and succeeds, and `onEnd` hears of it first; keeps nothing of
 * what is removed.
 */
export function createPretendedPods(runForMs: number, onEnd: (manifest: PodManifest) => void): Executor {
  const pods = new Map<string, Pod>();
  const watchers = new Set<(build: BuildId) => void>();
  const changed = (name: string): void => {
    for (const watcher of watchers) watcher(name as BuildId);
  };
  const end = (name: string): void => {
    const pod = pods.get(name);
    if (!pod || pod.endedAt !== null) return;
    pod.endedAt = Date.now();
    onEnd(pod.manifest);
    changed(name);
  };
  return {
    kind: 'process',
    builders: ['kaniko'],
    async start(manifest) {
      const { name } = manifest.metadata;
      if (pods.has(name)) return { kind: 'exists' };
      pods.set(name, { manifest, startedAt: Date.now(), endedAt: null });
      setTimeout(() => end(name), runForMs);
      changed(name);
      return { kind: 'created' };
    },
    list: async () => [...pods.values()].map(observed),
    observe: async (build) => {
      const pod = pods.get(build);
      return pod ? observed(pod) : null;
    },
    stop: async (build) => end(build),
    remove: async (build) => void pods.delete(build),
    follow: (build, onChunk, signal) => follow(pods, watchers, build, onChunk, signal),
    watch(onChange) {
      watchers.add(onChange);
      return () => watchers.delete(onChange);
    },
  };
}

function follow(
  pods: ReadonlyMap<string, Pod>,
  watchers: Set<(build: BuildId) => void>,
  build: BuildId,
  onChunk: (chunk: LogChunk) => void,
  signal: AbortSignal,
): Promise<void> {
  return new Promise((resolve) => {
    const look = (name: string): void => {
      if (name !== build) return;
      const pod = pods.get(build);
      if (pod && pod.endedAt === null && !signal.aborted) return;
      watchers.delete(look);
      if (pod && !signal.aborted) onChunk({ container: 'build', text: 'built\n' });
      resolve();
    };
    watchers.add(look);
    signal.addEventListener('abort', () => look(build), { once: true });
    look(build);
  });
}

function observed({ manifest, startedAt, endedAt }: Pod): ObservedPod {
  const { name, labels, annotations } = manifest.metadata;
  const { initContainers, containers } = manifest.spec;
  const all = [
    ...initContainers.map((each) => ({ name: each.name, init: true })),
    ...containers.map((each) => ({ name: each.name, init: false })),
  ];
  const state = (index: number): ObservedPod['containers'][number]['state'] => {
    if (endedAt === null) return { kind: 'running', startedAt };
    const message = index === all.length - 1 ? measured : '';
    return { kind: 'terminated', exitCode: 0, reason: 'Completed', message, startedAt, finishedAt: endedAt };
  };
  return {
    name,
    uid: `uid-${name}`,
    labels,
    annotations,
    phase: endedAt === null ? 'running' : 'succeeded',
    reason: null,
    message: null,
    containers: all.map((each, index) => ({ ...each, state: state(index) })),
  };
}
