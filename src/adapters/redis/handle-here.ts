import type { PassLock } from './pass-lock.ts';

/** Handlers of names in this process, one at a time for each. */
export interface Hands {
  /**
   * Handles a name at once where a hand is free. False: it is for the queue, as all hands are full, the queue's own handler
   * is at it, or another process has it. Rejects when Redis does not say so.
   */
  take(name: string): Promise<boolean>;
  /** Handles a name that came by the queue, after whoever is at it; `busy` when another process has it. */
  handle(name: string): Promise<'handled' | 'busy'>;
  /** Takes nothing more; gives the names that were woken again while they were handled. */
  end(): readonly string[];
  readonly running: ReadonlyMap<string, Promise<unknown>>;
}

interface Held {
  again: boolean;
}

/** Null where names may be handled by several processes at once. */
export function createHands(work: (name: string) => Promise<void>, hands: number, lock: PassLock | null): Hands {
  const running = new Map<string, Promise<unknown>>();
  const held = new Map<string, Held>();
  let isEnding = false;

  /** Also when BullMQ gave a job away again because our lock ran out or its keys were flushed. */
  async function alone<T>(name: string, begin: () => Promise<T>): Promise<T> {
    const mine = (running.get(name) ?? Promise.resolve()).then(begin);
    // Whoever comes next waits for its end, not for its success, which is its own caller's matter.
    const ended = mine.catch(() => undefined);
    running.set(name, ended);
    try {
      return await mine;
    } finally {
      if (running.get(name) === ended) running.delete(name);
    }
  }

  async function locked(name: string, begin: () => Promise<void>): Promise<boolean> {
    if (lock === null) {
      await begin();
      return true;
    }
    if (!(await lock.take(name))) return false;
    try {
      await begin();
    } finally {
      lock.give(name);
    }
    return true;
  }

  /** Resolves as soon as it is known whether it begins. */
  function beginHere(name: string, mine: Held): Promise<boolean> {
    const begun = Promise.withResolvers<boolean>();
    const loop = async (): Promise<void> => {
      begun.resolve(true);
      do {
        mine.again = false;
        await work(name);
      } while (mine.again && !isEnding);
    };
    alone(name, () => locked(name, loop))
      .then(begun.resolve, begun.reject)
      .finally(() => held.delete(name));
    return begun.promise;
  }

  return {
    running,
    async take(name) {
      const known = held.get(name);
      if (known !== undefined) {
        known.again = true;
        return true;
      }
      if (isEnding || held.size >= hands || running.has(name)) return false;
      const mine = { again: false };
      held.set(name, mine);
      return beginHere(name, mine);
    },
    handle: (name) => alone(name, async () => ((await locked(name, () => work(name))) ? 'handled' : 'busy')),
    end() {
      isEnding = true;
      return [...held].filter(([, { again }]) => again).map(([name]) => name);
    },
  };
}
