import type { CheckRunReport, CheckStatus, ObservedCheckRun } from '../../model/check-run.ts';
import type { BranchReading } from '../../model/landing.ts';
import type { LineEntry } from '../../model/line.ts';
import type { Person } from '../../model/person.ts';
import type { PlannedTree } from '../../model/presubmit.ts';
import type { PromoteEffect } from '../../model/promote-effect.ts';
import type { RecordedImage } from '../../model/promotion.ts';
import type { Proposal } from '../../model/proposal.ts';
import type { ReleaseWish } from '../../model/release.ts';
import type { ReleaseRun } from '../../model/release-run.ts';
import type { Sha } from '../../model/sha.ts';
import type { PlannedJob } from '../postsubmit/planned-job.ts';
import type { WantedIndex } from '../promote/collect-images.ts';
import type { PromoteFacts, WantedLook } from '../promote/facts.ts';
import type { RunDraft } from '../push/draft.ts';
import type { RunFacts } from '../push/facts.ts';
import type { ProposalFacts } from '../push/propose-next.ts';
import type { ReleaseDecision } from '../version/decide-release.ts';

/** What a release comes to by the file of its commit and by what is released now. */
export type JudgedRelease =
  | {
      readonly kind: 'judged';
      readonly tree: Sha;
      readonly decided: Pick<ReleaseDecision, 'row' | 'kind' | 'because'>;
      /** Its jobs, with the tags that are set once. */
      readonly planned: readonly PlannedJob[];
      /** By image: the tags that move from one release to the next, and those of them that this one may have now. */
      readonly moving: Readonly<Record<string, readonly string[]>>;
      readonly movable: Readonly<Record<string, readonly string[]>>;
      /** What the gate built of this very commit, all that the release has; null: not all of it. */
      readonly gated: readonly RecordedImage[] | null;
      readonly configuration: string;
      readonly shadow: boolean;
      /** Its branch is to go on with the next dev version (`version.automation.nextDev`). */
      readonly raises: boolean;
      /** The branch whose ledger has this version; null: none has. */
      readonly recordedOn: string | null;
      /** Check runs of its jobs that stand on the commit already. */
      readonly own: readonly ObservedCheckRun[];
      /** What is not green on the commit yet, for people; null: nothing. */
      readonly lacks: string | null;
    }
  /** The file at its commit says nothing usable: why, for people. */
  | { readonly kind: 'refused'; readonly tree: Sha; readonly because: string }
  /** It could not be found out now. */
  | { readonly kind: 'unread'; readonly because: string };

/** What the branch of a release goes on with. */
export type NextVersion =
  | { readonly kind: 'proposal'; readonly proposal: Proposal }
  /** Why nothing is proposed, for people. */
  | { readonly kind: 'none'; readonly because: string }
  /** It could not be found out now. */
  | { readonly kind: 'unread' };

/** Somebody pressed a button of a release's check run, or Re-run on one of its jobs. */
export interface ReleasePress {
  readonly button: 'release' | 'rerun';
  readonly head: Sha;
  readonly by: Person;
  /** Why this person may not release, for people; null: may. Asked for `release` alone. */
  readonly whyNot: string | null;
  /** The check run of a job of it, or an older one of its own, that was pressed; left out: its own. */
  readonly said?: ObservedCheckRun;
}

/** What the newest check run of a release says where nothing else is remembered of it. */
export interface ToldRelease {
  readonly revision: number;
  /** Who asked for it and may; null: it does not say. */
  readonly by: Person | null;
  readonly state: CheckStatus;
  readonly title: string;
}

/** What the forge shows of a release at a commit, where nothing of that is remembered. */
export interface BegunAt {
  /** Null: it has no check run there. */
  readonly told: ToldRelease | null;
  /** Check runs of its jobs that stand open there, as they end. */
  readonly lost: readonly CheckRunReport[];
  /** The same of its own. */
  readonly own: readonly CheckRunReport[];
}

/** One consistent look at the world for a pass over a release. */
export interface ReleaseFacts
  extends RunFacts,
    ProposalFacts,
    Pick<PromoteFacts, 'looks' | 'copies' | 'tagged' | 'untagged'> {
  /** Our App's id. */
  readonly app: number;
  /** The branch in whose ledger it is recorded; null: it could not be read. */
  readonly reading: BranchReading | null;
  /** Null: it was not judged in this pass. */
  readonly judged: JudgedRelease | null;
  /** Null: it was not asked for in this pass. */
  readonly next: NextVersion | null;
  /** Not taken up yet, oldest first. */
  readonly wishes: readonly ReleaseWish[];
  /** Commits of them from which a ledger has it begun. */
  readonly recorded: ReadonlySet<Sha>;
  /** What the forge shows of it at commits that ask for it and are not its own, or at its own where that is more than is known. */
  readonly begun: ReadonlyMap<Sha, BegunAt>;
  readonly presses: readonly ReleasePress[];
  /** Check runs that are concluded, by external id. */
  readonly told: ReadonlySet<string>;
}

/** A plan in the making. One call long. */
export interface ReleaseDraft extends RunDraft {
  readonly wants: {
    readonly trees: PlannedTree[];
    readonly indexes: WantedIndex[];
    readonly looks: WantedLook[];
    /** Not empty: it is to be judged. */
    readonly judged: Sha[];
    /** Not empty: what its branch goes on with is to be found out. */
    readonly next: Sha[];
  };
}

export interface ReleasePlan {
  readonly record: ReleaseRun;
  readonly effects: readonly PromoteEffect[];
  readonly reasons: readonly string[];
  /** All empty: the plan counts. */
  readonly wants: { readonly [K in keyof ReleaseDraft['wants']]: Readonly<ReleaseDraft['wants'][K]> };
  readonly line: readonly Omit<LineEntry, 'subject'>[];
  readonly wakeAt: number | null;
}
