import { readFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { type ClusterAccess, openKubeconfig } from './adapters/kubernetes/cluster-access.ts';
import { createKubernetesExecutor, type KubernetesExecutor } from './adapters/kubernetes/executor.ts';
import { whyNotReachable } from './adapters/kubernetes/namespaces.ts';
import { kubernetesDefaults } from './adapters/kubernetes/settings.ts';
import { cliError } from './cli/exit-codes.ts';
import { parsePools } from './config/pools/parse-pools.ts';
import type { Machine } from './machine.ts';
import type { RunnerPool } from './model/runner-pool.ts';
import { createPooledExecutor, type OpenedPool } from './pooled-executor.ts';
import type { Executor } from './ports/executor.ts';
import { tellProblem } from './registry-keys.ts';
import type { ServerSettings } from './server-settings.ts';

/** What of a machine it takes to open pools. */
export type PoolsPlace = Pick<Machine, 'kubeconfig' | 'clock'> & {
  readonly server: Pick<Machine['server'], 'pools' | 'namespace' | 'isolation' | 'lostNodeSeconds'>;
};

/** Where pods of builds are made, each place with how it was reached. */
export interface OpenedPools {
  readonly executor: Executor;
  /** Where code that nobody approved runs. */
  readonly namespace: string;
  /** One clause for people. */
  readonly description: string;
  /** How many builds at once of the jobs that name a pool, by its name. */
  readonly atOnce: Readonly<Record<string, number>>;
  close(): Promise<void>;
}

async function poolsIn(file: string): Promise<readonly RunnerPool[]> {
  const text = await readFile(file, 'utf8').catch((cause: NodeJS.ErrnoException) => {
    throw cliError('usage', `SLUICE_POOLS names ${file}, which cannot be read (${cause.code})`, cause);
  });
  const reading = parsePools(text, file);
  if (reading.kind === 'pools') return reading.pools;
  const [count, problems] = [reading.problems.length, reading.problems.map(tellProblem).join('\n')];
  throw cliError('usage', `SLUICE_POOLS has ${count === 1 ? 'a mistake' : `${count} mistakes`}:\n${problems}`);
}

/** How long a pod stays on a node that does not answer; throws `usage` where that is no time. */
export function demandLostNodeSeconds({ lostNodeSeconds }: Pick<ServerSettings, 'lostNodeSeconds'>): number {
  if (Number.isInteger(lostNodeSeconds) && lostNodeSeconds >= 0) return lostNodeSeconds;
  throw cliError('usage', 'SLUICE_LOST_NODE_SECONDS is no number of seconds: write one, as 60, or leave it out');
}

/** The pools of SLUICE_POOLS, in its order; without one a single pool for all, where SLUICE_NAMESPACE or the kubeconfig says. */
export async function wantedPools({ server }: PoolsPlace): Promise<readonly RunnerPool[] | null> {
  const { pools: file, namespace, isolation } = server;
  if (file === null) return null;
  if (namespace !== null) throw cliError('usage', 'SLUICE_POOLS names the namespaces: leave SLUICE_NAMESPACE out');
  const pools = await poolsIn(file);
  const open = pools.filter(({ trust }) => trust.includes('untrusted')).map(({ name }) => name);
  // The canary is one pod, and proves the place that it is in.
  if (isolation.mode === 'prove' && open.length > 1)
    throw cliError(
      'usage',
      `SLUICE_ISOLATION is "prove", and the pools ${open.join(' and ')} take code that nobody approved: the canary proves one place, so let one of them take it`,
    );
  return pools.map((pool) => ({
    ...pool,
    kubeconfig: pool.kubeconfig === null ? null : resolve(dirname(file), pool.kubeconfig),
  }));
}

function accessOf({ kubeconfig }: PoolsPlace, pool: RunnerPool): ClusterAccess {
  try {
    return openKubeconfig({ files: pool.kubeconfig ?? kubeconfig, context: pool.context });
  } catch (cause) {
    const words = cause instanceof Error ? cause.message : String(cause);
    throw cliError('unreachable', `no cluster can be used for the pool ${pool.name}: ${words}`, cause);
  }
}

async function openOne(place: PoolsPlace, owner: string, pool: RunnerPool) {
  const cluster = accessOf(place, pool);
  const because = await whyNotReachable(cluster);
  if (because !== null) throw cliError('unreachable', `pool ${pool.name}: ${because}`);
  const { namespace, nodeSelector, tolerations, runtimeClass, hostUsers, priorityClass } = pool;
  const executor = createKubernetesExecutor({
    ...kubernetesDefaults,
    cluster,
    namespace,
    owner,
    nodeSelector,
    tolerations,
    runtimeClass,
    hostUsers,
    priorityClass,
    lostNodeSeconds: demandLostNodeSeconds(place.server),
    now: place.clock.now,
  });
  try {
    await executor.list();
  } catch (cause) {
    await executor.close();
    const words = cause instanceof Error ? cause.message : String(cause);
    const where = `the namespace ${namespace} of the cluster ${cluster.context}`;
    throw cliError('unreachable', `pool ${pool.name}: ${where} cannot be used: ${words}`, cause);
  }
  const where = `${namespace} of the cluster ${cluster.context}`;
  return { pool, executor, words: `${pool.name} (${pool.trust.join(', ')}) in ${where}` };
}

type Opened = OpenedPool & { readonly executor: KubernetesExecutor; readonly words: string };

async function closeAll(opened: readonly Opened[]): Promise<void> {
  await Promise.all(opened.map(({ executor }) => executor.close()));
}

/** Opens each, or none: throws `unreachable` with the pool that cannot be used. */
export async function openPools(place: PoolsPlace, owner: string, pools: readonly RunnerPool[]): Promise<OpenedPools> {
  const opened: Opened[] = [];
  try {
    for (const pool of pools) opened.push(await openOne(place, owner, pool));
  } catch (cause) {
    await closeAll(opened);
    throw cause;
  }
  const [first, ...rest] = opened;
  if (first === undefined) throw new Error('no pool is named');
  const untrusted = opened.find(({ pool }) => pool.trust.includes('untrusted')) ?? first;
  return {
    executor: createPooledExecutor([first, ...rest]),
    namespace: untrusted.pool.namespace,
    description: `pods of the pools ${opened.map(({ words }) => words).join('; ')}`,
    atOnce: Object.fromEntries(pools.flatMap(({ name, atOnce }) => (atOnce === null ? [] : [[name, atOnce]]))),
    close: () => closeAll(opened),
  };
}
