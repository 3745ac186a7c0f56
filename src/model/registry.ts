import type { Digest } from './sha.ts';

/** What a credential may be used for, and by whom (images.md §4): the uploader of a pod, our promoter, a build that pulls. */
export type RegistryUse = 'upload' | 'promote' | 'pull';

/** On whose behalf a registry is spoken to: credentials are bound to projects, branches and uses. */
export interface RegistryCaller {
  /** Id of the project. */
  readonly project: number;
  /** `owner/name` as the forge says it now: credentials may be bound to names. */
  readonly fullName: string;
  readonly branch: string;
  readonly use: RegistryUse;
}

/** An image by identity: never a bare tag (design.md §4). */
export interface ImageRef {
  /** With registry host, without tag: `quay.io/acme/api`. */
  readonly repository: string;
  readonly digest: Digest;
}

/** What a registry says is under a tag or a digest. */
export interface FoundManifest {
  readonly digest: Digest;
  readonly mediaType: string;
  /** Of the manifest itself. */
  readonly bytes: number;
}

/** One child of an index that we write (images.md §1 `platforms`). */
export interface IndexEntry {
  readonly digest: Digest;
  readonly mediaType: string;
  readonly bytes: number;
  /** `os/arch` or `os/arch/variant`. */
  readonly platform: string;
}

/** What came of setting a tag: read back and compared, never believed. */
export type TagOutcome =
  | { readonly kind: 'set' | 'same' }
  /** The registry lets nobody move it. */
  | { readonly kind: 'immutable'; readonly because: string };

/** What came of taking a tag away. Nothing is ever deleted by digest where others may tag (images.md §3.5). */
export type UntagOutcome =
  | { readonly kind: 'deleted' | 'absent' }
  /** It names another digest than the one that was expected: left alone. */
  | { readonly kind: 'other'; readonly digest: Digest }
  /** The registry cannot, or may not for us, delete a tag. */
  | { readonly kind: 'kept'; readonly because: string };

export interface Copied {
  /** Streamed through us, bytes; what was mounted or there already is not counted. */
  readonly bytes: number;
  readonly blobs: number;
  readonly mounted: number;
}

/**
 * Why a registry did not do what was asked. `away`: it may later (`retryAfterMs` as it said, null: it said nothing); `denied`:
 * nobody here may; `absent`: what was to be read is not there; `corrupt`: what came is not what its digest says; `refused`: it
 * will never take this.
 */
export type RegistryTroubleKind = 'away' | 'denied' | 'absent' | 'corrupt' | 'refused';

export class RegistryTrouble extends Error {
  readonly kind: RegistryTroubleKind;
  readonly retryAfterMs: number | null;

  constructor(kind: RegistryTroubleKind, because: string, retryAfterMs: number | null = null) {
    super(because);
    this.name = 'RegistryTrouble';
    this.kind = kind;
    this.retryAfterMs = retryAfterMs;
  }
}

const longestTag = 128;

/**
 * The change tag of another upload of the same candidate, for where tags are immutable: the digest stands behind the candidate,
 * and what the tag ends with stays. The same digest has the same.
 */
export function tagBeside(tag: string, digest: Digest): string {
  const mark = digest.replace('sha256:', '').slice(0, 12);
  const [, candidate = '', rest = tag] = /^(change_\d+_[0-9a-f]+_)(.*)$/s.exec(tag) ?? [];
  const start = `${candidate}${mark}_`;
  return `${start}${rest.slice(-(longestTag - start.length))}`;
}
