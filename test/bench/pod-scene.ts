import { type ApiClient, createApiClient } from '../../src/adapters/kubernetes/api-client.ts';
import type { ApiPod } from '../../src/adapters/kubernetes/api-pod.ts';
import { openKubeconfig } from '../../src/adapters/kubernetes/cluster-access.ts';
import { createNamespace, type OwnNamespace } from '../../src/adapters/kubernetes/namespaces.ts';
import { podKeys } from '../../src/model/pod.ts';
import { parsePresubmitId } from '../../src/model/subject.ts';
import { machineMs, sleep, waitUntil } from './clock.ts';
import { endLater } from './endings.ts';
import type { BenchOptions } from './measurement.ts';
import { type Spread, spreadOf } from './percentiles.ts';
import type { SluiceSettings } from './sluice-process.ts';
import type { Stage } from './stage.ts';

/** Where pods come to be, and when each pull request's was first seen and first seen to have ended, by the machine's clock. */
export interface PodScene {
  readonly executor: SluiceSettings['executor'];
  readonly seen: ReadonlyMap<number, number>;
  readonly ended: ReadonlyMap<number, number>;
  /** The same of every pod, by its name; without a cluster of none. */
  readonly pods: { readonly seen: ReadonlyMap<string, number>; readonly ended: ReadonlyMap<string, number> };
  /** What the cluster alone takes from a pod's POST to its being seen, in ms, one after the other; null without a cluster. */
  probe(): Promise<Spread | null>;
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
  const note = <Key>(times: Map<Key, number>, key: Key, at: number): void => {
    if (!times.has(key)) times.set(key, at);
  };
  return { seen, ended, note };
}

function pretend(runForMs: number): PodScene {
  const { seen, ended, note } = firstTimes();
  return {
    executor: { kind: 'fake', runForMs },
    seen,
    ended,
    pods: { seen: new Map(), ended: new Map() },
    probe: async () => null,
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
  const namespace = await createNamespace(access, `sluice-bench-${process.pid}-${Date.now() % 100_000}`);
  const client = createApiClient(access);
  const ending = new AbortController();
  const { seen, ended, note } = firstTimes();
  const pods = { seen: new Map<string, number>(), ended: new Map<string, number>() };
  const probes = new Map<string, number>();
  const hear = (pod: ApiPod): void => {
    const at = machineMs();
    if (pod.metadata.name.startsWith('probe-')) note(probes, pod.metadata.name, at);
    const subject = parsePresubmitId(pod.metadata.annotations?.[podKeys.subject] ?? '');
    if (!subject) return;
    note(seen, subject.number, at);
    note(pods.seen, pod.metadata.name, at);
    if (pod.status?.phase !== 'Succeeded' && pod.status?.phase !== 'Failed') return;
    note(ended, subject.number, at);
    note(pods.ended, pod.metadata.name, at);
  };
  const path = `/api/v1/namespaces/${namespace.name}/pods`;
  const watched = keepWatching(client, path, hear, ending.signal);
  return {
    executor: { kind: 'kubernetes', kubeconfig, namespace: namespace.name },
    seen,
    ended,
    pods,
    probe: () => probeCluster(client, path, probes),
    attach: () => undefined,
    close: endLater(async () => {
      ending.abort();
      await watched;
      client.close();
      await removePatiently(namespace);
    }),
  };
}

/** The cluster may be away just now; what then stays is named. */
async function removePatiently({ name, remove }: OwnNamespace): Promise<void> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await remove();
    } catch (error) {
      if (attempt === 5) {
        const because = error instanceof Error ? error.message : String(error);
        process.stderr.write(`the namespace ${name} may still be there: ${because}\n`);
        return;
      }
      await sleep(2_000);
    }
  }
}

/** Pods that are never scheduled, each made, waited for in the watch and removed. */
async function probeCluster(client: ApiClient, path: string, probes: Map<string, number>): Promise<Spread> {
  const times: number[] = [];
  for (let turn = 0; turn < 10; turn += 1) {
    const name = `probe-${turn}-${Date.now()}`;
    const containers = [{ name: 'probe', image: 'localhost/none:1' }];
    const spec = { containers, schedulingGates: [{ name: 'sluice.dev/probe' }] };
    const began = machineMs();
    await client.call({ method: 'POST', path, body: { apiVersion: 'v1', kind: 'Pod', metadata: { name }, spec } });
    if (await waitUntil(() => probes.has(name), 5_000, 2)) times.push((probes.get(name) ?? 0) - began);
    await client.call({ method: 'DELETE', path: `${path}/${name}` });
    await sleep(100);
  }
  probes.clear();
  return spreadOf(times);
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
