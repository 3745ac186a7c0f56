import type { GateSettings } from './gate-settings.ts';
import type { Image } from './image.ts';
import type { Job } from './job.ts';
import type { TrustSettings } from './trust.ts';
import type { VersionSettings } from './version-settings.ts';

/** One mistake in a configuration file: where, what was found, what to write instead. */
export interface ConfigProblem {
  readonly file: string;
  /** From 1. */
  readonly line: number;
  readonly column: number;
  /** Path in the document, as `jobs.unit.timeout`; empty for the document itself. */
  readonly path: string;
  readonly message: string;
  /** What to write instead; null where nothing can be said. */
  readonly hint: string | null;
}

/** `.sluice.yaml` with defaults filled in (config.md). */
export interface ProjectConfig {
  /** `none`: the repository has no file of ours and was given the defaults. */
  readonly origin: 'file' | 'none';
  readonly mode: 'active' | 'shadow';
  readonly images: readonly Image[];
  /** By name, in the order of the file; the defaults that `images:` alone gives included. */
  readonly jobs: readonly Job[];
  readonly trust: TrustSettings;
  readonly gate: GateSettings;
  /** What people should read beside what it comes to, as sentences without a point; left out: nothing. */
  readonly notes?: readonly string[];
  /** Null: the file says nothing of versions. */
  readonly version: VersionSettings | null;
}

/** What a commit's `.sluice.yaml` gave. */
export type ConfigState =
  | { readonly kind: 'valid'; readonly config: ProjectConfig }
  | { readonly kind: 'invalid'; readonly problems: readonly ConfigProblem[] }
  /** The file could not be read now; nothing may be decided on it. */
  | { readonly kind: 'unreadable'; readonly because: string };

/** The file's name at the root of a repository. */
export const configFile = '.sluice.yaml';
