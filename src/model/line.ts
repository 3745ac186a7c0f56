import type { BuildId } from './build.ts';
import type { Semaphore } from './job.ts';
import type { RunnerPool } from './runner-pool.ts';
import type { SubjectId } from './subject.ts';
import type { TrustClass } from './trust.ts';

/** One Build in the wanted line of its pool: waiting, granted a slot, or holding it while its pod lives. */
export interface LineEntry {
  readonly build: BuildId;
  readonly subject: SubjectId;
  readonly pool: string;
  /** Lower goes first. */
  readonly priority: number;
  /** When it was first wanted, ms since the epoch. */
  readonly since: number;
  readonly repository: number;
  readonly author: number;
  /** Left out: none. */
  readonly semaphore?: Semaphore;
  /** Whoever has the same counts as one in its semaphore; left out: it counts alone. */
  readonly holder?: string;
  /** Whose code it runs; left out by earlier versions. */
  readonly trust?: TrustClass;
  /** Of the nodes that it needs; left out: any. */
  readonly architecture?: string;
  readonly state: 'waiting' | 'granted' | 'active';
}

export interface LineLimits {
  /** Slots of a pool of which nothing else is said. */
  readonly pool: number;
  /** Slots of others, by name; left out: nothing is said of any. */
  readonly pools?: Readonly<Record<string, number>>;
  /** Where pods are made, with how many may be there at once; left out: all in one place. */
  readonly runners?: readonly RunnerPool[];
  readonly perRepository: number;
  readonly perAuthor: number;
}
