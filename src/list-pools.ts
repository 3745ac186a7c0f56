import { setTimeout as sleep } from 'node:timers/promises';
import { chooseRunner } from './core/pod/choose-runner.ts';
import type { ObservedPod } from './model/pod.ts';
import type { RunnerPool } from './model/runner-pool.ts';
import type { Executor, PodListing } from './ports/executor.ts';

interface Listed {
  readonly pool: RunnerPool;
  readonly executor: Executor;
}

/** So long a pool may take before the others go on without it. */
const patienceMs = 3_000;

/** How the pods of several pools are listed. */
export interface PoolListings {
  /** Of all; throws where one does not answer. */
  readonly list: () => Promise<readonly ObservedPod[]>;
  /** Of those that answer in time; throws where none does. */
  readonly listSeen: () => Promise<PodListing>;
}

function wordsOf(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause);
}

/** What one pool shows; null: nothing in time, and nobody waits for it again before it has answered. */
function createLook<Place extends Listed>(place: Place, patience: number) {
  let pending: Promise<readonly ObservedPod[]> | null = null;
  let away: unknown = null;

  function ask(): Promise<readonly ObservedPod[]> {
    if (pending !== null) return pending;
    const asked = place.executor.list();
    pending = asked;
    const settle = (why: unknown): void => {
      pending = null;
      away = why;
    };
    asked.then(
      () => settle(null),
      (cause: unknown) => settle(cause ?? new Error('no answer')),
    );
    return asked;
  }

  return {
    place,
    why: () => away,
    async now(): Promise<readonly ObservedPod[] | null> {
      if (away !== null) {
        ask().catch(() => undefined);
        return null;
      }
      const ending = new AbortController();
      const late = sleep(patience, null, { signal: ending.signal, ref: false }).catch(() => null);
      try {
        const pods = await Promise.race([ask(), late]);
        if (pods === null) away = new Error(`its pods could not be listed within ${patience / 1000} s`);
        return pods;
      } catch {
        return null;
      } finally {
        ending.abort();
      }
    },
  };
}

/** `onPod` hears of each pod where it is. */
export function createPoolListings<Place extends Listed>(
  opened: readonly Place[],
  onPod: (name: string, at: Place) => void,
  patience = patienceMs,
): PoolListings {
  const looks = opened.map((place) => createLook(place, patience));
  const pools = opened.map(({ pool }) => pool);

  async function listSeen(): Promise<PodListing> {
    const found = await Promise.all(looks.map((look) => look.now()));
    const away = looks.filter((_, index) => found[index] === null);
    const [first] = away;
    if (first !== undefined && away.length === looks.length) throw first.why();
    for (const [index, { place }] of looks.entries()) for (const { name } of found[index] ?? []) onPod(name, place);
    return {
      pods: found.flatMap((pods) => pods ?? []),
      unseen: away.map(({ place, why }) => ({ place: place.pool.name, because: wordsOf(why()) })),
      whyUnseen(wish) {
        const choice = chooseRunner(pools, wish);
        const isAway = choice.kind === 'pool' && away.some(({ place }) => place.pool === choice.pool);
        return isAway ? `the pool ${choice.pool.name}, whose pods cannot be listed now` : null;
      },
    };
  }

  return {
    listSeen,
    async list() {
      const { pods, unseen } = await listSeen();
      const [first] = unseen;
      if (first !== undefined)
        throw new Error(`the pods of the pool ${first.place} could not be listed: ${first.because}`);
      return pods;
    },
  };
}
