import { RegistryTrouble } from '../../model/registry.ts';
import type { Clock } from '../../ports/clock.ts';

const mostTries = 3;
const pauseMs = 30_000;
/** A registry that wants a longer pause is left to the next pass. */
const longestPauseMs = 120_000;

/** Bytes that make a try of a stream one that achieved something. */
export const worthATry = 1024 * 1024;

/** Counts what came to nothing in a row, and waits in between. */
export interface Tries {
  /** Waits as long as the trouble wants; throws it when it will not pass by waiting, or too much came to nothing. */
  failed(trouble: unknown): Promise<void>;
  /** Something was achieved: all tries are there again. */
  achieved(): void;
}

export function createTries(clock: Clock, signal: AbortSignal, most = mostTries): Tries {
  let count = 0;
  return {
    async failed(trouble) {
      count += 1;
      signal.throwIfAborted();
      if (!(trouble instanceof RegistryTrouble) || trouble.kind !== 'away' || count >= most) throw trouble;
      const pause = trouble.retryAfterMs ?? pauseMs;
      if (pause > longestPauseMs) throw trouble;
      await clock.sleep(pause, signal);
      signal.throwIfAborted();
    },
    achieved() {
      count = 0;
    },
  };
}

/** So many tries in all, three unless said. */
export async function withTries<T>(
  clock: Clock,
  signal: AbortSignal,
  attempt: () => Promise<T>,
  most?: number,
): Promise<T> {
  const tries = createTries(clock, signal, most);
  for (;;) {
    try {
      return await attempt();
    } catch (trouble) {
      await tries.failed(trouble);
    }
  }
}

/** How long a registry may not know what was just pushed to it. */
export const unknownForMs = 30_000;

/**
 * Asks again for up to 30 s while the answer is not the hoped one: registries do not know at once what was just pushed to them.
 * Gives the last answer.
 */
export async function untilKnown<T>(
  clock: Clock,
  signal: AbortSignal,
  ask: () => Promise<T>,
  isHoped: (answer: T) => boolean,
): Promise<T> {
  const from = clock.now();
  for (let pause = 1_000; ; pause = Math.min(2 * pause, 8_000)) {
    const answer = await ask();
    if (isHoped(answer) || clock.now() - from >= unknownForMs) return answer;
    await clock.sleep(pause, signal);
    signal.throwIfAborted();
  }
}
