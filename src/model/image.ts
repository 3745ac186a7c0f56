import type { FromRule } from './from.ts';
import type { Matcher } from './matcher.ts';

export type BuilderName = 'kaniko' | 'buildkit' | 'buildah';

/** One entry of `images:` (images.md §1), defaults filled in. */
export interface Image {
  readonly name: string;
  /** With registry host, no tag; null where nothing was named (then nothing can be pushed). */
  readonly repository: string | null;
  /** Directory below the repository root, `.` for the root itself; no leading or trailing slash. */
  readonly context: string;
  /** Candidates in order; the first that exists is taken. */
  readonly containerFilename: readonly string[];
  /** Stages to build, one image each; empty: the last stage only, with every other stage built too. */
  readonly targets: readonly string[];
  readonly buildArgs: Readonly<Record<string, string>>;
  readonly labels: Readonly<Record<string, string>>;
  readonly tags: readonly string[];
  /** `os/arch` names; empty: the builder's own platform. */
  readonly platforms: readonly string[];
  /** `owner/name` of other projects checked out beside. */
  readonly siblings: readonly string[];
  readonly extraEnv: Readonly<Record<string, string>>;
  /** Rules by which bases in its container file are replaced. */
  readonly from: readonly FromRule[];
  /** Null: no matcher. */
  readonly onlyIf: readonly Matcher[] | null;
  readonly skipIf: readonly Matcher[] | null;
  /** Null: the server's default. */
  readonly builder: BuilderName | null;
}
