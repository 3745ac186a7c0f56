import { nodeId } from '../ids.ts';
import { accountOf, type PullIssue } from '../lookup.ts';
import type { Repository, Review, ReviewComment, World } from '../world.ts';
import { userView } from './accounts.ts';
import { authorAssociation, reactionRollup } from './issues.ts';
import { isoTime, repositoryApi, repositoryPage } from './urls.ts';

/** GitHub's `pull-request-review`. */
export function reviewView(world: World, repo: Repository, issue: PullIssue, review: Review) {
  const html = `${repositoryPage(world, repo)}/pull/${issue.number}#pullrequestreview-${review.id}`;
  const pull = `${repositoryApi(world, repo)}/pulls/${issue.number}`;
  return {
    id: review.id,
    node_id: nodeId('PullRequestReview', review.id),
    user: userView(world, accountOf(world, review.authorId)),
    body: review.body,
    state: review.state,
    html_url: html,
    pull_request_url: pull,
    author_association: authorAssociation(world, repo, review.authorId),
    _links: { html: { href: html }, pull_request: { href: pull } },
    submitted_at: isoTime(review.submittedAt),
    commit_id: review.commit,
  };
}

/** GitHub's `pull-request-review-comment`. */
export function reviewCommentView(world: World, repo: Repository, issue: PullIssue, comment: ReviewComment) {
  const url = `${repositoryApi(world, repo)}/pulls/comments/${comment.id}`;
  const html = `${repositoryPage(world, repo)}/pull/${issue.number}#discussion_r${comment.id}`;
  const pull = `${repositoryApi(world, repo)}/pulls/${issue.number}`;
  return {
    url,
    pull_request_review_id: comment.reviewId,
    id: comment.id,
    node_id: nodeId('PullRequestReviewComment', comment.id),
    diff_hunk: comment.diffHunk,
    path: comment.path,
    position: 1,
    original_position: 1,
    commit_id: comment.commit,
    original_commit_id: comment.commit,
    user: userView(world, accountOf(world, comment.authorId)),
    body: comment.body,
    created_at: isoTime(comment.createdAt),
    updated_at: isoTime(comment.updatedAt),
    html_url: html,
    pull_request_url: pull,
    author_association: authorAssociation(world, repo, comment.authorId),
    _links: { self: { href: url }, html: { href: html }, pull_request: { href: pull } },
    reactions: reactionRollup(`${url}/reactions`, comment.reactions),
    start_line: null,
    original_start_line: null,
    start_side: null,
    line: comment.line,
    original_line: comment.line,
    side: 'RIGHT',
    subject_type: 'line',
  };
}
