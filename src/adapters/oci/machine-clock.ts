import { setTimeout as wait } from 'node:timers/promises';
import type { Clock } from '../../ports/clock.ts';

/** This machine's time, for programs that have nothing else of the server. */
export const machineClock: Clock = {
  now: () => Date.now(),
  elapsed: () => performance.now(),
  // Nothing but an abort rejects, which ends the waiting early as the contract of the port says.
  sleep: (milliseconds, signal) => wait(milliseconds, undefined, signal ? { signal } : {}).catch(() => undefined),
};
