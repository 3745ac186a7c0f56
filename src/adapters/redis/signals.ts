import type { Redis } from 'ioredis';
import type { SubjectId } from '../../model/subject.ts';
import type { Log } from '../../ports/log.ts';
import type { Schedules } from '../../ports/schedules.ts';
import type { Signals } from '../../ports/signals.ts';
import { keysFor } from './keys.ts';
import { createPassLock } from './pass-lock.ts';
import { createWakeQueue } from './wake-queue.ts';

export interface SignalsOptions {
  readonly log: Log;
  /** Wait before a failed pass is tried again, doubled each time up to a minute; in ms. */
  readonly firstRetryMs?: number;
  /** How long ending waits for passes that run, in ms. */
  readonly stopLimitMs?: number;
}

const longestRetryMs = 60_000;

/**
 * Wake-ups, handled here where a hand is free, else over the BullMQ queue `reconcile`. A pass that throws is logged and tried again later; a wake meanwhile does
 * not wait for that. `wake` rejects within 2 s when Redis cannot be reached.
 */
export function createSignals(
  redis: Redis,
  prefix: string | undefined,
  options: SignalsOptions,
): Signals & Schedules & { close(): Promise<void> } {
  const { log, firstRetryMs = 1000, stopLimitMs = 1000 } = options;
  const key = keysFor(prefix);
  const lock = createPassLock(redis, (subject) => key('pass', subject));
  const queue = createWakeQueue(redis, { name: 'reconcile', prefix, log, stopLimitMs, lock });
  return {
    wake: (subject) => queue.wake(subject),
    set: (subject, times) => queue.wakeAt(subject, times),
    listen(pass, concurrency) {
      const failures = new Map<string, number>();
      return queue.listen(async (subject) => {
        try {
          await pass(subject as SubjectId);
          failures.delete(subject);
        } catch (error) {
          const count = (failures.get(subject) ?? 0) + 1;
          failures.set(subject, count);
          const retryMs = Math.min(longestRetryMs, firstRetryMs * 2 ** (count - 1));
          log.error({ subject, error, failures: count, retryMs }, 'pass failed');
          await queue.wakeLater(subject, retryMs);
        }
      }, concurrency);
    },
    close: () => queue.close(),
  };
}
