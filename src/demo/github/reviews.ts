import { happen } from './events.ts';
import type { PullIssue } from './lookup.ts';
import { simplePullView } from './views/pulls.ts';
import { reviewCommentView, reviewView } from './views/reviews.ts';
import type { Account, Repository, Review, ReviewComment, World } from './world.ts';

export interface NewReview {
  readonly by: Account;
  readonly state: Review['state'];
  readonly body: string;
  /** Full SHA; the head if absent. */
  readonly commit?: string;
}

/** Submits a review of one commit; a later push does not move it. */
export function submitReview(world: World, repo: Repository, issue: PullIssue, wish: NewReview): Review {
  const at = world.now();
  const review: Review = {
    id: world.ids.next(),
    authorId: wish.by.id,
    state: wish.state,
    body: wish.body,
    commit: wish.commit ?? issue.pull.headSha,
    createdAt: at,
    submittedAt: at,
    editedAt: null,
    reactions: [],
  };
  issue.pull.reviews.push(review);
  issue.updatedAt = at;
  // A review without an event waits for its author to submit it.
  if (wish.state !== 'PENDING') tellReview(world, repo, issue, review, 'submitted', wish.by);
  return review;
}

export function tellReview(
  world: World,
  repo: Repository,
  issue: PullIssue,
  review: Review,
  action: 'submitted' | 'edited' | 'dismissed',
  sender: Account,
  extra: Readonly<Record<string, unknown>> = {},
): void {
  const view = reviewView(world, repo, issue, review);
  // In webhooks the state is in lower case, other than over REST.
  const body = {
    review: { ...view, state: review.state.toLowerCase(), updated_at: view.submitted_at },
    pull_request: simplePullView(world, repo, issue),
    ...extra,
  };
  happen(world, { event: 'pull_request_review', action, sender, repository: repo, body });
}

/** The last word of each reviewer, as GitHub counts it: a comment takes nothing back, a dismissal does. */
export function latestOpinions({ pull }: PullIssue): Review[] {
  const opinions = pull.reviews.filter(({ state }) => state !== 'COMMENTED' && state !== 'PENDING');
  return [...new Map(opinions.map((review) => [review.authorId, review])).values()];
}

/** How many conversations are open; each line comment begins one. */
export function unresolvedThreads({ pull }: PullIssue): number {
  return pull.reviewComments.filter(({ resolvedById }) => resolvedById === null).length;
}

/** A comment on one line of the head, as a review of its own. */
export function addReviewComment(
  world: World,
  repo: Repository,
  issue: PullIssue,
  wish: { readonly by: Account; readonly path: string; readonly line: number; readonly body: string },
): ReviewComment {
  const review = submitReview(world, repo, issue, { by: wish.by, state: 'COMMENTED', body: '' });
  const comment: ReviewComment = {
    id: world.ids.next(),
    reviewId: review.id,
    authorId: wish.by.id,
    path: wish.path,
    line: wish.line,
    commit: issue.pull.headSha,
    diffHunk: '@@ -1 +1 @@',
    body: wish.body,
    createdAt: world.now(),
    updatedAt: world.now(),
    resolvedById: null,
    reactions: [],
  };
  issue.pull.reviewComments.push(comment);
  const body = {
    comment: reviewCommentView(world, repo, issue, comment),
    pull_request: simplePullView(world, repo, issue),
  };
  happen(world, { event: 'pull_request_review_comment', action: 'created', sender: wish.by, repository: repo, body });
  return comment;
}
