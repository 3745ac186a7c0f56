import { happen } from './events.ts';
import { nodeId } from './ids.ts';
import type { PullIssue } from './lookup.ts';
import { noteEvent } from './pulls.ts';
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

/** Takes a review back; a comment cannot be, and a dismissed one stays so. */
export function dismissReview(
  world: World,
  repo: Repository,
  issue: PullIssue,
  review: Review,
  { by, message }: { readonly by: Account; readonly message: string },
): { kind: 'dismissed' } | { kind: 'refused'; because: string } {
  const was = review.state.toLowerCase();
  if (was !== 'approved' && was !== 'changes_requested') {
    return { kind: 'refused', because: `Can not dismiss a ${was} pull request review` };
  }
  review.state = 'DISMISSED';
  issue.updatedAt = world.now();
  const dismissed_review = { state: was, review_id: review.id, dismissal_message: message };
  noteEvent(world, issue, 'review_dismissed', by, { dismissed_review });
  tellReview(world, repo, issue, review, 'dismissed', by);
  return { kind: 'dismissed' };
}

/** Resolves a conversation, or opens it again; nothing is sent if it is so already. */
export function setResolved(
  world: World,
  repo: Repository,
  issue: PullIssue,
  root: ReviewComment,
  { by, resolved }: { readonly by: Account; readonly resolved: boolean },
): void {
  if ((root.resolvedById !== null) === resolved) return;
  root.resolvedById = resolved ? by.id : null;
  const body = {
    thread: {
      node_id: nodeId('PullRequestReviewThread', root.id),
      comments: [reviewCommentView(world, repo, issue, root)],
    },
    pull_request: simplePullView(world, repo, issue),
  };
  const action = resolved ? 'resolved' : 'unresolved';
  happen(world, { event: 'pull_request_review_thread', action, sender: by, repository: repo, body });
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
