import type { SourceAnnotation } from './build.ts';
import type { Sha } from './sha.ts';

export type Conclusion = 'success' | 'failure' | 'neutral' | 'cancelled' | 'skipped' | 'timed_out' | 'action_required';

export type CheckStatus =
  | { readonly status: 'queued' | 'in_progress' }
  | { readonly status: 'completed'; readonly conclusion: Conclusion };

/** What people should now see as one check run on one commit. Texts are markdown, made safe and cut where they were built. */
export interface CheckRunReport {
  readonly commit: Sha;
  readonly name: string;
  /** Finds the check run again; `externalIdFor`, or `sluice/...` for our own lines. */
  readonly externalId: string;
  readonly state: CheckStatus;
  readonly title: string;
  readonly summary: string;
  /** Empty: none. */
  readonly text: string;
  readonly annotations: readonly SourceAnnotation[];
  readonly actions: readonly CheckAction[];
  /** The page or log to go on to; null where there is none. */
  readonly detailsUrl: string | null;
  readonly startedAt: number | null;
  readonly completedAt: number | null;
}

/** A button on a check run; at most three. */
export interface CheckAction {
  readonly identifier: 'approve' | 'cancel' | 'dequeue' | 'release';
  /** At most 20 characters. */
  readonly label: string;
  /** At most 40 characters. */
  readonly description: string;
}

/** One of our own check runs as the forge has it. */
export interface ObservedCheckRun {
  readonly id: number;
  readonly name: string;
  readonly commit: Sha;
  readonly externalId: string;
  readonly state: CheckStatus;
  readonly title: string;
  readonly summary: string;
  /** What our App wrote there; holds the approval record on the check run `sluice`. */
  readonly text: string;
  readonly startedAt: number | null;
  readonly completedAt: number | null;
}

/** True when nothing may follow: a final one is never reopened. */
export function isFinal(report: Pick<CheckRunReport, 'state'>): boolean {
  return report.state.status === 'completed';
}

/** What was last asked for under an external id. */
export interface KnownReport {
  readonly fingerprint: string;
  readonly final: boolean;
  /** True when the forge has it. */
  readonly delivered: boolean;
}
