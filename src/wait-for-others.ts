import { isCliError } from './cli/exit-codes.ts';
import type { Machine } from './machine.ts';
import type { Log } from './ports/log.ts';

/** Less than what the chart's startup probe gives, so that who waits in vain ends with its own reason. */
const patienceMs = 90_000;
const pauseMs = 2_000;

/**
 * What the start is, tried again for as long as something does not answer: in a cluster all parts are started at once,
 * and a container that ends is started later and later. Elsewhere, and for any other error, it is tried once.
 */
export async function waitForOthers<T>(
  start: () => Promise<T>,
  { inCluster, clock }: Pick<Machine, 'inCluster' | 'clock'>,
  { log, signal }: { readonly log: Log; readonly signal: AbortSignal },
): Promise<T> {
  const begun = clock.elapsed();
  const isOver = (): boolean => !inCluster || signal.aborted || clock.elapsed() - begun >= patienceMs;
  for (let told = ''; ; ) {
    try {
      return await start();
    } catch (cause) {
      if (!isCliError(cause) || cause.kind !== 'unreachable' || isOver()) throw cause;
      if (cause.message !== told) log.warn({ because: cause.message }, 'waiting for what does not answer yet');
      told = cause.message;
      await clock.sleep(pauseMs, signal);
    }
  }
}
