import type { BuildId } from '../../src/model/build.ts';
import type { ObservedContainer, ObservedPod, PodContainer, PodManifest } from '../../src/model/pod.ts';
import type { Executor, PodSecrets } from '../../src/ports/executor.ts';

/** How a pod of the fake ends. */
export interface Ending {
  readonly exitCode: number;
  readonly log?: string;
  /** Termination message of the last container; for image builds a measure is made up when absent. */
  readonly message?: string;
  /** Which container failed; the last by default. */
  readonly container?: string;
  readonly reason?: string;
}

interface Pod {
  readonly manifest: PodManifest;
  readonly secrets: PodSecrets;
  readonly uid: string;
  readonly startedAt: number;
  ending: (Ending & { readonly finishedAt: number }) | null;
}

const digest = `sha256:${'a1'.repeat(32)}`;
const measured = { digest, bytes: 1_234_567, layers: 2 };
const mediaType = 'application/vnd.oci.image.manifest.v1+json';

/** What our step that has this input leaves when all went well; an uploader, or who keeps files, says where it was told to put them. */
function messageOf({ name, env }: PodContainer): string {
  if (name !== 'upload' && name !== 'keep') return JSON.stringify(measured);
  const { repository, tag } = JSON.parse(env.find((each) => each.name === 'SLUICE_STEP')?.value ?? '{}');
  return JSON.stringify({ ...measured, uploaded: { repository, tag, mediaType, manifestBytes: 501 } });
}

/** An executor whose pods run until the test says how they end; it keeps everything that was asked of it. */
export interface FakeExecutor extends Executor {
  readonly manifests: readonly PodManifest[];
  readonly secretsOf: (build: string) => PodSecrets | null;
  /** Names of the pods that run now, of this job or of all. */
  running(job?: string): string[];
  finish(build: string, ending: Ending): void;
  /** The pod is gone, as if somebody deleted it. */
  lose(build: string): void;
  /** From now on pods of this job end by themselves like this, at once. */
  always(job: string, ending: Ending | null): void;
  readonly stopped: readonly string[];
}

export function createFakeExecutor(now: () => number): FakeExecutor {
  const pods = new Map<string, Pod>();
  const manifests: PodManifest[] = [];
  const stopped: string[] = [];
  const watchers = new Set<(build: BuildId) => void>();
  const scripts = new Map<string, Ending>();
  const changed = (name: string): void => {
    for (const watcher of watchers) watcher(name as BuildId);
  };

  function jobOf(manifest: PodManifest): string {
    return manifest.metadata.annotations['sluice.dev/job'] ?? manifest.metadata.labels['sluice.dev/job'] ?? '';
  }

  function finish(name: string, ending: Ending): void {
    const pod = pods.get(name);
    if (!pod) throw new Error(`no pod ${name}; there are ${[...pods.keys()].join(', ')}`);
    pod.ending ??= { ...ending, finishedAt: now() };
    changed(name);
  }

  function containerState(
    pod: Pod,
    container: PodContainer,
    failing: string,
    after: boolean,
  ): ObservedContainer['state'] {
    if (!pod.ending) return { kind: 'running', startedAt: pod.startedAt };
    if (after) return { kind: 'waiting', reason: 'PodInitializing', message: null };
    const { exitCode, finishedAt } = pod.ending;
    const { name } = container;
    const code = name === failing ? exitCode : 0;
    const said = pod.ending.message ?? (code === 0 ? messageOf(container) : '');
    const message = name === failing ? said : '';
    const reason = pod.ending.reason ?? (code === 0 ? 'Completed' : 'Error');
    return {
      kind: 'terminated',
      exitCode: code,
      reason: name === failing ? reason : 'Completed',
      message,
      startedAt: pod.startedAt,
      finishedAt,
    };
  }

  function observed(pod: Pod): ObservedPod {
    const { metadata, spec } = pod.manifest;
    const all = [
      ...spec.initContainers.map((each) => ({ each, init: true })),
      ...spec.containers.map((each) => ({ each, init: false })),
    ];
    const failing = pod.ending?.container ?? all.at(-1)?.each.name ?? '';
    const at = all.findIndex(({ each }) => each.name === failing);
    const containers = all.map(
      ({ each, init }, index): ObservedContainer => ({
        name: each.name,
        init,
        state: containerState(pod, each, failing, index > at),
      }),
    );
    const phase = !pod.ending ? 'running' : pod.ending.exitCode === 0 ? 'succeeded' : 'failed';
    const { name, labels, annotations } = metadata;
    return { name, uid: pod.uid, labels, annotations, phase, reason: null, message: null, containers };
  }

  return {
    kind: 'process',
    builders: ['kaniko'],
    manifests,
    stopped,
    finish,
    secretsOf: (build) => pods.get(build)?.secrets ?? null,
    running: (job) =>
      [...pods.values()]
        .filter((pod) => !pod.ending && (job === undefined || jobOf(pod.manifest) === job))
        .map((pod) => pod.manifest.metadata.name),
    lose(build) {
      pods.delete(build);
      changed(build);
    },
    always(job, ending) {
      if (ending) scripts.set(job, ending);
      else scripts.delete(job);
    },
    async start(manifest, secrets) {
      const { name } = manifest.metadata;
      if (pods.has(name)) return { kind: 'exists' };
      pods.set(name, { manifest, secrets, uid: `${name}-${manifests.length}`, startedAt: now(), ending: null });
      manifests.push(manifest);
      const script = scripts.get(jobOf(manifest));
      if (script) finish(name, script);
      else changed(name);
      return { kind: 'created' };
    },
    list: async () => [...pods.values()].map(observed),
    observe: async (build) => {
      const pod = pods.get(build);
      return pod ? observed(pod) : null;
    },
    async stop(build) {
      stopped.push(build);
      if (pods.get(build)) finish(build, { exitCode: 143 });
    },
    async remove(build) {
      pods.delete(build);
    },
    async follow(build, onChunk, signal) {
      for (;;) {
        const pod = pods.get(build);
        if (!pod || signal.aborted) return;
        if (pod.ending) {
          if (pod.ending.log) onChunk({ container: pod.ending.container ?? 'build', text: pod.ending.log });
          return;
        }
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
    },
    watch(onChange) {
      watchers.add(onChange);
      return () => watchers.delete(onChange);
    },
  };
}
