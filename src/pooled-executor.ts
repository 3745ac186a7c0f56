import { chooseRunner, wishOf } from './core/pod/choose-runner.ts';
import { createPoolListings } from './list-pools.ts';
import type { BuildId } from './model/build.ts';
import type { ObservedPod, PodManifest } from './model/pod.ts';
import type { RunnerPool } from './model/runner-pool.ts';
import type { Executor, LogChunk, PodSecrets, StartOutcome } from './ports/executor.ts';

/** A pool with whoever makes its pods. */
export interface OpenedPool {
  readonly pool: RunnerPool;
  readonly executor: Executor;
}

/** Far more than run at once; what is forgotten is looked for everywhere. */
const mostHomes = 10_000;

/** Where each pod was last seen. */
function createHomes() {
  const homes = new Map<string, OpenedPool>();
  return {
    of: (build: BuildId): OpenedPool | undefined => homes.get(build),
    note(name: string, at: OpenedPool): void {
      homes.delete(name);
      homes.set(name, at);
      const [oldest] = homes.keys();
      if (homes.size > mostHomes && oldest !== undefined) homes.delete(oldest);
    },
    forget: (build: BuildId): void => void homes.delete(build),
  };
}

/**
 * Several pools as one executor: each pod is made in the pool that its trust and architecture choose, and found again wherever it
 * is. One pool that does not answer holds up no other: absence is what the pool says in which a pod was seen, and of one that was
 * seen nowhere, what all of them say.
 */
export function createPooledExecutor(opened: readonly [OpenedPool, ...OpenedPool[]]): Executor {
  const [{ executor: first }] = opened;
  const pools = opened.map(({ pool }) => pool);
  const homes = createHomes();
  const listings = createPoolListings(opened, homes.note);

  async function start(manifest: PodManifest, secrets: PodSecrets): Promise<StartOutcome> {
    const wish = wishOf(manifest);
    if (wish === null) return { kind: 'refused', because: 'its pod says no class of trust' };
    const choice = chooseRunner(pools, wish);
    if (choice.kind === 'none') return { kind: 'refused', because: choice.because };
    const found = opened.find(({ pool }) => pool === choice.pool);
    if (found === undefined) throw new Error(`the pool ${choice.pool.name} is not open`);
    const came = await found.executor.start(manifest, secrets);
    if ('because' in came) return { ...came, because: `pool ${choice.pool.name}: ${came.because}` };
    homes.note(manifest.metadata.name, found);
    return came;
  }

  /** Throws where it is not found and one that might have it does not answer. */
  async function holderOf(build: BuildId): Promise<{ executor: Executor; pod: ObservedPod } | null> {
    const home = homes.of(build);
    const asked = home === undefined ? opened : [home];
    const looks = await Promise.allSettled(asked.map(({ executor }) => executor.observe(build)));
    for (const [index, look] of looks.entries()) {
      const at = asked[index];
      if (at === undefined || look.status === 'rejected' || look.value === null) continue;
      homes.note(build, at);
      return { executor: at.executor, pod: look.value };
    }
    for (const look of looks) if (look.status === 'rejected') throw look.reason;
    return null;
  }

  /** Where it was seen; of one that was seen nowhere everywhere, as one that is gone is success. */
  async function where(build: BuildId, act: (executor: Executor) => Promise<void>): Promise<void> {
    const home = homes.of(build);
    await Promise.all((home === undefined ? opened : [home]).map(({ executor }) => act(executor)));
  }

  return {
    kind: first.kind,
    builders: first.builders,
    start,
    list: listings.list,
    listSeen: listings.listSeen,
    async observe(build) {
      return (await holderOf(build))?.pod ?? null;
    },
    stop: (build) => where(build, (executor) => executor.stop(build)),
    async remove(build) {
      await where(build, (executor) => executor.remove(build));
      homes.forget(build);
    },
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
