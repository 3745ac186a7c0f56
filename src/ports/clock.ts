/** The time of day and how to wait for it; the one door through which time comes in. */
export interface Clock {
  /** Milliseconds since the epoch. */
  now(): number;
  /** Milliseconds since some moment of this process: never set, so that it tells how long something lasts (intake-faults-attacks.md F43). */
  elapsed(): number;
  /** Resolves after so many milliseconds, at once when the signal aborts. */
  sleep(milliseconds: number, signal?: AbortSignal): Promise<void>;
}
