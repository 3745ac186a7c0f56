import type { IssueWish, ObservedIssue, OpenIssue } from '../model/issue.ts';
import type { Project } from '../model/project.ts';

/** Issues that we open ourselves, and no others. Every call throws when no answer could be had. */
export interface Issues {
  /** Our own with any of these marks in its body, by mark, open or not; the oldest where somebody made a second. */
  find(project: Project, marks: readonly string[]): Promise<ReadonlyMap<string, ObservedIssue>>;
  /** Our own open ones with this in their bodies, the oldest first. */
  listOpen(project: Project, mark: string): Promise<readonly OpenIssue[]>;
  /**
   * Makes it what it should be, or opens it where there is none; its number then. `gone`: it was deleted meanwhile;
   * `refused`: the repository takes no issues. An answer that was lost may have been an opening: look before asking again.
   */
  write(project: Project, wish: IssueWish): Promise<number | 'gone' | 'refused'>;
}
