import { type ClusterAccess, openKubeconfig } from './adapters/kubernetes/cluster-access.ts';
import { createKubernetesExecutor } from './adapters/kubernetes/executor.ts';
import { whyNotReachable } from './adapters/kubernetes/namespaces.ts';
import { kubernetesDefaults } from './adapters/kubernetes/settings.ts';
import type { EngineWishes, LocalEngine } from './choose-executor.ts';
import { cliError } from './cli/exit-codes.ts';
import type { Machine } from './machine.ts';
import type { BuildkitSettings, PoolSettings } from './model/order.ts';
import { poolSettings } from './pool-settings.ts';
import { demandLostNodeSeconds, openPools, wantedPools } from './runner-pools.ts';
import type { ServerSettings } from './server-settings.ts';

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

const builders = { kaniko: 'SLUICE_KANIKO_IMAGE', buildkit: 'SLUICE_BUILDKIT_IMAGE' } as const;
const forms: readonly BuildkitSettings['form'][] = ['user-namespace', 'rootless'];

interface ClusterBuilder {
  readonly builder: Extract<PoolSettings['builder'], keyof typeof builders>;
  readonly image: string;
  readonly stepImage: string;
  /** Null: it is not BuildKit. */
  readonly form: BuildkitSettings['form'] | null;
}

/** What builds images in the cluster; throws `usage` with what to write instead. */
export function clusterBuilder(
  server: Pick<ServerSettings, 'builder' | 'stepImage' | 'kanikoImage' | 'buildkitImage' | 'buildkitForm'>,
): ClusterBuilder {
  const builder = server.builder ?? 'kaniko';
  if (builder !== 'kaniko' && builder !== 'buildkit')
    throw cliError('usage', `SLUICE_BUILDER is ${JSON.stringify(builder)}: write kaniko or buildkit`);
  const image = builder === 'kaniko' ? server.kanikoImage : server.buildkitImage;
  const { stepImage } = server;
  if (stepImage === null || image === null)
    throw cliError(
      'usage',
      `SLUICE_STEP_IMAGE and ${builders[builder]} must name the images of our steps and of ${builder} as the cluster can pull them`,
    );
  if (builder === 'kaniko') return { builder, image, stepImage, form: null };
  const wanted = server.buildkitForm ?? 'user-namespace';
  const form = forms.find((each) => each === wanted);
  if (form !== undefined) return { builder, image, stepImage, form };
  throw cliError('usage', `SLUICE_BUILDKIT_FORM is ${JSON.stringify(wanted)}: write ${forms.join(' or ')}`);
}

async function clear(executor: LocalEngine['executor'], close: () => Promise<void>): Promise<void> {
  for (const pod of await executor.list()) await executor.remove(pod.name as Parameters<typeof executor.remove>[0]);
  await close();
}

/** Pods of a cluster, whose nodes pull the images that the operator names. */
export async function kubernetesEngine(machine: Machine, wishes: EngineWishes): Promise<LocalEngine> {
  const { namespace: wanted } = machine.server;
  const { builder, image, stepImage, form } = clusterBuilder(machine.server);
  const plain = poolSettings(machine, builder, stepImage, wishes.owner);
  const pool = form === null ? plain : { ...plain, buildkit: { image, form } };
  const pools = await wantedPools(machine);
  if (pools !== null) {
    const { executor, namespace, description, close } = await openPools(machine, wishes.owner, pools);
    const said = `${builder} (${image}) in ${description}`;
    return { executor, pool, namespace, runners: pools, description: said, close, clear: () => clear(executor, close) };
  }
  const cluster = await reachCluster(machine);
  const lostNodeSeconds = demandLostNodeSeconds(machine.server);
  const namespace = wanted ?? cluster.namespace ?? 'default';
  const settings = {
    ...kubernetesDefaults,
    ...{ cluster, namespace, owner: wishes.owner, lostNodeSeconds, now: machine.clock.now },
  };
  const executor = createKubernetesExecutor(settings);
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
    description: `${builder} (${image}) in pods of the namespace ${namespace} of the cluster ${cluster.context}`,
    close: executor.close,
    clear: () => clear(executor, executor.close),
  };
}
