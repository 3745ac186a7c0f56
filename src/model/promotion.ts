import type { Project } from './project.ts';
import type { Digest, Sha } from './sha.ts';

/** How an image comes from the gate to where people pull it (images.md §2). */
export type PromotionMode = 'tag' | 'intermediate' | 'rebuild';

/** `promotion:` of a project, from the branch's own file. */
export interface PromotionSettings {
  readonly mode: PromotionMode;
  /** Where images of changes wait, without host of the final repository; null unless the mode is `intermediate`. */
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

/** One tag of one repository that a branch owns, and what it must name (images.md §3.2). */
export interface WantedTag {
  readonly repository: string;
  readonly tag: string;
  readonly digest: Digest;
  /** Name of the image, for people. */
  readonly image: string;
  readonly target: string | null;
  /** The landed commit that it is of. */
  readonly commit: Sha;
  readonly number: number;
  readonly staged: UploadPlace;
}

/** How far the promotion of one landing is. */
export interface LandingPromotion {
  readonly commit: Sha;
  readonly number: number;
  /** Sequence of its entry in the ledger: the order of tags. */
  readonly sequence: number;
  readonly landedAt: number;
  readonly images: readonly ImagePromotion[];
  /** Tags of all its images are what they must be; null: not yet (ms). */
  readonly doneAt: number | null;
}

export type ImagePromotion = RecordedImage & {
  readonly state:
    | { readonly kind: 'waiting' }
    /** Cannot go on for now; told with its reason, tried again. */
    | { readonly kind: 'stuck'; readonly because: string; readonly since: number; readonly tries: number }
    /** It is where people pull it, under its digest; tags are not all set. */
    | { readonly kind: 'copied' }
    | { readonly kind: 'promoted' }
    /** A later landing built the same tags: nothing is left for it to do. */
    | { readonly kind: 'superseded'; readonly by: number };
};

/** A change tag or staging upload that we made, until it is gone (images.md §3.6). */
export interface ListedUpload {
  readonly repository: string;
  readonly tag: string;
  readonly digest: Digest;
  readonly number: number;
  readonly candidate: Sha;
  readonly at: number;
  /** Left out: still there. `kept`: the registry cannot take it away, with the reason. */
  readonly kept?: string;
}

/** The document of a branch's promote line: it owns that branch's moving tags (design.md §2). */
export interface PromoteRecord {
  readonly schema: 1;
  readonly project: Project;
  readonly branch: string;
  /** Sequence of the newest entry of the ledger that was taken up; 0: none. */
  readonly seen: number;
  /** Landings whose images are not all where they belong, and the newest that are, oldest first. */
  readonly landings: readonly LandingPromotion[];
  readonly uploads: readonly ListedUpload[];
}
