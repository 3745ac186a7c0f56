import type { Clock } from '../ports/clock.ts';

const everyMs = 1_000;
const lateMs = 5_000;
const turns = 3;

export interface EventLoopWatch {
  /** True while the last three looks, a second apart, all came over 5 s late: one long stall alone is over once we can say so. */
  isStalled(): boolean;
}

/** Looks each second whether the process still comes to its work in time, until the signal aborts. `now`: ms that only ever rise. */
export function watchEventLoop(clock: Pick<Clock, 'sleep'>, now: () => number, signal: AbortSignal): EventLoopWatch {
  let late = 0;
  const look = async (): Promise<void> => {
    while (!signal.aborted) {
      const due = now() + everyMs;
      await clock.sleep(everyMs, signal);
      late = now() - due > lateMs ? late + 1 : 0;
    }
  };
  void look();
  return { isStalled: () => late >= turns };
}
