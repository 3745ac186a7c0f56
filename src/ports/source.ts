import type { MergeResult, PreparedChange, TreeEntry } from '../model/code.ts';
import type { Project } from '../model/project.ts';
import type { Sha } from '../model/sha.ts';

export type { MergeResult, PreparedChange, TreeEntry };

/** Local bare clones: everything that is read of a repository's content. Throws when the forge or git give no answer. */
export interface Source {
  /**
   * Fetches the base branch's tip, as known some seconds ago at most, and the head by full SHA and merges them; null when
   * either is not to be had.
   */
  prepare(project: Project, number: number, baseRef: string, head: Sha): Promise<PreparedChange | null>;
  /**
   * A branch went from one commit to another, as the forge told: what was pushed is fetched ahead of need, and the new tip
   * counts. Only a hint: losing it costs time.
   */
  noteTip(project: Project, branch: string, before: Sha, after: Sha): Promise<void>;
  /** Where a branch points, as known some seconds ago at most; null: there is no such branch. */
  tipOf(project: Project, branch: string): Promise<Sha | null>;
  /** A regular file's text at a commit or tree, read as a git object; null when there is none. Throws over `maxBytes`. */
  readText(project: Project, at: Sha, path: string, maxBytes: number): Promise<string | null>;
  /** What stands at these paths of a commit or tree. */
  entries(project: Project, at: Sha, paths: readonly string[]): Promise<ReadonlyMap<string, TreeEntry>>;
}
