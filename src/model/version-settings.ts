import type { Matcher } from './matcher.ts';
import type { Version, VersionScheme } from './version.ts';

/** `version:` of a project with defaults filled in (versions.md §1). */
export interface VersionSettings {
  /** Never empty; the only one of a project with `file` has no name. */
  readonly components: readonly VersionComponent[];
  readonly scheme: VersionScheme;
  /** Branch of which only dev images are made; null: the default branch. */
  readonly main: string | null;
  /** The first that fits counts. */
  readonly releaseBranches: readonly ReleaseBranches[];
  readonly dev: DevSettings;
  readonly release: ReleaseSettings;
  /** Written before the version in tags; empty: nothing. */
  readonly tagPrefix: string;
  readonly onTag: 'promote' | 'build' | 'ignore';
  /** Branches whose commits may be tagged, beside those of releases. */
  readonly onTagFrom: readonly Matcher[];
  readonly onBranchCreatedWithFinal: 'hold' | 'build' | 'ignore';
  readonly prereleases: 'build' | 'ignore';
  readonly automation: {
    readonly cutBranch: boolean;
    readonly nextDev: boolean;
    /** Null: all of them. */
    readonly keepBranches: number | null;
  };
}

export interface VersionComponent {
  readonly name: string | null;
  readonly file: string;
  /** Files that belong to it; null: all. */
  readonly paths: readonly Matcher[] | null;
  /** Of its git tags; null: that of the project. */
  readonly tagPrefix: string | null;
}

/** Branches of which releases are made. */
export interface ReleaseBranches {
  readonly source: string;
  readonly matches: (branch: string) => boolean;
  /** Major and minor that a matching branch is bound to by its name, null where it leaves one open. */
  readonly binds: (branch: string) => readonly [string | null, string | null];
}

export interface DevSettings {
  /** Null: main and the release branches. */
  readonly branches: readonly Matcher[] | null;
  /** Pushes that change only these make no image. */
  readonly skipIfOnly: readonly Matcher[];
  readonly tags: readonly string[];
  readonly immutable: readonly string[];
  /** Null: a missing file is a mistake. */
  readonly fallback: Version | null;
}

export interface ReleaseSettings {
  /** Logins, and teams as `team:ORG/NAME`; null: whoever may push to the branch. */
  readonly initiators: readonly string[] | null;
  readonly tags: readonly string[];
  readonly moving: readonly string[];
  /** Jobs that must be green on the commit. */
  readonly needs: readonly string[];
  readonly versionOnly: boolean;
  readonly allowBackfill: boolean;
}
