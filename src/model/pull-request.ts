import type { Person } from './person.ts';
import type { Sha } from './sha.ts';

/** A pull request as the forge shows it now. With its head it is a Change; a push makes another Change. */
export interface PullRequest {
  readonly number: number;
  readonly title: string;
  readonly author: Person;
  readonly state: 'open' | 'closed' | 'merged';
  readonly draft: boolean;
  readonly head: Sha;
  /** Name of the head branch; text of an author, never to be interpreted. */
  readonly headRef: string;
  readonly baseRef: string;
  readonly labels: readonly string[];
  /** Milliseconds since the epoch. */
  readonly createdAt: number;
  readonly updatedAt: number;
  readonly url: string;
}

/** Something a person wrote on a pull request that may hold commands (commands.md §3). */
export interface Comment {
  readonly source: 'comment' | 'review' | 'review-comment' | 'body';
  /** Numeric id within its source; the pull request's number for `body`. */
  readonly id: number;
  readonly author: Person;
  /** True for what our own App wrote. */
  readonly ours: boolean;
  readonly text: string;
  readonly createdAt: number;
  /** It is not what was first written: never a command. */
  readonly edited: boolean;
}

/** Identity of a comment across sources. */
export function commentKey(comment: Pick<Comment, 'source' | 'id'>): string {
  return `${comment.source}/${comment.id}`;
}

/** A trusted person's consent to one exact head (`/ok-to-test FULLSHA` or the button). */
export interface Approval {
  readonly head: Sha;
  readonly by: Person;
  readonly permission: string;
  readonly at: number;
}
