import type { BuildId } from '../model/build.ts';
import type { ForgeEvent } from '../model/forge-event.ts';
import type { LineEntry } from '../model/line.ts';
import type { SubjectId } from '../model/subject.ts';
import type { Topic } from '../model/topic.ts';

/** A subject's document as it was read; version 0 and a null document when there is none. */
export interface StoredDocument {
  readonly version: number;
  readonly document: unknown;
}

/** What is kept beside a document, derived from it and written in the same script. */
export interface SubjectIndex {
  /** All entries of this subject in the wanted line, replacing those it had; a `granted` one stays granted. */
  readonly line: readonly Omit<LineEntry, 'subject'>[];
  /** When a pass should happen without any event, ms since the epoch; null: never. */
  readonly wakeAt: number | null;
  /** What it waits to hear of, replacing what it waited for before; left out: nothing. */
  readonly topics?: readonly Topic[];
  /** Document needs no more passes and may be dropped after the retention time. */
  readonly settled: boolean;
}

/** One line of the history that people read: what was decided and why. */
export interface Decision {
  readonly at: number;
  readonly reasons: readonly string[];
  readonly effects: readonly string[];
}

export interface SaveRequest {
  readonly subject: SubjectId;
  /** The version that was loaded; another one there now is a conflict. */
  readonly expected: number;
  readonly document: unknown;
  readonly index: SubjectIndex;
  /** Null: nothing worth telling. */
  readonly decision: Decision | null;
  /** Deliveries whose inbox entries this document has taken up. */
  readonly taken: readonly string[];
  /** A line that was looked at for this decision: changed since `version`, nothing is saved, and that is a conflict too. */
  readonly line?: LineVersion;
}

export interface DocumentStore {
  load(subject: SubjectId): Promise<StoredDocument>;
  /** One script: compare version, write document, index and decision, remove taken inbox entries. */
  save(request: SaveRequest): Promise<'saved' | 'conflict'>;
  /** Events that were routed to this subject and not yet taken up, oldest first. */
  inbox(subject: SubjectId): Promise<readonly ForgeEvent[]>;
  /** Subjects whose wake time is not after `now`, and those with a non-empty inbox. */
  due(now: number): Promise<readonly SubjectId[]>;
  subjects(): Promise<readonly SubjectId[]>;
  /** Who waits to hear of this. */
  hearers(topic: Topic): Promise<readonly SubjectId[]>;
  /** Newest last, at most `count`. */
  history(subject: SubjectId, count: number): Promise<readonly Decision[]>;
}

export interface TakenEvent {
  /** Names it to `finish`. */
  readonly entry: string;
  readonly event: ForgeEvent;
  /** How often it was taken before. */
  readonly attempts: number;
}

/** The durable way from a delivery to the subjects it concerns (intake §2). */
export interface Intake {
  /**
   * Records GUID and event in one script and returns when that is durable; throws when it is not. Whom the event concerns
   * without asking anybody gets it into its inbox right away; without `subjects` it waits to be taken.
   */
  accept(event: ForgeEvent, subjects?: readonly SubjectId[]): Promise<'stored' | 'duplicate'>;
  /** Which of these GUIDs were accepted within the last 7 days. */
  seen(guids: readonly string[]): Promise<ReadonlySet<string>>;
  /** Waits up to `waitMs` for events nobody works on, and those left by a dead worker for over 10 s. */
  take(count: number, waitMs: number): Promise<readonly TakenEvent[]>;
  /** Puts the event into these subjects' inboxes and ends it, in one script; again changes nothing. No subject: only ends it. */
  finish(entry: string, event: ForgeEvent, subjects: readonly SubjectId[]): Promise<void>;
  /** Sets a poison event aside, with the reason, where people can look at it. */
  quarantine(entry: string, event: ForgeEvent, because: string): Promise<void>;
}

/** A line as it was read. */
export interface LineVersion {
  readonly pool: string;
  readonly version: number;
}

/** The wanted line, one per pool, derived from the documents. */
export interface WantedLine {
  read(pool: string): Promise<{ readonly version: number; readonly entries: readonly LineEntry[] }>;
  /**
   * Turns waiting into granted if nothing in the line, nor in those `beside` it that were looked at for this, changed since its
   * version; else `changed` and nothing happened.
   */
  grant(
    pool: string,
    version: number,
    builds: readonly BuildId[],
    beside?: readonly LineVersion[],
  ): Promise<'granted' | 'changed'>;
  pools(): Promise<readonly string[]>;
}

/**
 * `last-…`: when something last went well, in ms since the epoch. `line`: whether what is known of it is all there is.
 * `resynced-life`: in which life of the server it was last looked for what an older state knows nothing of; `resynced-projects`: a
 * life, and of which repositories that was done in it, by their ids.
 * `installations-changed`: the last delivery that told of another installation, or of other repositories in one.
 */
export type NoteName =
  | 'line'
  | 'delivery-watermark'
  | 'first-seen-repositories'
  | 'isolation'
  | 'state-since'
  | 'last-poll'
  | 'last-resync'
  | 'resynced-life'
  | 'resynced-projects'
  | 'installations-changed'
  | 'redelivery-tries';

/** Small durable values that belong to no subject: watermarks and leases. */
export interface Notes {
  read(name: NoteName): Promise<string | null>;
  write(name: NoteName, value: string): Promise<void>;
  /** Another one after each start of the server: all that is here may then be older than what was done. Empty: it does not say. */
  life(): Promise<string>;
  /** True when `holder` now has (or keeps) the lease for so many ms. */
  lease(name: string, holder: string, milliseconds: number): Promise<boolean>;
}
