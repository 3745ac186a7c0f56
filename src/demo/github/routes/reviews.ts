import { created, notFound, ok, page, unprocessable } from '../answers.ts';
import { type Answer, actingAccount, type Call, type RepositoryHandler, textField } from '../call.ts';
import { type PullIssue, pullsOf } from '../lookup.ts';
import { addReviewComment, dismissReview, submitReview } from '../reviews.ts';
import { inRepository, type Routes } from '../route.ts';
import { reviewCommentView, reviewView } from '../views/reviews.ts';
import type { Repository, Review } from '../world.ts';
import { withPull } from './pulls.ts';
import { changedSince, sorted } from './sorting.ts';

const read = ['pull_requests:read'];
const write = ['pull_requests:write'];

export const reviewRoutes: Routes = {
  'pulls/list-review-comments': inRepository(
    read,
    'read',
    withPull((call, repo, issue) => {
      const chosen = sorted(call, changedSince(call, issue.pull.reviewComments));
      return page(call, chosen, (comment) => reviewCommentView(call.world, repo, issue, comment));
    }),
  ),
  'pulls/list-review-comments-for-repo': inRepository(read, 'read', (call, repo) => {
    const all = pullsOf(repo).flatMap((issue) => issue.pull.reviewComments.map((comment) => ({ ...comment, issue })));
    const chosen = sorted(call, changedSince(call, all));
    return page(call, chosen, (comment) => reviewCommentView(call.world, repo, comment.issue, comment));
  }),
  'pulls/list-reviews': inRepository(
    read,
    'read',
    withPull((call, repo, issue) =>
      page(call, issue.pull.reviews, (review) => reviewView(call.world, repo, issue, review)),
    ),
  ),
  'pulls/create-review': inRepository(write, 'read', withPull(createReview)),
  'pulls/create-review-comment': inRepository(write, 'read', withPull(createReviewComment)),
  'pulls/get-review': inRepository(
    read,
    'read',
    withReview((call, repo, issue, review) => ok(reviewView(call.world, repo, issue, review))),
  ),
  'pulls/dismiss-review': inRepository(
    write,
    'write',
    withReview((call, repo, issue, review) => {
      const wish = { by: actingAccount(call), message: textField(call, 'message') ?? '' };
      const outcome = dismissReview(call.world, repo, issue, review, wish);
      return outcome.kind === 'refused'
        ? unprocessable(outcome.because)
        : ok(reviewView(call.world, repo, issue, review));
    }),
  ),
};

function withReview(
  handle: (call: Call, repo: Repository, issue: PullIssue, review: Review) => Answer,
): RepositoryHandler {
  return withPull((call, repo, issue) => {
    const review = issue.pull.reviews.find(({ id }) => id === Number(call.params.review_id));
    return review ? handle(call, repo, issue, review) : notFound();
  });
}

function createReview(call: Call, repo: Repository, issue: PullIssue): Answer {
  const by = actingAccount(call);
  const states = { APPROVE: 'APPROVED', REQUEST_CHANGES: 'CHANGES_REQUESTED', COMMENT: 'COMMENTED' } as const;
  const event = textField(call, 'event') as keyof typeof states | null;
  if (event !== null && event !== 'COMMENT' && by.id === issue.authorId) {
    return unprocessable(`Can not ${event === 'APPROVE' ? 'approve' : 'request changes on'} your own pull request`);
  }
  const commit = textField(call, 'commit_id');
  const state: Review['state'] = event === null ? 'PENDING' : states[event];
  const wish = { by, state, body: textField(call, 'body') ?? '', ...(commit !== null && { commit }) };
  return ok(reviewView(call.world, repo, issue, submitReview(call.world, repo, issue, wish)));
}

function createReviewComment(call: Call, repo: Repository, issue: PullIssue): Answer {
  const by = actingAccount(call);
  const line = Number(call.body.line ?? 1);
  const wish = { by, path: textField(call, 'path') ?? '', line, body: textField(call, 'body') ?? '' };
  return created(reviewCommentView(call.world, repo, issue, addReviewComment(call.world, repo, issue, wish)));
}
