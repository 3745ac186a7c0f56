import type { JobFlakes } from '../core/gate/flakes.ts';
import type { RecordedArrivals } from '../core/simulate/record-arrivals.ts';
/** Which queue is meant; null: whichever there is. */
export interface QueueWish {
  /** `owner/name`. */
  readonly repository: string | null;
  readonly branch: string | null;
}

/** One job of a change as it stands, in words. */
export interface JobView {
  readonly job: string;
  readonly required: boolean;
  /** As `passed`, `running` or `waits for a slot`. */
  readonly state: string;
  /** Ms since the epoch; null: it has no time. */
  readonly since: number | null;
  readonly because: string;
}

/** How a change stands in one word, for programs; `asked`: it is not in the queue yet. */
export type QueuedState =
  | 'asked'
  | 'waiting'
  | 'beyond-window'
  | 'held'
  | 'parked'
  | 'testing'
  | 'passed'
  | 'failed'
  | 'conflict'
  | 'refused'
  | 'landing';

/** One more candidate of a change. */
export interface BesideView {
  /** As those of `testedWith`. */
  readonly testedWith: readonly number[];
  readonly state: 'testing' | 'passed' | 'failed';
}

/** A change in a queue or on its way there. */
export interface QueuedView {
  /** From 1; null: it was asked for and is not in the queue. */
  readonly place: number | null;
  readonly repository: string;
  readonly number: number;
  readonly title: string;
  readonly author: string;
  readonly head: string;
  readonly lane: string;
  readonly askedBy: string;
  readonly askedAt: number;
  /** Numbers of the changes that it is tested on top of; empty: on the branch itself; null: it is not tested now. */
  readonly testedWith: readonly number[] | null;
  /** What else is tested of it, in case what is ahead turns out otherwise than is thought. */
  readonly besides: readonly BesideView[];
  readonly jobs: readonly JobView[];
  /** One clause on how it stands. */
  readonly stands: string;
  readonly state: QueuedState;
  /** What the server last told of why it waits, or what is missing. */
  readonly missing: readonly string[];
  /** What the server last told of when it may land, as a sentence; null: nothing. */
  readonly eta: string | null;
  readonly overrides: readonly { readonly check: string; readonly by: string; readonly at: number }[];
}

/** One queue: a stable form that others script against; fields are only ever added. */
export interface QueueView {
  readonly repository: string;
  readonly branch: string;
  /** Null: the branch was not read yet, or is gone. */
  readonly tip: string | null;
  /** How many are tested at once; 0: not known yet. */
  readonly window: number;
  readonly frozen: { readonly by: string | null; readonly because: string; readonly at: number } | null;
  /** What somebody wants of it that its ledger does not say yet. */
  readonly wish: { readonly kind: 'frozen' | 'thawed'; readonly by: string | null; readonly at: number } | null;
  readonly red: { readonly job: string; readonly tip: string; readonly since: number } | null;
  /** More is asked for than can be tested, and what is done about it, as a sentence; null: it is not. */
  readonly short: { readonly since: number; readonly says: string } | null;
  /** Why nothing lands in lanes while the branch is red, as a sentence; null: it does, or there are none. */
  readonly closed: string | null;
  readonly landing: { readonly number: number; readonly commit: string; readonly since: number } | null;
  readonly items: readonly QueuedView[];
  readonly asked: readonly QueuedView[];
}

/** An operator's word to a queue. */
export type QueueWord =
  | { readonly command: 'enqueue' | 'dequeue'; readonly number: number; readonly repository: string | null }
  | ({ readonly command: 'freeze' | 'thaw'; readonly reason: string } & QueueWish);

/** A word that is in the queue's inbox now. */
export interface QueueReceipt {
  readonly command: QueueWord['command'];
  readonly repository: string;
  readonly branch: string;
  /** The change that it is about; null: the whole queue. */
  readonly change: { readonly number: number; readonly title: string; readonly head: string | null } | null;
  /** In whose name. */
  readonly by: string;
  /** What a person should know of how things were before; null: nothing. */
  readonly note: string | null;
}

/** One line of a history. */
export interface HistoryLine {
  readonly at: number;
  readonly of: 'presubmit' | 'queue';
  readonly reasons: readonly string[];
  readonly effects: readonly string[];
}

/** Why a change is where it is. */
export interface ChangeView {
  readonly repository: string;
  readonly number: number;
  /** Null: its pull request was not read, or is gone. */
  readonly pull: {
    readonly title: string;
    readonly author: string;
    readonly state: string;
    readonly draft: boolean;
    readonly head: string;
    readonly branch: string;
  } | null;
  /** What the check run `sluice` says, in one line; null: nothing yet. */
  readonly told: string | null;
  /** Of its present head. */
  readonly jobs: readonly JobView[];
  readonly queue: {
    readonly branch: string;
    /** One sentence: in it, asked for, gone from it, or never asked. */
    readonly says: string;
    readonly frozen: string | null;
    /** Null: it is not in the queue and was not asked for. */
    readonly change: QueuedView | null;
  };
  /** Newest last. */
  readonly history: readonly HistoryLine[];
}

export interface AuditWish extends QueueWish {
  /** Ms since the epoch; null: everything that is kept. */
  readonly since: number | null;
}

/** What arrived at one queue, as its history has it, for `sluice simulate --arrivals`. */
export interface RecordedQueue extends RecordedArrivals {
  readonly repository: string;
  readonly branch: string;
  /** How many decisions its history holds. */
  readonly decisions: number;
}

/** Which jobs flaked: of these queues, since then. */
export type FlakesWish = AuditWish;

/** Jobs that failed for no reason, the worst first; a stable form, fields are only ever added. */
export interface FlakesView {
  readonly jobs: readonly (JobFlakes & { readonly repository: string; readonly branch: string })[];
  /** Ledgers that could not be had. */
  readonly unread: Audit['unread'];
}

/** Who did what; a stable form, fields are only ever added. */
export interface AuditLine {
  readonly at: number;
  readonly repository: string;
  readonly branch: string;
  readonly what:
    | 'asked'
    | 'dequeued'
    | 'overridden'
    | 'landed'
    | 'frozen'
    | 'thawed'
    | 'owned'
    | 'reset'
    | 'published'
    | 'pushed'
    | 'releasing'
    | 'released';
  /** A login; null: nobody, it was Sluice. */
  readonly who: string | null;
  readonly number: number | null;
  readonly commit: string | null;
  readonly detail: string;
  /** `ledger`: signed and kept with the repository; `history`: the server's own, of which the newest are kept. */
  readonly from: 'ledger' | 'history';
}

export interface Audit {
  /** Oldest first. */
  readonly lines: readonly AuditLine[];
  /** Ledgers that could not be read or trusted, and why: what landed there is missing above. */
  readonly unread: readonly { readonly repository: string; readonly branch: string; readonly because: string }[];
}
