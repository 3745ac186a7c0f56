import { randomBytes } from 'node:crypto';
import { type ClusterAccess, openKubeconfig } from '../../../src/adapters/kubernetes/cluster-access.ts';
import { createNamespace, type OwnNamespace, whyNotReachable } from '../../../src/adapters/kubernetes/namespaces.ts';
import { type KubernetesSettings, kubernetesDefaults } from '../../../src/adapters/kubernetes/settings.ts';

/** The cluster that KUBECONFIG names; throws one sentence when there is none, because then nothing here is tested. */
export async function openTestCluster(): Promise<ClusterAccess> {
  const files = process.env.KUBECONFIG;
  if (!files)
    throw new Error('KUBECONFIG names no cluster: test/cluster/cluster up, then eval "$(test/cluster/cluster env)"');
  const access = openKubeconfig({ files, context: null });
  const because = await whyNotReachable(access);
  if (because !== null) throw new Error(because);
  return access;
}

/** A namespace that no other test has, and settings for an executor in it. */
export async function makeTestNamespace(
  purpose: string,
  level: 'baseline' | 'privileged' = 'baseline',
): Promise<{ namespace: OwnNamespace; settings: KubernetesSettings }> {
  const cluster = await openTestCluster();
  const namespace = await createNamespace(cluster, `sluice-${purpose}-${randomBytes(4).toString('hex')}`, level);
  const settings = { ...kubernetesDefaults, cluster, namespace: namespace.name, owner: 'test', now: Date.now };
  return { namespace, settings };
}
