import type { ChangedFiles } from './matcher.ts';
import type { Sha } from './sha.ts';

/** What a version is for (versions.md §1): `symbolic` is `today` of the scheme date-epoch. */
export type VersionKind = 'final' | 'dev' | 'pre' | 'symbolic';

/** How a version is written. */
export type VersionScheme = 'semver' | 'date-epoch' | VersionRule;

/** A project's own expression, with the groups `major`, `minor`, `patch` and `prerelease`, as far as it has them. */
export interface VersionRule {
  readonly regex: string;
  /** What its groups hold of a text that it describes whole; null: it does not. */
  readonly groups: (text: string) => Readonly<Record<string, string | null>> | null;
}

export interface Version {
  /** As it was written, with a leading `v` where there is one. */
  readonly raw: string;
  readonly kind: VersionKind;
  /** Major, minor, patch (or epoch, patch) as digits without leading zeros: any length is compared exactly. */
  readonly numbers: readonly string[];
  /** Identifiers of the prerelease; empty: none. */
  readonly prerelease: readonly string[];
  /** After `+`; null: none. Never counts in an order. */
  readonly build: string | null;
}

/** What stands where a version is kept at one commit. */
export type VersionReading =
  | { readonly kind: 'version'; readonly version: Version }
  | { readonly kind: 'absent' }
  /** `because` is a sentence for the author, `line` the line it is about. */
  | { readonly kind: 'broken'; readonly because: string; readonly line: number };

/** What a tree has where a version is kept. */
export type VersionFile =
  | { readonly kind: 'file'; readonly bytes: Uint8Array }
  | { readonly kind: 'absent' }
  /** A link, a folder, a submodule: it is named. */
  | { readonly kind: 'other'; readonly what: string };

/** A commit of a first-parent line that changes one file. */
export interface FileStep {
  readonly commit: Sha;
  readonly parent: Sha;
  readonly tree: Sha;
  readonly before: VersionFile;
  readonly after: VersionFile;
  /** What the commit changes against its first parent. */
  readonly changed: ChangedFiles;
  /** What is different at the head of the push. */
  readonly since: ChangedFiles;
}

/** What a merge that nobody made would do to its base, read from git alone. */
export interface MergeReading {
  /** The version's file at the base, and in the merged tree. */
  readonly before: VersionFile;
  readonly after: VersionFile;
  readonly changed: ChangedFiles;
}

/** What a push did to a branch, read from git alone: never from what the forge lists of it (versions.md §3). */
export interface PushReading {
  /** The version's file at its head. */
  readonly file: VersionFile;
  /** Between the two trees, whatever lies between them. */
  readonly changed: ChangedFiles;
  /** Oldest first: what the branch's first-parent line has now and had not before. */
  readonly steps:
    | { readonly known: true; readonly list: readonly FileStep[] }
    | { readonly known: false; readonly because: string };
}
