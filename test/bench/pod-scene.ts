import { type ApiClient, createApiClient } from '../../src/adapters/kubernetes/api-client.ts';
import type { ApiPod } from '../../src/adapters/kubernetes/api-pod.ts';
import { openKubeconfig } from '../../src/adapters/kubernetes/cluster-access.ts';
import { createNamespace } from '../../src/adapters/kubernetes/namespaces.ts';
import { podKeys } from '../../src/model/pod.ts';
import { parseSubjectId } from '../../src/model/subject.ts';
import { epochMs, sleep } from './clock.ts';
import { endLater } from './endings.ts';
import type { BenchOptions } from './measurement.ts';
import type { SluiceSettings } from './sluice-process.ts';
import type { Stage } from './stage.ts';

/** Where pods come to be, and when each pull request's was first seen and first seen to have ended, ms since the epoch. */
export interface PodScene {
  readonly executor: SluiceSettings['executor'];
  readonly seen: ReadonlyMap<number, number>;
  readonly ended: ReadonlyMap<number, number>;
  /** Called once the stage stands. */
  attach(stage: Stage): void;
  close(): Promise<void>;
}

/** `runForMs`: how long a pretended pod runs; on simulated nodes it is what the cluster says (2 s). */
export function openPodScene(kind: BenchOptions['executor'], runForMs: number): Promise<PodScene> {
  return kind === 'kubernetes' ? openCluster() : Promise.resolve(pretend(runForMs));
}

function firstTimes() {
  const seen = new Map<number, number>();
  const ended = new Map<number, number>();
  const note = (times: Map<number, number>, number: number, at: number): void => {
    if (!times.has(number)) times.set(number, at);
  };
  return { seen, ended, note };
}

function pretend(runForMs: number): PodScene {
  const { seen, ended, note } = firstTimes();
  return {
    executor: { kind: 'fake', runForMs },
    seen,
    ended,
    attach({ worker }) {
      worker.on('start', ({ number, at }: { number: number; at: number }) => note(seen, number, at));
      worker.on('end', ({ number, at }: { number: number; at: number }) => note(ended, number, at));
    },
    close: async () => undefined,
  };
}

/** A namespace of its own on the cluster of KUBECONFIG, and a watch of our own on it. */
async function openCluster(): Promise<PodScene> {
  const kubeconfig = process.env.KUBECONFIG ?? null;
  const access = openKubeconfig({ files: kubeconfig, context: null });
  const namespace = await createNamespace(access, `sluice-bench-${process.pid}`);
  const client = createApiClient(access);
  const ending = new AbortController();
  const { seen, ended, note } = firstTimes();
  const hear = (pod: ApiPod): void => {
    const at = epochMs();
    const subject = parseSubjectId(pod.metadata.annotations?.[podKeys.subject] ?? '');
    if (!subject) return;
    note(seen, subject.number, at);
    if (pod.status?.phase === 'Succeeded' || pod.status?.phase === 'Failed') note(ended, subject.number, at);
  };
  const path = `/api/v1/namespaces/${namespace.name}/pods`;
  const watched = keepWatching(client, path, hear, ending.signal);
  return {
    executor: { kind: 'kubernetes', kubeconfig, namespace: namespace.name },
    seen,
    ended,
    attach: () => undefined,
    close: endLater(async () => {
      ending.abort();
      await watched;
      client.close();
      await namespace.remove();
    }),
  };
}

/** Without a version a watch begins with everything that is there: what a break hid is seen then, late and said so. */
async function keepWatching(
  client: ApiClient,
  path: string,
  hear: (pod: ApiPod) => void,
  signal: AbortSignal,
): Promise<void> {
  while (!signal.aborted) {
    try {
      const { status, chunks } = await client.stream(path, { watch: 'true' }, signal);
      if (status !== 200) throw new Error(`the API server answered ${status}`);
      await readEvents(chunks, hear);
    } catch (error) {
      if (signal.aborted) return;
      const because = error instanceof Error ? error.message : String(error);
      process.stderr.write(`the watch of the bench broke (${because}): times around now are too long\n`);
      await sleep(200);
    }
  }
}

async function readEvents(chunks: AsyncIterable<Buffer>, hear: (pod: ApiPod) => void): Promise<void> {
  let rest = '';
  for await (const chunk of chunks) {
    const lines = (rest + chunk.toString()).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) {
      const { type, object } = JSON.parse(line) as { readonly type: string; readonly object: ApiPod };
      if (type === 'ADDED' || type === 'MODIFIED') hear(object);
      else if (type === 'ERROR') throw new Error(`the watch of the bench was ended: ${line.slice(0, 300)}`);
    }
  }
}
