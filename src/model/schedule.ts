/** When a job runs by the clock, as its file says (config.md). Jobs with equal schedules are one nightly. */
export interface Schedule {
  /** Five fields: minute, hour, day of the month, month, weekday. */
  readonly cron: string;
  /** IANA name, as `Europe/Berlin`. */
  readonly timeZone: string;
  /** From one start to the next; a time that comes earlier is left out. 0: no limit. */
  readonly minimumSeconds: number;
  /** What becomes of a time at which the branch has the very tree that was green last. */
  readonly unchanged: 'run' | 'skip';
}
