/**
 * Ms since the machine was started: the one clock that all its processes read alike. The time of day is not: each process
 * counts on from what it was at its start.
 */
export function machineMs(): number {
  return Number(process.hrtime.bigint()) / 1e6;
}

export function sleep(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, Math.max(0, milliseconds)));
}

/** Waits until `isTrue`; false when it never became so within the limit. */
export async function waitUntil(
  isTrue: () => boolean | Promise<boolean>,
  limitMs: number,
  everyMs = 50,
): Promise<boolean> {
  const end = performance.now() + limitMs;
  while (!(await isTrue())) {
    if (performance.now() > end) return false;
    await sleep(everyMs);
  }
  return true;
}
