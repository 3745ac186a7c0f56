import { type ClusterAccess, openKubeconfig } from './adapters/kubernetes/cluster-access.ts';
import { createKubernetesExecutor } from './adapters/kubernetes/executor.ts';
import { whyNotReachable } from './adapters/kubernetes/namespaces.ts';
import { kubernetesDefaults } from './adapters/kubernetes/settings.ts';
import type { EngineWishes, LocalEngine } from './choose-executor.ts';
import { cliError } from './cli/exit-codes.ts';
import type { Machine } from './machine.ts';
import { poolSettings } from './pool-settings.ts';

/** The cluster that the environment names and that answers; throws `unreachable` with one sentence. */
async function reachCluster(machine: Machine): Promise<ClusterAccess> {
  let access: ClusterAccess;
  try {
    access = openKubeconfig({ files: machine.kubeconfig, context: null });
  } catch (cause) {
    const words = cause instanceof Error ? cause.message : String(cause);
    throw cliError('unreachable', `no cluster can be used: ${words}`, cause);
  }
  const because = await whyNotReachable(access);
  if (because !== null) throw cliError('unreachable', because);
  return access;
}

/** Pods of a cluster, whose nodes pull the images that the operator names. */
export async function kubernetesEngine(machine: Machine, wishes: EngineWishes): Promise<LocalEngine> {
  const { stepImage, kanikoImage, namespace: wanted } = machine.server;
  if (stepImage === null || kanikoImage === null)
    throw cliError(
      'usage',
      'SLUICE_STEP_IMAGE and SLUICE_KANIKO_IMAGE must name the images of our steps and of kaniko as the cluster can pull them',
    );
  const cluster = await reachCluster(machine);
  const namespace = wanted ?? cluster.namespace ?? 'default';
  const settings = { ...kubernetesDefaults, cluster, namespace, owner: wishes.owner, now: machine.clock.now };
  const executor = createKubernetesExecutor(settings);
  const pool = poolSettings(machine, 'kaniko', stepImage, wishes.owner);
  try {
    await executor.list();
  } catch (cause) {
    await executor.close();
    const words = cause instanceof Error ? cause.message : String(cause);
    throw cliError(
      'unreachable',
      `the namespace ${namespace} of the cluster ${cluster.context} cannot be used: ${words}`,
    );
  }
  return {
    executor,
    pool,
    namespace,
    description: `kaniko (${kanikoImage}) in pods of the namespace ${namespace} of the cluster ${cluster.context}`,
    close: executor.close,
    clear: async () => {
      for (const pod of await executor.list()) await executor.remove(pod.name as Parameters<typeof executor.remove>[0]);
      await executor.close();
    },
  };
}
