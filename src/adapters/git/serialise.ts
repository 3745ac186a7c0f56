/** Runs what is given under one key one after another, in the order it came; different keys at the same time. */
export type Serialise = <T>(key: number, work: () => Promise<T>) => Promise<T>;

/** A line per key, within this process. What fails does not stop what waits behind it. */
export function createSerialise(): Serialise {
  const last = new Map<number, Promise<unknown>>();
  return async (key, work) => {
    const before = last.get(key) ?? Promise.resolve();
    const own = before.then(work, work);
    last.set(key, own);
    try {
      return await own;
    } finally {
      if (last.get(key) === own) last.delete(key);
    }
  };
}
