import { openTestCluster } from '../adapters/kubernetes/test-cluster.ts';

/** Nothing of this suite is skipped without a cluster: it fails, with one sentence. */
export async function setup(): Promise<void> {
  await openTestCluster();
}
