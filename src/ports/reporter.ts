import type { CheckRunReport, KnownReport } from '../model/check-run.ts';
import type { Project } from '../model/project.ts';
import type { SubjectId } from '../model/subject.ts';

export type { KnownReport };

/** Whose check run it is, and which deliveries led to what it shows. */
export interface ReportOrigin {
  readonly subject: SubjectId;
  /** Of the document that led to it, as it was saved; left out: of whichever is there. */
  readonly version?: number;
  readonly deliveries: readonly string[];
}

/** The one writer of check runs: keeps the newest wish per check run, coalesces progress, obeys limits, never drops a final one. */
export interface Reporter {
  /**
   * Durable when it resolves; a wish equal to the last changes nothing, unless what we know may be older than what the forge
   * has. A non-final one after a final one is ignored. With an `origin`, so is one whose subject nobody knows any more, or
   * only as it was before that version: what a lost Redis took, or an old backup knows nothing of, is found again by a pass that
   * looks, not by the rest of one that began before.
   */
  want(project: Project, report: CheckRunReport, origin?: ReportOrigin): Promise<void>;
  known(externalIds: readonly string[]): Promise<ReadonlyMap<string, KnownReport>>;
  /** Wishes not yet on the forge. */
  waiting(): Promise<number>;
  /** Sees to it that everything that waits has its turn, also when the signals for it were lost. */
  recover(): Promise<void>;
}
