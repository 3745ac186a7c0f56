/** Gives what `work` gives, or rejects after so many milliseconds saying what was not done; the work itself goes on. */
export async function within<T>(milliseconds: number, what: string, work: Promise<T>): Promise<T> {
  const timer = Promise.withResolvers<never>();
  const handle = setTimeout(
    () => timer.reject(new Error(`${what}: no answer within ${milliseconds} ms`)),
    milliseconds,
  );
  try {
    return await Promise.race([work, timer.promise]);
  } finally {
    clearTimeout(handle);
  }
}

/** True when `work` came to an end, well or badly, within so many milliseconds. */
export async function endsWithin(milliseconds: number, work: Promise<unknown>): Promise<boolean> {
  const timer = Promise.withResolvers<boolean>();
  const handle = setTimeout(() => timer.resolve(false), milliseconds);
  const ended = work.then(
    () => true,
    () => true,
  );
  try {
    return await Promise.race([ended, timer.promise]);
  } finally {
    clearTimeout(handle);
  }
}
