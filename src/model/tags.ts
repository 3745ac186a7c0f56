import type { Project } from './project.ts';
import type { ReleaseWish } from './release.ts';
import type { Sha } from './sha.ts';

/** What a git tag came to: a release that is asked for, or a word on its commit. */
export type TagCame =
  | { readonly kind: 'asks'; readonly wish: ReleaseWish }
  | { readonly kind: 'says'; readonly conclusion: 'success' | 'failure' | 'skipped'; readonly because: string };

/** A tag of which people, or its release, are not known to have heard. */
export interface OpenTag {
  readonly tag: string;
  readonly commit: Sha;
  /** When it was first seen (ms). */
  readonly at: number;
  readonly came: TagCame;
}

/** The document of a project's git tags. */
export interface TagsRecord {
  readonly schema: 1;
  readonly project: Project;
  /** Where each was when it was last looked at. */
  readonly seen: Readonly<Record<string, Sha>>;
  readonly open: readonly OpenTag[];
}
