import { createApiClient } from '../../src/adapters/kubernetes/api-client.ts';
import type { ApiPod } from '../../src/adapters/kubernetes/api-pod.ts';
import { createKubernetesExecutor } from '../../src/adapters/kubernetes/executor.ts';
import type { PodManifest } from '../../src/model/pod.ts';

/** A pod as the API server has it, with what we wrote into it. */
export type WholePod = Pick<ApiPod, 'metadata' | 'status'> & {
  readonly spec: PodManifest['spec'] & { readonly nodeName?: string };
};

type WitnessSettings = Parameters<typeof createKubernetesExecutor>[0];

/** Sees every pod of the namespace that there ever is, apart from Sluice. */
export async function startWitness(settings: WitnessSettings) {
  const client = createApiClient(settings.cluster);
  const path = `/api/v1/namespaces/${settings.namespace}/pods`;
  const seen = new Map<string, string>();
  const executor = createKubernetesExecutor(settings);
  const look = async (): Promise<void> => {
    for (const { uid, name } of await executor.list()) seen.set(uid, name);
  };
  // Fails while the API server is away: then nothing new is to be seen either.
  const unwatch = executor.watch(() => void look().catch(() => undefined));
  return {
    everSeen: () => seen,
    async pods(): Promise<readonly WholePod[]> {
      const { status, body } = await client.call({ method: 'GET', path });
      if (status !== 200) throw new Error(`the pods of ${settings.namespace} could not be listed: ${status}`);
      return (body as { readonly items: readonly WholePod[] }).items;
    },
    async deletePod(name: string): Promise<void> {
      const { status } = await client.call({ method: 'DELETE', path: `${path}/${name}` });
      if (status !== 200) throw new Error(`the pod ${name} could not be deleted: ${status}`);
    },
    async stop(): Promise<void> {
      unwatch();
      client.close();
      await executor.close();
    },
  };
}
