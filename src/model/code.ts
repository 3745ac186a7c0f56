import type { ChangedFiles } from './matcher.ts';
import type { Sha } from './sha.ts';

export type MergeResult =
  | { readonly kind: 'merged'; readonly tree: Sha }
  | { readonly kind: 'conflict'; readonly paths: readonly string[] };

/** A pull request's code, fetched: what it would be merged onto its base now. */
export interface PreparedChange {
  readonly base: Sha;
  readonly head: Sha;
  readonly merge: MergeResult;
  /** From the merge base to the head. */
  readonly changed: ChangedFiles;
  /** Commit of the organisation's own file that counts now; left out: there is none. */
  readonly organisation?: Sha;
}

export type TreeEntry =
  | { readonly kind: 'file'; readonly executable: boolean; readonly bytes: number }
  | { readonly kind: 'symlink'; readonly target: string }
  | { readonly kind: 'folder' }
  | { readonly kind: 'submodule' }
  | { readonly kind: 'missing' };
