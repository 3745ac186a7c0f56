import type { BranchReading } from '../../model/landing.ts';
import type { LineEntry } from '../../model/line.ts';
import type { PlannedTree } from '../../model/presubmit.ts';
import type { PromoteEffect } from '../../model/promote-effect.ts';
import type { PromoteRecord, PromotionSettings, UploadPlace } from '../../model/promotion.ts';
import type { ImageRef, RegistryTroubleKind, TagOutcome, UntagOutcome } from '../../model/registry.ts';
import type { Digest, Sha } from '../../model/sha.ts';
import type { SubjectId } from '../../model/subject.ts';
import type { BuildFacts } from '../presubmit/advance-build.ts';
import type { TreeFacts } from '../presubmit/facts.ts';
import type { WantedIndex, WrittenIndexes } from './collect-images.ts';
import type { MovedTag } from './moved-tags.ts';
import type { NamedCandidate } from './places.ts';
import type { Failing } from './trouble.ts';

/** What a registry said of one reference in this pass. */
export type Look =
  | { readonly kind: 'found'; readonly digest: Digest }
  | { readonly kind: 'absent' }
  | { readonly kind: 'trouble'; readonly trouble: RegistryTroubleKind; readonly because: string };

/** How a copy stands that this worker, or another one, was asked for. */
export type CopyState = { readonly kind: 'running' } | ({ readonly kind: 'failed'; readonly at: number } & Failing);

export function lookKey(repository: string, reference: string): string {
  return reference.startsWith('sha256:') ? `${repository}@${reference}` : `${repository}:${reference}`;
}

export function copyKey(from: ImageRef, to: string): string {
  return `${from.repository}@${from.digest} ${to}`;
}

/** One consistent look at the world for a pass over a promote line. */
export interface PromoteFacts extends BuildFacts {
  readonly subject: SubjectId;
  /** Branch and ledger in one look; null: they could not be read. */
  readonly reading: BranchReading | null;
  /** Number of the newest landing in the ledger that the branch still holds. */
  readonly standing: number;
  /** Numbers in the ledger of what was pushed and the branch does not hold any more, ascending. */
  readonly gone: readonly number[];
  /** From the branch's own file; null: it could not be read. */
  readonly settings: PromotionSettings | null;
  /** Landings of which nothing is published, as only their version changed (versions.md §2, V6); asked where landings are built again. Null: it is not known now. */
  readonly skipped: ReadonlySet<Sha> | null;
  /** Repositories in which images of its changes wait, as the branch's own file says; empty: none, or it could not be read. */
  readonly waiting: readonly string[];
  /** Of commits that are built again, by `treeKey`. */
  readonly trees: ReadonlyMap<string, TreeFacts>;
  /** Over the platforms of an image. */
  readonly indexes: WrittenIndexes;
  /** By `lookKey`, asked in this pass. */
  readonly looks: ReadonlyMap<string, Look>;
  /** By `copyKey`; not there: nobody copies. */
  readonly copies: ReadonlyMap<string, CopyState>;
  /** What came of tags that were set since the record was saved, by `lookKey`. */
  readonly tagged: ReadonlyMap<string, TagOutcome | ({ readonly kind: 'failed' } & Failing)>;
  readonly untagged: ReadonlyMap<string, UntagOutcome>;
  /** Tags of repositories that were listed in this pass; null: that could not be done. */
  readonly listings: ReadonlyMap<string, readonly string[] | null>;
  /** What the queue's candidates uploaded, as far as it still knows them. */
  readonly queued: readonly QueuedUpload[];
  /** Candidates that still stand in the queue, by `queuedKey`, whatever is known of their uploads. */
  readonly candidates: ReadonlySet<string>;
  /** Of tags that only a listing showed: whether that candidate is this project's, by `candidateKey`. */
  readonly ours: ReadonlyMap<string, boolean>;
  /** Why this branch may not set a tag that another one has, by `lookKey`; null: it may; not there: nobody looked. */
  readonly foreign: ReadonlyMap<string, string | null>;
  /** The branch of a later version, of its own line, that has a tag of this branch, by `tagKey`; null: that is not known. */
  readonly passed: ReadonlyMap<string, string> | null;
  /** Somebody asked to try again at once. */
  readonly asked: boolean;
  /** Check runs that are concluded, by external id. */
  readonly told: ReadonlySet<string>;
}

/** Names a candidate (its first 12 digits) of a change. */
export function queuedKey({ number, candidate }: Pick<QueuedUpload, 'number' | 'candidate'>): string {
  return `${number} ${candidate}`;
}

/** An upload as the queue knows it. */
export interface QueuedUpload extends UploadPlace {
  readonly digest: Digest;
  readonly number: number;
  readonly candidate: string;
}

/** A reference that is to be looked at before the plan counts. */
export interface WantedLook {
  readonly repository: string;
  readonly reference: string;
}

/** What is to be had before a plan counts. */
export interface PromoteWants {
  readonly looks: readonly WantedLook[];
  /** Tags that are to be set: whether another branch has them. */
  readonly tags: readonly WantedLook[];
  /** Repositories whose tags are to be listed. */
  readonly listings: readonly string[];
  /** Commits whose configuration is to be read, with their trees. */
  readonly trees: readonly PlannedTree[];
  readonly indexes: readonly WantedIndex[];
  /** Candidates of which it is to be known whether they are this project's. */
  readonly candidates: readonly NamedCandidate[];
}

export interface PromotePlan {
  readonly record: PromoteRecord;
  readonly effects: readonly PromoteEffect[];
  readonly reasons: readonly string[];
  /** Tags that somebody else moved since they were right. */
  readonly moved: readonly MovedTag[];
  /** All empty: the plan counts. */
  readonly wants: PromoteWants;
  readonly line: readonly Omit<LineEntry, 'subject'>[];
  readonly wakeAt: number | null;
}
