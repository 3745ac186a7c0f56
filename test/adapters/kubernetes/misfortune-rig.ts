import { setTimeout as sleep } from 'node:timers/promises';
import { type ApiClient, createApiClient } from '../../../src/adapters/kubernetes/api-client.ts';
import { createKubernetesExecutor, type KubernetesExecutor } from '../../../src/adapters/kubernetes/executor.ts';
import { type BuildId, toBuildId } from '../../../src/model/build.ts';
import type { ObservedPod, PodContainer, PodManifest } from '../../../src/model/pod.ts';
import { podOf } from '../../contract/pod-manifest.ts';
import { makeTestNamespace } from './test-cluster.ts';

/** An executor on a real cluster in a namespace of its own, and the same API server apart from it, to do things to its pods. */
export interface MisfortuneRig {
  readonly executor: KubernetesExecutor;
  readonly client: ApiClient;
  readonly namespace: string;
  readonly owner: string;
  pod(main: PodContainer, more?: Partial<PodManifest['spec']>): PodManifest;
  /** Starts it; throws unless it was created. */
  start(manifest: PodManifest): Promise<BuildId>;
  /** The pod once it is as wanted; throws after half a minute, or the time that is given. */
  seen(build: BuildId, wanted: (pod: ObservedPod) => boolean, seconds?: number): Promise<ObservedPod>;
  /** Asks the API server for something in the namespace; `path` begins behind its name. */
  ask(method: 'GET' | 'POST' | 'PATCH' | 'DELETE', path: string, body?: object): Promise<{ readonly status: number }>;
  /** Removes every pod that was made so far. */
  clear(): Promise<void>;
  end(): Promise<void>;
}

export async function makeMisfortuneRig(): Promise<MisfortuneRig> {
  const { namespace, settings } = await makeTestNamespace('misfortune');
  const executor = createKubernetesExecutor(settings);
  const client = createApiClient(settings.cluster);
  const made = new Set<BuildId>();

  function nextName(): BuildId {
    const build = toBuildId(`b-odd-${Math.random().toString(16).slice(2).padEnd(24, '0').slice(0, 24)}`);
    made.add(build);
    return build;
  }

  return {
    executor,
    client,
    namespace: namespace.name,
    owner: settings.owner,
    pod(main, more = {}) {
      const manifest = podOf({ owner: settings.owner, name: nextName(), main: [main] });
      return { ...manifest, spec: { ...manifest.spec, ...more } };
    },
    async start(manifest) {
      const outcome = await executor.start(manifest, {});
      if (outcome.kind !== 'created') throw new Error(`it was not created: ${JSON.stringify(outcome)}`);
      return manifest.metadata.name as BuildId;
    },
    async seen(build, wanted, seconds = 30) {
      for (let tries = 0; tries < seconds * 10; tries += 1) {
        const found = await executor.observe(build);
        if (found !== null && wanted(found)) return found;
        await sleep(100);
      }
      throw new Error(`after ${seconds} s ${build} is ${JSON.stringify(await executor.observe(build))}`);
    },
    ask: (method, path, body) =>
      client.call({
        method,
        path: `/api/v1/namespaces/${namespace.name}${path}`,
        ...(body === undefined ? {} : { body }),
      }),
    async clear() {
      for (const build of made) await executor.remove(build);
      made.clear();
    },
    async end() {
      await executor.close();
      client.close();
      await namespace.remove();
    },
  };
}
