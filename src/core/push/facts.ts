import type { ObservedCheckRun } from '../../model/check-run.ts';
import type { BranchReading } from '../../model/landing.ts';
import type { LedgerDetail } from '../../model/ledger.ts';
import type { LineEntry } from '../../model/line.ts';
import type { Person } from '../../model/person.ts';
import type { PlannedTree } from '../../model/presubmit.ts';
import type { PromoteEffect } from '../../model/promote-effect.ts';
import type { Proposal } from '../../model/proposal.ts';
import type { BranchClose, BranchCut, Pusher, PushRecord, PushWords } from '../../model/push.ts';
import type { ReleaseWish } from '../../model/release.ts';
import type { ReleaseRun } from '../../model/release-run.ts';
import type { Sha } from '../../model/sha.ts';
import type { SubjectId } from '../../model/subject.ts';
import type { PlannedJob } from '../postsubmit/planned-job.ts';
import type { BuildFacts } from '../presubmit/advance-build.ts';
import type { TreeFacts } from '../presubmit/facts.ts';
import type { ReportFacts } from '../presubmit/report-job.ts';
import type { WantedIndex, WrittenIndexes } from '../promote/collect-images.ts';
import type { CloseFacts } from './close-branches.ts';
import type { ProposalFacts } from './propose-next.ts';

/** A push that is to be judged: what the branch pointed at, and what it points at. */
export interface WantedPush {
  readonly before: Sha;
  readonly after: Sha;
  /** Nothing shows that all of it came after `before`: in doubt it is built (versions.md §3). */
  readonly isUnsure?: true;
  /** It is a landing of ours, which that person asked for: its images are promoted; left out: somebody pushed it. */
  readonly landedBy?: Person;
  /** The branch was created there, on what other branches hold: `before` is `after`. */
  readonly isCut?: true;
  /** It was told late, after what was pushed on top of it was judged: only what it releases is to be had still. */
  readonly isLate?: true;
}

/** What a push comes to by the files of its commit. */
export type JudgedPush =
  | {
      readonly kind: 'judged';
      readonly tree: Sha;
      readonly planned: readonly PlannedJob[];
      /** Null: the project has no versions. */
      readonly version: PushWords | null;
      readonly shadow: boolean;
      readonly at: number;
      /** Our check runs that answer a push there already: of one that was lost, or of the same commit before. */
      readonly own: readonly ObservedCheckRun[];
      /** Check runs that stand open on commits between: of pushes that were lost, where no run has them. */
      readonly beneath: readonly ObservedCheckRun[];
      /** What it releases, oldest first; left out: nothing. */
      readonly releases?: readonly ReleaseWish[];
      /** The branch that it is the signal for; left out: none. */
      readonly cut?: Omit<BranchCut, 'ended'>;
      /** Release branches that are closed with it; left out: none. */
      readonly closes?: readonly BranchClose[];
      /** The next dev versions that it proposes; left out: none. */
      readonly proposals?: readonly Proposal[];
    }
  /** The file at its commit says nothing usable: why, for people. */
  | {
      readonly kind: 'refused';
      readonly tree: Sha;
      readonly because: string;
      readonly at: number;
      readonly own: readonly ObservedCheckRun[];
      readonly beneath: readonly ObservedCheckRun[];
    }
  /** The branch only went back to what it held before: its ledger says what is published. `own`: as of one that is judged. */
  | { readonly kind: 'nothing'; readonly own: readonly ObservedCheckRun[] }
  /** No job is for this branch. */
  | { readonly kind: 'unwatched' }
  /** It could not be found out now. */
  | { readonly kind: 'unread' };

/** What of the world moves a run on. */
export interface RunFacts extends BuildFacts, ReportFacts {
  readonly subject: SubjectId;
  readonly trees: ReadonlyMap<string, TreeFacts>;
  readonly indexes: WrittenIndexes;
}

/** Somebody pressed Re-run on a check run of ours, which stands there as `said`; `whyNot`: they may not. */
export interface RerunPress {
  readonly by: Person;
  readonly whyNot: string | null;
  readonly said: ObservedCheckRun;
}

/** As an entry of the ledger has it: over which landing, and under what was pushed later and recorded first. */
export type PlaceInLine = Pick<Extract<LedgerDetail, { kind: 'pushed' }>, 'below' | 'above'>;

/** One consistent look at the world for a pass over a pushed branch. */
export interface PushedFacts extends RunFacts, ProposalFacts, CloseFacts {
  /** Our App's id. */
  readonly app: number;
  /** Branch and ledger in one look; null: they could not be read. */
  readonly reading: BranchReading | null;
  /** Who pushed last, as the forge told; null: nobody did. */
  readonly by: Person | null;
  /** The same of each push that the forge told of, oldest first: who pushed a commit may release it, and nobody else. */
  readonly pushers: readonly Pusher[];
  /** And who took it back: brought nothing, and is no pusher of what is left. */
  readonly backs: readonly Pusher[];
  /** Who of them brought which commit that a run releases, of those of which that was not known. */
  readonly brought: ReadonlyMap<Sha, Person>;
  /** By `pushKey`, found out in this pass. */
  readonly judged: ReadonlyMap<string, JudgedPush>;
  /** Where a commit belongs in the line of its branch, found out in this pass. */
  readonly below: ReadonlyMap<Sha, PlaceInLine>;
  /** Releases that runs ask for, by their names; one that nothing is known of is left out. */
  readonly releases: ReadonlyMap<string, Pick<ReleaseRun, 'wish' | 'stage' | 'endedAt' | 'row'>>;
  /** Check runs that are concluded, by external id. */
  readonly told: ReadonlySet<string>;
  /** As the forge has them now; null: nothing depends on it, or they could not be read. */
  readonly branches: ReadonlyMap<string, Sha> | null;
  /** Why branches that were asked for could not be created, by name. */
  readonly uncut: ReadonlyMap<string, string>;
  /** What people pressed since, in the order in which they did. */
  readonly presses: readonly RerunPress[];
}

export function pushKey({ before, after }: WantedPush): string {
  return `${before}..${after}`;
}

/** What is to be had before a plan counts. */
export interface PushWants {
  readonly pushes: readonly WantedPush[];
  readonly below: readonly Sha[];
  readonly trees: readonly PlannedTree[];
  readonly indexes: readonly WantedIndex[];
}

export interface PushPlan {
  /** Null: nothing is to be remembered of this branch. */
  readonly record: PushRecord | null;
  readonly effects: readonly PromoteEffect[];
  readonly reasons: readonly string[];
  /** All empty: the plan counts. */
  readonly wants: PushWants;
  readonly line: readonly Omit<LineEntry, 'subject'>[];
  readonly wakeAt: number | null;
  /** False: what was pushed could not be judged yet, so that who pushed it, which the forge tells once, is still needed. */
  readonly isJudged: boolean;
}
