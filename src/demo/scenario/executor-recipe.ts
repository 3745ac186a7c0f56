import { createPodmanExecutor } from '../../adapters/podman/executor.ts';
import { type PodmanStore, podmanDefaults } from '../../adapters/podman/settings.ts';
import { createProcessExecutor } from '../../adapters/process/executor.ts';
import type { Executor } from '../../ports/executor.ts';
import { owner } from './engine-parts.ts';

/** How an executor is made, as plain data: whoever follows it, in any process, sees the same builds. */
export type ExecutorRecipe =
  | { readonly kind: 'podman'; readonly store: PodmanStore; readonly network: string }
  | { readonly kind: 'process'; readonly folder: string; readonly step: string; readonly searchPath: string }
  | { readonly kind: 'kubernetes'; readonly kubeconfig: string | null; readonly namespace: string };

export type OwnExecutor = Executor & { readonly close: () => Promise<void> };

async function openInCluster(kubeconfig: string | null, namespace: string): Promise<OwnExecutor> {
  // Lazily: the client takes half a second to load.
  const { openKubeconfig } = await import('../../adapters/kubernetes/cluster-access.ts');
  const { createKubernetesExecutor } = await import('../../adapters/kubernetes/executor.ts');
  const { kubernetesDefaults } = await import('../../adapters/kubernetes/settings.ts');
  const cluster = openKubeconfig({ files: kubeconfig, context: null });
  return createKubernetesExecutor({ ...kubernetesDefaults, cluster, namespace, owner, now: Date.now });
}

/** Makes the executor; its builds outlive it. */
export async function openExecutor(recipe: ExecutorRecipe): Promise<OwnExecutor> {
  switch (recipe.kind) {
    case 'podman': {
      const { store, network } = recipe;
      return createPodmanExecutor({ ...podmanDefaults, store, owner, network: { name: network }, now: Date.now });
    }
    case 'process':
      return createProcessExecutor({
        folder: recipe.folder,
        owner,
        stepCommand: [process.execPath, recipe.step],
        allowed: 'trusted-only',
        acceptUntrusted: true,
        node: process.execPath,
        searchPath: recipe.searchPath,
        logLimit: 16 * 1024 * 1024,
        now: Date.now,
      });
    case 'kubernetes':
      return openInCluster(recipe.kubeconfig, recipe.namespace);
  }
}
