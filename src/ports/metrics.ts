import type { BuildResult } from '../model/build.ts';
import type { PromotionMode } from '../model/promotion.ts';

/** What is counted of this process. Nothing given here names a repository, a change, a person or any text of theirs. */
export interface Metrics {
  /** One webhook request was answered; `status` is the HTTP one. */
  deliveryAnswered(outcome: 'accepted' | 'duplicate' | 'ignored' | 'refused', status: number): void;
  /** A signature fitted the secret at this place in the list of those that count now. */
  secretMatched(index: number): void;
  /** How long it took until a delivery was durable. */
  deliveryStored(seconds: number): void;
  passEnded(outcome: 'done' | 'failed', seconds: number): void;
  /** Another worker had saved the same subject in between. */
  passConflicted(): void;
  /** `seconds` from its start, null for one that never started. */
  buildFinished(result: BuildResult, seconds: number | null): void;
  /** A pod was created, so long after its Build was wanted. */
  podStarted(seconds: number): void;
  /** A turn of a loop of the worker failed; `loop` is one of a fixed few. */
  turnFailed(loop: string): void;
  /** A request went out to the forge; null: no answer came. */
  forgeCalled(kind: ForgeCall, status: number | null): void;
  /** What the forge says it still allows an installation. */
  forgeAllows(installation: number, resource: 'core' | 'graphql', remaining: number): void;
  redisCommanded(): void;
  /** A copy between repositories ended; `bytes` were streamed through us. */
  imageCopied(outcome: 'copied' | 'failed', seconds: number, bytes: number): void;
  /** What landed so long ago is published now, all of it. */
  landingPublished(mode: PromotionMode, seconds: number): void;
  /** An image of a landing did not get on and is tried again. */
  promotionTried(): void;
  /** A tag that was published was found moved or taken away by somebody else, and is put back. */
  tagMoved(): void;
  /** How many landings of one promote line (`line` only tells it from others) are not published, and when the first of them landed (ms). */
  promotionsWait(line: string, waiting: number, oldestAt: number | null): void;
  /** What the canaries come to now, and when the last that counts began (ms); null: none did yet. */
  isolationJudged(verdict: 'passed' | 'failed' | 'unknown', at: number | null): void;
}

/** What a request to the forge was about. */
export type ForgeCall =
  | 'app'
  | 'check-runs'
  | 'comments'
  | 'contents'
  | 'deliveries'
  | 'graphql'
  | 'people'
  | 'pull-requests'
  | 'reactions'
  | 'repositories'
  | 'tokens'
  | 'other';

const nothing = (): void => undefined;

/** Counts nothing. */
export const uncounted: Metrics = {
  deliveryAnswered: nothing,
  secretMatched: nothing,
  deliveryStored: nothing,
  passEnded: nothing,
  passConflicted: nothing,
  buildFinished: nothing,
  podStarted: nothing,
  turnFailed: nothing,
  forgeCalled: nothing,
  forgeAllows: nothing,
  redisCommanded: nothing,
  imageCopied: nothing,
  landingPublished: nothing,
  promotionTried: nothing,
  tagMoved: nothing,
  promotionsWait: nothing,
  isolationJudged: nothing,
};

/** How the whole installation stands, the same for every process that asks. Times are ms since the epoch, null: never. */
export interface Figures {
  /** When the newest webhook delivery was accepted, and when the last one was handed to its subjects. */
  readonly lastDeliveryAt: number | null;
  readonly lastRoutedAt: number | null;
  /** When the forge's list of deliveries was last read, and all repositories, each whole and without a failure. */
  readonly lastPollAt: number | null;
  readonly lastResyncAt: number | null;
  readonly intake: { readonly length: number; readonly pending: number; readonly oldestAt: number | null };
  readonly quarantined: number;
  /** Subjects whose events no pass has taken up. */
  readonly inboxes: number;
  readonly lines: readonly LineFigures[];
  readonly checkWrites: { readonly waiting: number; readonly oldestAt: number | null };
  /** Bytes; `max` null: no limit is set, or it is not told. */
  readonly memory: { readonly used: number | null; readonly max: number | null };
}

/** One pool's wanted line. */
export interface LineFigures {
  readonly pool: string;
  readonly waiting: number;
  readonly granted: number;
  readonly active: number;
  /** Since when the longest waiting one is wanted. */
  readonly oldestAt: number | null;
}
