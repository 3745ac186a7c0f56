import { chooseRunner, wishOf } from './core/pod/choose-runner.ts';
import type { BuildId } from './model/build.ts';
import type { ObservedPod, PodManifest } from './model/pod.ts';
import type { RunnerPool } from './model/runner-pool.ts';
import type { Executor, LogChunk, PodSecrets, StartOutcome } from './ports/executor.ts';

/** A pool with whoever makes its pods. */
export interface OpenedPool {
  readonly pool: RunnerPool;
  readonly executor: Executor;
}

/**
 * Several pools as one executor: each pod is made in the pool that its trust and architecture choose, and found again wherever it
 * is. Where one pool does not answer, what is there is not known: absence is only what all of them said.
 */
export function createPooledExecutor(opened: readonly [OpenedPool, ...OpenedPool[]]): Executor {
  const [{ executor: first }] = opened;
  const pools = opened.map(({ pool }) => pool);

  async function start(manifest: PodManifest, secrets: PodSecrets): Promise<StartOutcome> {
    const wish = wishOf(manifest);
    if (wish === null) return { kind: 'refused', because: 'its pod says no class of trust' };
    const choice = chooseRunner(pools, wish);
    if (choice.kind === 'none') return { kind: 'refused', because: choice.because };
    const found = opened.find(({ pool }) => pool === choice.pool);
    if (found === undefined) throw new Error(`the pool ${choice.pool.name} is not open`);
    const came = await found.executor.start(manifest, secrets);
    return 'because' in came ? { ...came, because: `pool ${choice.pool.name}: ${came.because}` } : came;
  }

  async function holderOf(build: BuildId): Promise<{ executor: Executor; pod: ObservedPod } | null> {
    const seen = await Promise.all(
      opened.map(async ({ executor }) => ({ executor, pod: await executor.observe(build) })),
    );
    for (const { executor, pod } of seen) if (pod !== null) return { executor, pod };
    return null;
  }

  const everywhere = async (act: (executor: Executor) => Promise<void>): Promise<void> => {
    await Promise.all(opened.map(({ executor }) => act(executor)));
  };

  return {
    kind: first.kind,
    builders: first.builders,
    start,
    async list() {
      return (await Promise.all(opened.map(({ executor }) => executor.list()))).flat();
    },
    async observe(build) {
      return (await holderOf(build))?.pod ?? null;
    },
    // A pod that is gone, or in another pool, is success.
    stop: (build) => everywhere((executor) => executor.stop(build)),
    remove: (build) => everywhere((executor) => executor.remove(build)),
    async follow(build, onChunk: (chunk: LogChunk) => void, signal) {
      await (await holderOf(build))?.executor.follow(build, onChunk, signal);
    },
    watch(onChange) {
      const ends = opened.map(({ executor }) => executor.watch(onChange));
      return () => {
        for (const end of ends) end();
      };
    },
  };
}
