import { createApiClient } from '../../../src/adapters/kubernetes/api-client.ts';
import { createKubernetesExecutor } from '../../../src/adapters/kubernetes/executor.ts';
import type { KubernetesSettings } from '../../../src/adapters/kubernetes/settings.ts';
import { startAndDie } from '../../contract/dying-worker.ts';
import type { ExecutorSubject } from '../../contract/executor-rig.ts';
import { makeTestNamespace } from './test-cluster.ts';

/** Names of all pods and secrets in the namespace. */
export async function leftoversIn({ cluster, namespace }: KubernetesSettings): Promise<readonly string[]> {
  const client = createApiClient(cluster);
  const found: string[] = [];
  for (const kind of ['pods', 'secrets']) {
    const { body } = await client.call({ method: 'GET', path: `/api/v1/namespaces/${namespace}/${kind}` });
    const { items } = body as { items: readonly { readonly metadata: { readonly name: string } }[] };
    found.push(...items.map(({ metadata }) => `${kind}/${metadata.name}`));
  }
  client.close();
  return found;
}

/** A namespace of a real cluster for the contract suite. */
export async function kubernetesSubject(): Promise<ExecutorSubject> {
  const { namespace, settings } = await makeTestNamespace('contract');
  const executor = createKubernetesExecutor(settings);
  const { cluster: _cluster, ...plain } = settings;
  return {
    owner: settings.owner,
    executor,
    another: (owner) => createKubernetesExecutor({ ...settings, owner }),
    startAndDie: (manifest, secrets, until) =>
      startAndDie({ kind: 'kubernetes', settings: plain }, manifest, secrets, until),
    leftovers: () => leftoversIn(settings),
    end: async () => {
      await executor.close();
      await namespace.remove();
    },
  };
}
