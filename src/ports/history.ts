import type { ChangedFiles } from '../model/matcher.ts';
import type { Project } from '../model/project.ts';
import type { Sha } from '../model/sha.ts';
import type { MergeReading, PushReading } from '../model/version.ts';

/** What was pushed, read from git alone. Every call throws when a commit is not to be had. */
export interface History {
  /** Between two commits and along the first-parent line of what the second has and the first has not; `path` is the file of a version. */
  push(project: Project, before: Sha, after: Sha, path: string): Promise<PushReading>;
  /** What a merge onto a commit that gave this tree would change; `path` is the file of a version. */
  merged(project: Project, base: Sha, tree: Sha, path: string): Promise<MergeReading>;
  /** Between the trees of two commits. */
  changed(project: Project, from: Sha, to: Sha): Promise<ChangedFiles>;
  /** Every git tag with the commit that it leads to, read now; what names no commit is left out. */
  tags(project: Project): Promise<ReadonlyMap<string, Sha>>;
  /** Every branch with where it points, read now. */
  branches(project: Project): Promise<Map<string, Sha>>;
  /** The whole message of a commit. */
  message(project: Project, commit: Sha): Promise<string>;
}
