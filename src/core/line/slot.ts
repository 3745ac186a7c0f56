import { type Build, externalIdFor } from '../../model/build.ts';
import type { Semaphore } from '../../model/job.ts';
import type { LineEntry } from '../../model/line.ts';
import { wishOfBuild } from '../pod/choose-runner.ts';

interface Slot {
  readonly pool: string;
  readonly semaphore?: Semaphore;
}

/** What of a job says where its builds wait, and for what besides a slot of the pool. */
export function slotOf({ pool, semaphore }: Slot): Slot {
  return semaphore === undefined ? { pool } : { pool, semaphore };
}

/** The same of one of its builds, with what decides where its pod is made: in a group, those of one request of a job are one. */
export function slotOfBuild(
  job: Slot,
  { parts, trust }: Pick<Build, 'parts' | 'trust'>,
): Slot & Pick<LineEntry, 'holder' | 'trust' | 'architecture'> {
  const { architecture } = wishOfBuild({ parts, trust }, job.pool);
  const slot = { ...slotOf(job), trust, ...(architecture === null ? {} : { architecture }) };
  return job.semaphore?.counts === 'jobs' ? { ...slot, holder: externalIdFor(parts) } : slot;
}

/** Counts who holds which semaphore of which repository. */
export interface Semaphores {
  /** Why this one may not start now, in words; null: it may. */
  whyNot(entry: LineEntry): string | null;
  take(entry: LineEntry): void;
}

function keyOf({ repository, semaphore }: LineEntry): string {
  return JSON.stringify([repository, semaphore?.counts, semaphore?.name]);
}

function wordsFor({ name, counts }: Semaphore, held: number): string {
  const [what, holder] = counts === 'jobs' ? ['group', 'job'] : ['semaphore', 'build'];
  return `the ${what} ${name}, which ${held === 1 ? `another ${holder} holds` : `${held} other ${holder}s hold`}`;
}

/**
 * The semaphores of one pool's line as its entries hold them: derived, so they are found again with the line, and whoever ends
 * gives back. Nobody holds one while waiting for another or for a slot, so that no two wait for each other. Each build keeps to
 * the number of its own file, where those of two branches differ.
 */
export function semaphoresOf(holding: readonly LineEntry[]): Semaphores {
  const holders = new Map<string, Set<string>>();
  const holderOf = ({ holder, build }: LineEntry): string => holder ?? build;
  const take = (entry: LineEntry): void => {
    if (entry.semaphore === undefined) return;
    const known = holders.get(keyOf(entry)) ?? new Set();
    holders.set(keyOf(entry), known.add(holderOf(entry)));
  };
  for (const entry of holding) take(entry);
  return {
    take,
    whyNot(entry) {
      const { semaphore } = entry;
      if (semaphore === undefined) return null;
      const held = holders.get(keyOf(entry)) ?? new Set();
      return held.has(holderOf(entry)) || held.size < semaphore.max ? null : wordsFor(semaphore, held.size);
    },
  };
}
