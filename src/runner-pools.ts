import { readFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { type ClusterAccess, openKubeconfig } from './adapters/kubernetes/cluster-access.ts';
import { createKubernetesExecutor } from './adapters/kubernetes/executor.ts';
import { whyNotReachable } from './adapters/kubernetes/namespaces.ts';
import { kubernetesDefaults } from './adapters/kubernetes/settings.ts';
import { cliError } from './cli/exit-codes.ts';
import { parsePools } from './config/pools/parse-pools.ts';
import type { Machine } from './machine.ts';
import type { RunnerPool } from './model/runner-pool.ts';
import { createPooledExecutor } from './pooled-executor.ts';
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

/** Made whether it answers or not; nothing is asked of it yet. */
function makeOne(place: PoolsPlace, owner: string, pool: RunnerPool) {
  const cluster = accessOf(place, pool);
  const { namespace, nodeSelector, tolerations, runtimeClass, hostUsers, priorityClass } = pool;
  const own = { nodeSelector, tolerations, runtimeClass, hostUsers, priorityClass };
  const lostNodeSeconds = demandLostNodeSeconds(place.server);
  const plain = { ...kubernetesDefaults, cluster, namespace, owner, lostNodeSeconds, now: place.clock.now };
  return { pool, cluster, executor: createKubernetesExecutor({ ...plain, ...own }) };
}

type Opened = ReturnType<typeof makeOne>;

/** Why its cluster does not answer; null: it does. Throws `unreachable` where that answers, and does not let us. */
async function whyAway({ pool, cluster, executor }: Opened): Promise<string | null> {
  const because = await whyNotReachable(cluster);
  if (because !== null) return `pool ${pool.name}: ${because}`;
  try {
    await executor.list();
    return null;
  } catch (cause) {
    const words = cause instanceof Error ? cause.message : String(cause);
    const where = `the namespace ${pool.namespace} of the cluster ${cluster.context}`;
    throw cliError('unreachable', `pool ${pool.name}: ${where} cannot be used: ${words}`, cause);
  }
}

async function closeAll(opened: readonly Opened[]): Promise<void> {
  await Promise.all(opened.map(({ executor }) => executor.close()));
}

/** Of each that does not answer, why; throws where none answers, or one that does refuses us. */
async function whoIsAway(opened: readonly Opened[]): Promise<readonly string[]> {
  const away = (await Promise.all(opened.map(whyAway))).filter((each) => each !== null);
  if (away.length === opened.length) throw cliError('unreachable', away.join('; '));
  return away;
}

function wordsFor({ pool, cluster }: Opened): string {
  return `${pool.name} (${pool.trust.join(', ')}) in ${pool.namespace} of the cluster ${cluster.context}`;
}

/**
 * Opens them all: where the cluster of one does not answer now, the others go on without it, as they do when it goes away later.
 * Throws `unreachable` with the pool that cannot be used.
 */
export async function openPools(place: PoolsPlace, owner: string, pools: readonly RunnerPool[]): Promise<OpenedPools> {
  const opened: Opened[] = [];
  let away: readonly string[];
  try {
    for (const pool of pools) opened.push(makeOne(place, owner, pool));
    away = await whoIsAway(opened);
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
    description: [`pods of the pools ${opened.map(wordsFor).join('; ')}`, ...away].join('; NOT NOW '),
    close: () => closeAll(opened),
  };
}
