import type { Build } from './build.ts';
import type { JobRecord } from './presubmit.ts';
import type { Project } from './project.ts';
import type { ImageRef } from './registry.ts';
import type { Digest, Sha } from './sha.ts';

/** How an image comes from the gate to where people pull it (images.md §2). */
export type PromotionMode = 'tag' | 'intermediate' | 'rebuild';

/** `promotion:` of a project, from the branch's own file. */
export interface PromotionSettings {
  readonly mode: PromotionMode;
  /** Place below which images of changes wait; null unless the mode is `intermediate`. */
  readonly staging: string | null;
  readonly executor: 'worker' | 'pod';
  /** Why this mode, for people. */
  readonly because?: string;
}

/** Where the uploader of one Build puts its image. */
export interface UploadPlace {
  readonly repository: string;
  /** The change tag: what keeps the digest from being collected (images.md §2). */
  readonly tag: string;
}

/** An image that the gate built and uploaded, as its landing records it: what promotion believes, and nothing else. */
export interface RecordedImage {
  readonly name: string;
  /** The stage, where an image has several. */
  readonly target: string | null;
  /** What people pull. */
  readonly repository: string;
  /** As the file says, with their `{{ … }}`: filled in with the commit that landed. */
  readonly tags: readonly string[];
  readonly digest: Digest;
  readonly staged: UploadPlace;
}

/** Why an image does not get on for now; it is tried again. */
export interface PromotionTrouble {
  readonly because: string;
  /** When it began, and when it was last tried (ms). */
  readonly since: number;
  readonly at: number;
  readonly tries: number;
  /** Somebody has to change something before it can come to anything; left out: it waits for a registry. */
  readonly refused?: true;
}

/** How far one image of a landing is. */
export type ImageState =
  | { readonly kind: 'waiting' }
  /** It is where people pull it, under its digest; its tags are not all set. */
  | { readonly kind: 'copied' }
  /** No registry has it any more: it is built again. */
  | { readonly kind: 'lost' }
  /** Every tag was read and names it. */
  | { readonly kind: 'promoted' }
  /** Later landings own all of its tags: nothing is left to do. */
  | { readonly kind: 'superseded' };

export type ImagePromotion = RecordedImage & {
  /** Its tags filled in, without those that a later landing has. */
  readonly owned: readonly string[];
  readonly state: ImageState;
  readonly trouble: PromotionTrouble | null;
  /** The last one, while what it kept from happening is tried again; left out: all is well. */
  readonly last?: PromotionTrouble;
};

/** What is to be where people pull it; `to` is a repository, and may be the one that it is in. */
export interface PromotedImage {
  readonly from: ImageRef;
  readonly to: string;
  readonly tags: readonly string[];
}

/** The pod that promotes a landing where the worker does not (`promotion.executor: pod`), the last one of it. */
export interface PromotionPod {
  readonly build: Build;
  readonly images: readonly PromotedImage[];
  /** That it failed was said of the images; left out: not yet. */
  readonly told?: true;
}

/** How far the promotion of one landing is. */
export interface LandingPromotion {
  /** Sequence of its entry in the ledger: the order of tags. */
  readonly sequence: number;
  readonly number: number;
  readonly commit: Sha;
  readonly landedAt: number;
  readonly images: readonly ImagePromotion[];
  /** Left out: there was none. */
  readonly pod?: PromotionPod;
  /** When all of it was seen to be where it belongs (ms); null: not yet. */
  readonly doneAt: number | null;
}

/** A build of what landed, at the commit that landed: where the gate uploads nothing, or what it uploaded is lost (images.md §2, §3.1). */
export interface Rebuild {
  /** Number of the landing in the ledger. */
  readonly sequence: number;
  readonly number: number;
  readonly commit: Sha;
  readonly tree: Sha;
  readonly because: string;
  /** Names of images that were lost; null: all that are published. */
  readonly lost: readonly string[] | null;
  /** Null: not decided yet, the configuration was not read. */
  readonly jobs: readonly JobRecord[] | null;
  /** Counts how often it was begun, and when it failed last (ms). */
  readonly request: number;
  readonly failedAt: number | null;
  /** Why the index over what its platforms uploaded could not be written; left out: nothing keeps it. */
  readonly waits?: string;
}

/** A change tag that we made, until it is gone (images.md §3.6). */
export interface ListedUpload extends UploadPlace {
  /** Null: found by its tag alone. */
  readonly digest: Digest | null;
  readonly number: number;
  /** The first 12 digits of the candidate that it is of. */
  readonly candidate: string;
  /** Number of the landing in the ledger that it was promoted for; null: it has not landed. */
  readonly sequence: number | null;
  /** Since when (ms) nothing names it any more; null: something does. */
  readonly goneAt: number | null;
  /** Why the registry does not take it away; left out: it was not asked yet. */
  readonly kept?: string;
}

/** A tag that landings of a branch set one after the other, and since when without a break (ms). */
export interface HeldTag {
  readonly repository: string;
  readonly tag: string;
  readonly since: number;
}

/** The document of a branch's promote line: it owns that branch's moving tags (design.md §2). */
export interface PromoteRecord {
  readonly schema: 1;
  readonly project: Project;
  readonly branch: string;
  /** Landings that are not promoted, and the newest that are, oldest first. */
  readonly landings: readonly LandingPromotion[];
  readonly uploads: readonly ListedUpload[];
  /** Tags that this branch says are its own, and since which landing (ms); left out: none. */
  readonly claims?: readonly HeldTag[];
  /** What it said so when it was last there; left out: it is there. */
  readonly left?: readonly HeldTag[];
  /** Left out: nothing is built again. */
  readonly rebuilds?: readonly Rebuild[];
  /** Of what nothing waits for any more, the builds whose pods have not ended, which keep their slots; left out: none. */
  readonly going?: readonly JobRecord[];
  /** When all tags were last looked at though nothing had happened (ms); 0: never. */
  readonly sweptAt: number;
  /** How often that was; left out: never. With each, other landings have their turn. */
  readonly sweeps?: number;
  /** When the tags of its repositories were last listed (ms); left out: never. */
  readonly listedAt?: number;
}
