import type { ChangedFiles } from '../../model/matcher.ts';
import type { Sha } from '../../model/sha.ts';
import type { Version, VersionReading } from '../../model/version.ts';

/** A commit of the first-parent line whose version is another one than that of its first parent (T of versions.md §1). */
export interface Transition {
  readonly commit: Sha;
  readonly parent: Sha;
  readonly tree: Sha;
  readonly from: VersionReading;
  readonly to: VersionReading;
  /** What the commit itself changes. */
  readonly changed: ChangedFiles;
  /** What changes from this commit to the head of the push. */
  readonly since: ChangedFiles;
}

/** A release that was begun or made; it is never overwritten. */
export interface ReleaseRecord {
  readonly version: Version;
  readonly commit: Sha;
  readonly tree: Sha;
  readonly state: 'releasing' | 'released';
}

/** What the branch is to versions; `binds` is the major and minor that its name fixes, null: none, or that one is open. */
export type BranchRole =
  | { readonly kind: 'main' }
  | {
      readonly kind: 'release';
      readonly binds: readonly [string | null, string | null] | null;
      readonly makesDev: boolean;
    }
  /** In `dev.branches` alone. */
  | { readonly kind: 'dev' }
  | { readonly kind: 'other' };

/** Everything that decides what a push does (versions.md §2), of one component. */
export interface PushFacts {
  readonly branch: string;
  readonly role: BranchRole;
  /** `cut`: a new branch on a commit that another branch has already. */
  readonly change: 'pushed' | 'forced' | 'cut' | 'deleted';
  readonly after: Sha;
  /** Path of the version's file. */
  readonly file: string;
  readonly version: VersionReading;
  /** Where it could not be found out, a build is made. */
  readonly delta: ChangedFiles;
  /** Oldest first; where they could not be found out, nothing is released. */
  readonly transitions:
    | { readonly known: true; readonly list: readonly Transition[] }
    | { readonly known: false; readonly because: string };
  readonly records: readonly ReleaseRecord[];
  /** As ledgers say: nothing goes backwards. */
  readonly released: readonly Version[];
  /** What git tags and registries name and no ledger knows, as after a loss: nothing goes below it unasked; left out: nothing. */
  readonly unrecorded?: readonly {
    readonly version: Version;
    readonly where: string;
    /** Of a git tag; left out: of a registry's. */
    readonly commit?: Sha;
  }[];
  /** Released from commits that a forced push takes off the branch; left out: none. */
  readonly leaves?: readonly Version[];
  /** Who pushed it, and why that is nobody who may release; null: may. */
  readonly initiator: { readonly whyNot: string | null };
  readonly settings: ReleaseRules;
}

/** The part of `version:` that decides. */
export interface ReleaseRules {
  /** Whether a changed path alone makes no dev image; the version's own file, unless the project says otherwise. */
  readonly isSkipped: (path: string) => boolean;
  /** Null: a missing file is a mistake. */
  readonly fallback: Version | null;
  readonly prereleases: 'build' | 'ignore';
  readonly versionOnly: boolean;
  readonly allowBackfill: boolean;
  readonly onBranchCreatedWithFinal: 'hold' | 'build' | 'ignore';
  readonly cutBranch: boolean;
}
