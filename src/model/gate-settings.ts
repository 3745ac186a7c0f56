import type { PromotionSettings } from './promotion.ts';
import type { LandingMethod } from './queue.ts';

/** The gate's own settings: from the base branch alone (gate.md §2). */
export interface GateSettings {
  /** Null: the project's own, one for each branch. */
  readonly queue: string | null;
  readonly approvals: number;
  readonly staleReviews: 'ignore' | 'count';
  readonly window: { readonly start: number; readonly floor: number };
  readonly landing: 'push' | 'merge-endpoint';
  readonly method: LandingMethod;
  readonly failFast: boolean;
  /** Which candidates are built first; with `best-first`, so many at once; `prefixes`: several may land by one push of a candidate that holds them. */
  readonly scheduler:
    | { readonly kind: 'window' }
    | {
        readonly kind: 'best-first';
        readonly slots: number;
        readonly prefixes: boolean;
        /** Changes are tested on those ahead of which a job reads files that they change too, and land on all others untested; left out: each tree that lands was tested. */
        readonly lanes?: 'closure';
        /** With lanes, how old the last run of all jobs on the branch may be (ms); left out: there is none. */
        readonly joinMs?: number;
        /** Several may be tested by one build where slots are scarce; left out: each has its own. */
        readonly batches?: true;
      };
  /** How old a pass may be that a candidate takes instead of being tested (ms); 0: it never does. */
  readonly reuseMs: number;
  readonly protect: readonly string[];
  readonly supersedesPresubmit: boolean;
  /** How what it builds comes to be published. */
  readonly promotion: PromotionSettings;
}
