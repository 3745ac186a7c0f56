import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { buildStepImage } from '../../../jobs/step-image/build-step-image.ts';
import { type ClusterAccess, openKubeconfig } from '../../adapters/kubernetes/cluster-access.ts';
import { createNamespace, nodeAddresses, whyNotReachable } from '../../adapters/kubernetes/namespaces.ts';
import { poolFor, remembering } from './engine-parts.ts';
import { type ExecutorRecipe, openExecutor } from './executor-recipe.ts';
import { freePort } from './registry.ts';
import type { DemoDeps } from './sluice-port.ts';
import type { Engine } from './stage.ts';

async function reachCluster(deps: DemoDeps): Promise<ClusterAccess> {
  let access: ClusterAccess;
  try {
    access = openKubeconfig({ files: deps.kubeconfig, context: null });
  } catch (cause) {
    throw new Error(`no cluster can be used: ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
  }
  const because = await whyNotReachable(access);
  if (because !== null) throw new Error(because);
  return access;
}

/** Where this machine is reached from the cluster's pods: it must be one of the nodes. */
async function hostFor(access: ClusterAccess): Promise<string> {
  for (const address of await nodeAddresses(access)) if (await isOwn(address)) return address;
  throw new Error(
    `the demo's GitHub and registry run on this machine, which is no node of the cluster ${access.context}: use the one of \`test/cluster/cluster up\``,
  );
}

/** Tried, because a list of interfaces leaves out a bridge on which there is no pod yet. */
async function isOwn(address: string): Promise<boolean> {
  return freePort(address).then(
    () => true,
    () => false,
  );
}

/** Puts the images of the demo into the node's store, which no registry could give it. */
async function loadImages(deps: DemoDeps): Promise<string> {
  const step = await buildStepImage({ cache: join(deps.cache, 'steps'), node: process.execPath, path: deps.path });
  const archives = ['kaniko.tar', 'busybox.tar'].map((name) => join(deps.archives, name));
  const program = join(deps.jobsFolder, '../test/cluster/cluster');
  const env = { PATH: deps.path, CLUSTER_DIR: join(deps.archives, '..') };
  await promisify(execFile)(program, ['load', ...archives, step.archive], { env });
  return step.image;
}

/** Pods of a real cluster that this machine is a node of, in a namespace of the demo's own. */
export async function kubernetesEngine(deps: DemoDeps): Promise<Engine> {
  const cluster = await reachCluster(deps);
  const host = await hostFor(cluster);
  const stepImage = await loadImages(deps);
  const namespace = await createNamespace(cluster, `sluice-demo-${process.pid}`);
  const recipe: ExecutorRecipe = { kind: 'kubernetes', kubeconfig: deps.kubeconfig, namespace: namespace.name };
  const executor = remembering(await openExecutor(recipe));
  return {
    executor,
    recipe,
    manifests: executor.manifests,
    pool: poolFor('kaniko', stepImage, []),
    host,
    description: `kaniko v1.24.0 in pods of the namespace ${namespace.name} of the cluster ${cluster.context}, which enforces Pod Security baseline`,
    testImage: 'localhost/busybox:1',
    // From there the node of `test/cluster/cluster` pulls without TLS.
    stagingPort: 5000,
    entersImages: true,
    async close() {
      await executor.close();
      await namespace.remove();
    },
  };
}
