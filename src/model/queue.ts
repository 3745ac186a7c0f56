import type { AssumedGround, StoredSchedule, TouchSet } from './best-first.ts';
import type { RecordedFlake } from './flake.ts';
import type { GateRequest, HoldWish, Override } from './gate-request.ts';
import type { GateView } from './gate-view.ts';
import type { GreenJoin, Join } from './join.ts';
import type { ChangedFiles } from './matcher.ts';
import type { Person } from './person.ts';
import type { JobRecord } from './presubmit.ts';
import type { Project } from './project.ts';
import type { Sha } from './sha.ts';
import type { SubjectId } from './subject.ts';
import type { PassedBefore, RecordedVerdict } from './verdict.ts';

declare const brand: unique symbol;

/** Names one branch of one project, as `<repository id>:<branch>`. */
export type BranchKey = string & { readonly [brand]: 'branch' };

export function branchKeyOf(repository: number, branch: string): BranchKey {
  return `${repository}:${branch}` as BranchKey;
}

/** One commit for each branch of a queue: what a candidate stands on. Equal vectors, equal ground (gate.md §2). */
export type Parents = Readonly<Record<BranchKey, Sha>>;

export type LandingMethod = 'merge' | 'squash' | 'rebase';

/** Hotfix goes first, bulk last; the order within a lane is the order of entering. */
export type QueueLane = 'hotfix' | 'normal' | 'bulk';

/** What became of making the commit for one head on one ground. */
export type CandidateState =
  | {
      readonly kind: 'conflict';
      readonly parents: Parents;
      readonly paths: readonly string[];
      readonly with: number | null;
    }
  /** Its tree is its parent's: there is nothing to land. */
  | { readonly kind: 'contained'; readonly parents: Parents }
  | { readonly kind: 'unmade'; readonly parents: Parents; readonly because: string }
  /** For good: the forge would not take it from our App or, with `isTheirs`, the head itself does not allow it. */
  | { readonly kind: 'forbidden'; readonly parents: Parents; readonly because: string; readonly isTheirs?: true }
  | MadeCandidate;

/** The commit we mean to land, what it stands on, and what is tested of it (design.md §4). */
export interface MadeCandidate {
  readonly kind: 'made';
  readonly parents: Parents;
  readonly commit: Sha;
  readonly tree: Sha;
  /** How it lands; left out in records of earlier versions. */
  readonly method?: LandingMethod;
  /** Pods can fetch it. */
  readonly published: boolean;
  /** Null: not yet decided, the configuration was not read. */
  readonly jobs: readonly JobRecord[] | null;
  /** Which files differ from its parent; decides what is tested. */
  readonly changed: ChangedFiles;
  /** Numbers of the changes that its ground holds and that had not landed when it was made, in order. */
  readonly ahead: readonly number[];
  /** The same for people, as `owner/name#1`, where the queue is shared by several projects. */
  readonly names?: readonly string[];
  /** Ms since the epoch; left out: not known. */
  readonly madeAt?: number;
  /** Why its configuration cannot be used; null while it can. */
  readonly broken: string | null;
  readonly verdict: RecordedVerdict | null;
  /** Names what its verdict is a function of (scheduling.md §5); left out: nothing of it may be reused. */
  readonly key?: string;
  /** The same of all trees (`PassedBefore`). */
  readonly shape?: string;
  /** Why the best-first scheduler began it; left out: it stands on all that is ahead, as the window has it. */
  readonly guess?: AssumedGround;
  /** Of the try before on the same commit, what is not run again; left out: all is run. */
  readonly kept?: readonly JobRecord[];
  /** What failed in tries before on the same commit; left out: nothing did. */
  readonly failures?: readonly RecordedFlake[];
  /** Its failure was taken in by the scheduler: it is kept for its author alone. */
  readonly spent?: true;
}

/** A landing that was decided and whose outcome is not known yet: only reading resolves it (gate.md §4). */
export interface LandingIntent {
  readonly number: number;
  readonly branch: BranchKey;
  readonly from: Sha;
  readonly to: Sha;
  readonly since: number;
  /** Its number in the ledger: an older entry of the same commit tells of a landing that was taken back. */
  readonly sequence?: number;
  /** Why it leaves if it turns out not to have landed: somebody took it out while its push was under way. */
  readonly withdrawn?: string;
  /** What lands by the same push, oldest first, as it is inside; left out: nothing does. */
  readonly inside?: readonly ContainedLanding[];
  /** Where the project lands by the forge's merge endpoint. */
  readonly press?: Press;
}

/** A change of the same branch that is inside of what lands. */
export interface ContainedLanding {
  readonly number: number;
  readonly to: Sha;
  /** As of the whole. */
  readonly withdrawn?: string;
}

/** A landing by the merge endpoint: the head's check is made green first, then the endpoint is asked once (gate.md §4). */
export interface Press {
  readonly state: 'green' | 'pressed';
  readonly method: LandingMethod;
  /** What the forge says it became; null: not known. */
  readonly commit: Sha | null;
}

/** A change that was asked for; not yet in the queue, or in it. */
export interface AskedChange {
  readonly number: number;
  readonly branch: BranchKey;
  readonly request: GateRequest;
  readonly overrides: readonly Override[];
  /** As last read, and when (ms). */
  readonly view: GateView;
  readonly seenAt: number;
  readonly lane: QueueLane;
  /** Names this request among those of the same head: the time at which it was asked for. */
  readonly entry: number;
  /** The last `/hold` or `/unhold`; left out: there was none. */
  readonly hold?: HoldWish;
  /** Where changes are tested in lanes: what this one touches; left out: that is not told yet. */
  readonly touches?: TouchSet;
  /** How many of its check runs were concluded though it did not land: each goes on in a new one. */
  readonly runs?: number;
}

/** Said of a head, or any (null), asked for or not: a later request has it; one said before `dequeuedAt` (ms) is late. */
export interface HeadWord {
  readonly branch: BranchKey;
  readonly number: number;
  readonly head: Sha | null;
  readonly said:
    | { readonly lane: QueueLane }
    | { readonly override: Override }
    | { readonly dequeuedAt: number; readonly order?: number };
}

/** A change's place in the queue. */
export interface QueueItem extends AskedChange {
  /** Frozen when it enters: a later edit of the title changes nothing (design.md §6). */
  readonly message: string;
  readonly enteredAt: number;
  readonly candidate: CandidateState | null;
  /** What else is tested of it, on other grounds; left out: nothing. */
  readonly hedges?: readonly MadeCandidate[];
  /** As what it is inside of batches; of these nothing is run by itself. Left out: it is in none. */
  readonly batched?: readonly MadeCandidate[];
  /** Why it is to be rejected, as soon as what is tested of it has ended; left out: it is not. */
  readonly rejecting?: string;
  /** How many candidates it had: one that comes back takes up no build of its earlier life. */
  readonly makes: number;
  /** Our own errors three times: it waits for the next item's success, for its next try or for `/gate`. */
  readonly parked: string | null;
  /** How often that happened to it, and when last (ms); left out: never. */
  readonly parkings?: { readonly times: number; readonly at: number };
  /** How many later items went ahead of it. */
  readonly overtaken: number;
}

/** How an item ended. */
export type Departure =
  | {
      readonly kind: 'landed';
      readonly commit: Sha;
      /** As its ledger entry has it. */
      readonly within?: { readonly number: number; readonly commit: Sha };
      /** Numbers of those that landed inside of it; left out: none did. */
      readonly inside?: readonly number[];
    }
  /** By somebody else, or nothing was left of it. */
  | { readonly kind: 'landed-outside' | 'contained'; readonly because: string }
  /** Its branch has another queue now, which is asked for it in its place. */
  | { readonly kind: 'moved'; readonly because: string; readonly to: SubjectId }
  | { readonly kind: 'rejected' | 'withdrawn' | 'refused'; readonly because: string };

/** Taken out; kept until its builds have ended and its author is known to be told. */
export interface LeavingItem {
  readonly change: AskedChange;
  readonly departure: Departure;
  readonly candidate: MadeCandidate | null;
  readonly at: number;
  /** Its check was concluded before it left: it is told once more. */
  readonly retell?: true;
  /** When its label was last asked to be taken off (ms). */
  readonly unlabelledAt?: number;
}

export interface LandedChange {
  readonly number: number;
  readonly head: Sha;
  /** Where the branch was before it; left out: not known. */
  readonly from?: Sha;
  readonly commit: Sha;
  /** The commit that was tested, of the same tree, where the forge made another one of it. */
  readonly tested?: Sha;
  /** As its ledger entry has it. */
  readonly within?: { readonly number: number; readonly commit: Sha };
}

export interface QueueBranch {
  readonly key: BranchKey;
  readonly project: Project;
  readonly branch: string;
  /** As last read; null: it was not read yet, or is gone. */
  readonly tip: Sha | null;
  /** Head of the ledger as last verified; null: there is none yet. */
  readonly ledger: Sha | null;
  /** What the ledger says landed here, newest last, at most 200. */
  readonly landed: readonly LandedChange[];
  /** Jobs that passed on the tip before the gate landed it; left out: the gate did not land it. */
  readonly proven?: readonly string[];
}

/** Builds of a candidate that does not count any more: kept until they have ended. */
export interface StoppedCandidate {
  readonly branch: BranchKey;
  readonly number: number;
  readonly candidate: MadeCandidate;
  readonly because: string;
  /** Whose slots its builds hold until they have ended; left out: nobody's. */
  readonly author?: number;
}

/** What somebody wants the ledger to say and it does not say yet. */
export interface LedgerWish {
  readonly kind: 'frozen' | 'thawed';
  readonly by: Person | null;
  readonly because: string;
  readonly at: number;
}

/** Why a queue lands nothing for now. */
export interface Freeze {
  readonly by: Person | null;
  readonly because: string;
  readonly at: number;
}

/** What was asked of a tip that the gate did not land: where it fails by itself, nobody is rejected for it (gate.md §3). */
export interface RedTip {
  readonly branch: BranchKey;
  /** Whose failure it was asked for first. */
  readonly number: number;
  readonly since: number;
  /** The tip itself, and of its jobs those that failed on it with somebody's change; `broken`: its own file is invalid. */
  readonly probe: MadeCandidate;
  /** Jobs that failed on it and were run once more; left out: none. */
  readonly failed?: readonly string[];
  /** When one of these passed at last (ms): what failed with a change before that says nothing of the change. */
  readonly recoveredAt?: number;
}

/** The document of one change queue. */
export interface QueueRecord {
  readonly schema: 1;
  /** When this record was begun, ms: after a loss not long ago, and not everything is found again yet. */
  readonly begunAt?: number;
  readonly branches: readonly QueueBranch[];
  /** How many items are tested at once; 0: not known yet. */
  readonly window: number;
  /** Where candidates are built best first; left out: the window says which are. */
  readonly schedule?: StoredSchedule;
  /** How long each of the last to land took from being made to having passed, ms, newest last; left out: none has landed. */
  readonly paces?: readonly number[];
  /** Verdicts that other candidates may take, newest last; left out: none. */
  readonly passed?: readonly PassedBefore[];
  readonly frozen: Freeze | null;
  /** At most one for each branch. */
  readonly probes?: readonly RedTip[];
  /** Where changes land in lanes: the last run of all jobs on the branch; left out: there was none. */
  readonly join?: Join;
  /** The last one that was green; left out: none is known. */
  readonly joined?: GreenJoin;
  readonly items: readonly QueueItem[];
  readonly asked: readonly AskedChange[];
  /** Newest last, at most 200; left out: nothing was said. */
  readonly words?: readonly HeadWord[];
  readonly landing: LandingIntent | null;
  readonly wish: LedgerWish | null;
  readonly stopping: readonly StoppedCandidate[];
  readonly leaving: readonly LeavingItem[];
}
