import type { ObservedCheckRun } from '../../model/check-run.ts';
import type { IssueWish, ObservedIssue } from '../../model/issue.ts';
import type { LineEntry } from '../../model/line.ts';
import type { PeriodicRecord } from '../../model/periodic.ts';
import type { PlannedTree } from '../../model/presubmit.ts';
import type { PromoteEffect } from '../../model/promote-effect.ts';
import type { Sha } from '../../model/sha.ts';
import type { PlannedJob } from '../postsubmit/planned-job.ts';
import type { WantedIndex } from '../promote/collect-images.ts';
import type { RunDraft } from '../push/draft.ts';
import type { PushedFacts, RunFacts } from '../push/facts.ts';
import type { WantedNightly } from './nightlies-of.ts';

/** What the file at the tip of the branch asks for. */
export type WantedNightlies =
  | { readonly kind: 'known'; readonly nightlies: readonly WantedNightly[]; readonly shadow: boolean }
  /** The file is not valid: what was known runs on, and says so. */
  | { readonly kind: 'invalid'; readonly because: string }
  /** It could not be read now. */
  | { readonly kind: 'unread' };

/** What a nightly starts with. */
export type NightlyStart =
  | {
      readonly kind: 'planned';
      readonly planned: readonly PlannedJob[];
      /** One more than our check runs at the commit show, as no request is given twice; or that of one that is open there. */
      readonly request: number;
      /** Check runs of that one, by job: a state that is lost or put back began it, and it goes on. Empty: there is none. */
      readonly said: ReadonlyMap<string, ObservedCheckRun>;
      /** Check runs of it that stand open on commits before, where no run has them: such a state began them. */
      readonly beneath: readonly ObservedCheckRun[];
    }
  | { readonly kind: 'unread' };

/** What became of the issue of a nightly in this pass. */
export type WrittenIssue = { readonly number: number; readonly told: string } | 'gone' | 'refused';

/** One consistent look at the world for a pass over what a branch runs by the clock. */
export interface PeriodicFacts extends RunFacts, Pick<PushedFacts, 'app' | 'reading' | 'below' | 'told' | 'presses'> {
  /** The default branch, as only that one's file says what runs by the clock (commands.md §1, attack A6). */
  readonly isDefault: boolean;
  readonly tip: { readonly commit: Sha; readonly tree: Sha } | null;
  readonly wanted: WantedNightlies;
  /** By key, found out in this pass. */
  readonly begun: ReadonlyMap<string, NightlyStart>;
  /** By key, looked for in this pass: our own issue of the nightly; null: there is none. */
  readonly issues: ReadonlyMap<string, ObservedIssue | null>;
  readonly written: ReadonlyMap<string, WrittenIssue>;
  /**
   * By key, of nightlies that cannot start, looked for in this pass: check runs that stand open where no run has them, as an earlier
   * state began them and was lost or put back; null: that could not be read now.
   */
  readonly lost: ReadonlyMap<string, readonly ObservedCheckRun[] | null>;
}

/** What is to be had before a plan counts. */
export interface PeriodicWants {
  /** Keys of nightlies that start at the tip. */
  readonly starts: readonly string[];
  readonly below: readonly Sha[];
  readonly trees: readonly PlannedTree[];
  readonly indexes: readonly WantedIndex[];
  /** Keys of nightlies whose issue is to be looked at. */
  readonly issues: readonly string[];
  /** Keys of nightlies that are gone, or that the file cannot start, of which it is to be looked for what was lost. */
  readonly lost: readonly string[];
}

/** A plan in the making. One call long. */
export interface PeriodicDraft extends RunDraft {
  readonly record: PeriodicRecord;
  readonly wants: {
    readonly starts: string[];
    readonly below: Sha[];
    readonly trees: PlannedTree[];
    readonly indexes: WantedIndex[];
    readonly issues: string[];
    readonly lost: string[];
  };
  readonly issues: (IssueWish & { readonly key: string })[];
}

export interface PeriodicPlan {
  /** Null: nothing is to be remembered. */
  readonly record: PeriodicRecord | null;
  readonly effects: readonly PromoteEffect[];
  readonly reasons: readonly string[];
  /** All empty: the plan counts. */
  readonly wants: PeriodicWants;
  /** Written after everything else, one for each nightly at most. */
  readonly issues: PeriodicDraft['issues'];
  readonly line: readonly Omit<LineEntry, 'subject'>[];
  readonly wakeAt: number | null;
}
