import type { Semaphore } from '../../model/job.ts';
import type { LineEntry } from '../../model/line.ts';

interface Slot {
  readonly pool: string;
  readonly semaphore?: Semaphore;
}

/** What of a job or its record says where its builds wait, and for what besides a slot of the pool. */
export function slotOf({ pool, semaphore }: Slot): Slot {
  return semaphore === undefined ? { pool } : { pool, semaphore };
}

/** Counts who holds which semaphore of which repository. */
export interface Semaphores {
  /** Why this one may not start now, in words; null: it may. */
  whyNot(entry: LineEntry): string | null;
  take(entry: LineEntry): void;
}

/**
 * The semaphores of one pool's line as its entries hold them: derived, so they are found again with the line, and whoever ends
 * gives back. Each build keeps to the number of its own file, where those of two branches differ.
 */
export function semaphoresOf(holding: readonly LineEntry[]): Semaphores {
  const counts = new Map<string, number>();
  const keyOf = ({ repository, semaphore }: LineEntry) => `${repository}/${semaphore?.name ?? ''}`;
  const take = (entry: LineEntry): void => {
    if (entry.semaphore !== undefined) counts.set(keyOf(entry), (counts.get(keyOf(entry)) ?? 0) + 1);
  };
  for (const entry of holding) take(entry);
  return {
    take,
    whyNot(entry) {
      const { semaphore } = entry;
      const held = counts.get(keyOf(entry)) ?? 0;
      if (semaphore === undefined || held < semaphore.max) return null;
      return `the semaphore ${semaphore.name}, which ${held === 1 ? 'another build holds' : `${held} other builds hold`}`;
    },
  };
}
