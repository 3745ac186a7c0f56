import { tellCheckRun, tellSuite } from '../checks.ts';
import { addComment, changeComment, removeComment } from '../comments.ts';
import { accountNamed, type PullIssue, pullNamed, repositoryNamed } from '../lookup.ts';
import { addReviewComment, dismissReview, setResolved, submitReview, tellReview } from '../reviews.ts';
import type { Comment, Repository, Review, ReviewComment, World } from '../world.ts';

export interface ReviewWish {
  readonly repo: string;
  readonly number: number;
  readonly by: string;
  readonly state: 'APPROVED' | 'CHANGES_REQUESTED' | 'COMMENTED';
  readonly body?: string;
  /** Full SHA; the head if absent. */
  readonly commit?: string;
}

/** What people say and press on a pull request. */
export function conversationVerbs(world: World) {
  return {
    async comment(name: string, n: number, by: string, body: string): Promise<number> {
      const repo = repositoryNamed(world, name);
      const issue = repo.issues.get(n) ?? pullNamed(repo, n);
      return addComment(world, repo, issue, { by: accountNamed(world, by), body, appId: null }).id;
    },
    async editComment(name: string, id: number, body: string, by: string): Promise<void> {
      const [repo, comment] = commentNamed(world, name, id);
      changeComment(world, repo, comment, body, accountNamed(world, by));
    },
    async deleteComment(name: string, id: number, by: string): Promise<void> {
      const [repo, comment] = commentNamed(world, name, id);
      removeComment(world, repo, comment, accountNamed(world, by));
    },
    async review({ repo: name, number, by, state, body = '', commit }: ReviewWish): Promise<number> {
      const repo = repositoryNamed(world, name);
      const wish = { by: accountNamed(world, by), state, body, ...(commit !== undefined && { commit }) };
      return submitReview(world, repo, pullNamed(repo, number), wish).id;
    },
    async editReview(name: string, n: number, id: number, body: string, by: string): Promise<void> {
      const [repo, issue, review] = reviewNamed(world, name, n, id);
      const changes = { body: { from: review.body } };
      review.body = body;
      review.editedAt = world.now();
      tellReview(world, repo, issue, review, 'edited', accountNamed(world, by), { changes });
    },
    async dismissReview(name: string, n: number, id: number, message: string, by: string): Promise<void> {
      const [repo, issue, review] = reviewNamed(world, name, n, id);
      const outcome = dismissReview(world, repo, issue, review, { by: accountNamed(world, by), message });
      if (outcome.kind === 'refused') throw new Error(`cannot dismiss review ${id} of #${n}: ${outcome.because}`);
    },
    /** `comment`: the id that `reviewComment` gave. */
    async resolveThread(name: string, n: number, comment: number, by: string): Promise<void> {
      const [repo, issue, root] = threadNamed(world, name, n, comment);
      setResolved(world, repo, issue, root, { by: accountNamed(world, by), resolved: true });
    },
    async unresolveThread(name: string, n: number, comment: number, by: string): Promise<void> {
      const [repo, issue, root] = threadNamed(world, name, n, comment);
      setResolved(world, repo, issue, root, { by: accountNamed(world, by), resolved: false });
    },
    async reviewComment(wish: {
      readonly repo: string;
      readonly number: number;
      readonly by: string;
      readonly path: string;
      readonly line: number;
      readonly body: string;
    }): Promise<number> {
      const repo = repositoryNamed(world, wish.repo);
      const by = accountNamed(world, wish.by);
      return addReviewComment(world, repo, pullNamed(repo, wish.number), { ...wish, by }).id;
    },
    /** Rejects for a button that the check run does not have. */
    async pressCheckAction(name: string, id: number, identifier: string, by: string): Promise<void> {
      const repo = repositoryNamed(world, name);
      const run = known(world.checkRuns.get(id), `check run ${id}`);
      known(
        run.actions.find((action) => action.identifier === identifier),
        `button ${identifier} on ${run.name}`,
      );
      await tellCheckRun(world, repo, run, { requestedAction: identifier }, accountNamed(world, by));
    },
    pressRerun: (name: string, what: { checkRun: number } | { checkSuite: number }, by: string): Promise<void> =>
      pressRerun(world, name, what, by),
  };
}

function commentNamed(world: World, name: string, id: number): [Repository, Comment] {
  return [repositoryNamed(world, name), known(world.comments.get(id), `comment ${id}`)];
}

function reviewNamed(world: World, name: string, n: number, id: number): [Repository, PullIssue, Review] {
  const repo = repositoryNamed(world, name);
  const issue = pullNamed(repo, n);
  return [
    repo,
    issue,
    known(
      issue.pull.reviews.find((review) => review.id === id),
      `review ${id} of #${n}`,
    ),
  ];
}

function threadNamed(world: World, name: string, n: number, id: number): [Repository, PullIssue, ReviewComment] {
  const repo = repositoryNamed(world, name);
  const issue = pullNamed(repo, n);
  const root = issue.pull.reviewComments.find((comment) => comment.id === id);
  return [repo, issue, known(root, `conversation ${id} on #${n}`)];
}

function known<T>(thing: T | undefined, what: string): T {
  if (thing === undefined) throw new Error(`the stand-in GitHub knows no ${what}`);
  return thing;
}

function pressRerun(
  world: World,
  name: string,
  what: { checkRun: number } | { checkSuite: number },
  by: string,
): Promise<void> {
  const repo = repositoryNamed(world, name);
  const sender = accountNamed(world, by);
  if ('checkRun' in what) {
    const run = known(world.checkRuns.get(what.checkRun), `check run ${what.checkRun}`);
    return tellCheckRun(world, repo, run, 'rerequested', sender);
  }
  const suite = known(world.suites.get(what.checkSuite), `check suite ${what.checkSuite}`);
  return tellSuite(world, repo, suite, 'rerequested', sender);
}
