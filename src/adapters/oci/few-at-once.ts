const atOnce = 4;

/** Works on a few at a time; after a failure begins no other, waits for those under way and throws the first. */
export async function fewAtOnce<T>(all: readonly T[], work: (one: T) => Promise<void>): Promise<void> {
  const waiting = [...all];
  const worker = async (): Promise<void> => {
    try {
      for (let one = waiting.shift(); one !== undefined; one = waiting.shift()) await work(one);
    } catch (cause) {
      waiting.length = 0;
      throw cause;
    }
  };
  const ends = await Promise.allSettled(Array.from({ length: Math.min(atOnce, all.length) }, worker));
  const failed = ends.find(({ status }) => status === 'rejected');
  if (failed?.status === 'rejected') throw failed.reason;
}
