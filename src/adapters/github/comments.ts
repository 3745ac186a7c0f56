import type { Project } from '../../model/project.ts';
import type { Comment } from '../../model/pull-request.ts';
import type { GitHubApp } from './app.ts';
import type { Client } from './octokit.ts';
import { personFrom, personFromWriter } from './people.ts';
import { type PullRequestTexts, type ReviewText, readTexts } from './pull-request-texts.ts';
import { pathOf, repositoryClient } from './repository-client.ts';

interface RestComment {
  readonly id: number;
  readonly user: { readonly id: number; readonly login: string; readonly type?: string } | null;
  readonly body?: string;
  readonly created_at: string;
  readonly updated_at: string;
  readonly performed_via_github_app?: { readonly id: number } | null;
}

/** Our own App, by which its own words are told. */
interface Own {
  readonly appId: number;
  readonly bot: number;
}

/**
 * Everything people wrote on a pull request, oldest first; reviews and texts that are empty are left out. `since`: ms,
 * by the whole second; 0 for all.
 */
export async function readComments(
  app: GitHubApp,
  project: Project,
  number: number,
  since: number,
): Promise<readonly Comment[]> {
  const client = repositoryClient(app, project);
  const own = { appId: app.appId, bot: (await app.bot(client)).id };
  const [comments, reviewComments, texts] = await Promise.all([
    listIssueComments(client, project, number, since),
    listReviewComments(client, project, number, since),
    readTexts(client, project, number),
  ]);
  const all = [
    ...comments.map((comment) => fromRest('comment', comment, own)),
    ...reviewComments.map((comment) => fromRest('review-comment', comment, own)),
    ...fromTexts(texts, number, own, since),
  ];
  return all.sort((a, b) => a.createdAt - b.createdAt || a.id - b.id);
}

/** Issue comments on a pull request that were written or changed since. */
export async function listIssueComments(
  client: Client,
  project: Project,
  number: number,
  since: number,
): Promise<readonly RestComment[]> {
  const which = { ...pathOf(project), issue_number: number, per_page: 100, ...sinceParameter(since) };
  return client.paginate(client.rest.issues.listComments, which);
}

async function listReviewComments(
  client: Client,
  project: Project,
  number: number,
  since: number,
): Promise<readonly RestComment[]> {
  const which = { ...pathOf(project), pull_number: number, per_page: 100, ...sinceParameter(since) };
  return client.paginate(client.rest.pulls.listReviewComments, which);
}

function sinceParameter(since: number): { readonly since?: string } {
  return since > 0 ? { since: new Date(Math.floor(since / 1_000) * 1_000).toISOString() } : {};
}

function fromRest(source: 'comment' | 'review-comment', comment: RestComment, own: Own): Comment {
  return {
    source,
    id: comment.id,
    author: personFrom(comment.user),
    ours: comment.performed_via_github_app?.id === own.appId || comment.user?.id === own.bot,
    text: comment.body ?? '',
    createdAt: Date.parse(comment.created_at),
    edited: comment.updated_at !== comment.created_at,
  };
}

function fromTexts({ own: body, reviews }: PullRequestTexts, number: number, own: Own, since: number): Comment[] {
  const bodyAt = Date.parse(body.createdAt);
  const edited = body.lastEditedAt !== null;
  const writer = personFromWriter(body.author);
  const self: Comment = {
    source: 'body',
    id: number,
    author: writer,
    ours: writer.id === own.bot,
    text: body.body,
    createdAt: bodyAt,
    edited,
  };
  const bodyChangedAt = body.lastEditedAt === null ? bodyAt : Date.parse(body.lastEditedAt);
  const bodies = body.body !== '' && isSince(bodyChangedAt, since) ? [self] : [];
  return [...bodies, ...reviews.flatMap((review) => fromReview(review, own, since))];
}

function fromReview(review: ReviewText, own: Own, since: number): Comment[] {
  const id = Number(review.fullDatabaseId);
  if (review.body === '' || !Number.isSafeInteger(id) || id <= 0) return [];
  const author = personFromWriter(review.author);
  // Nobody sees a review before it is submitted; what changed until then was never read.
  const createdAt = Date.parse(review.submittedAt ?? review.createdAt);
  const editedAt = review.lastEditedAt === null ? createdAt : Date.parse(review.lastEditedAt);
  if (!isSince(Math.max(createdAt, editedAt), since)) return [];
  return [
    {
      source: 'review',
      id,
      author,
      ours: author.id === own.bot,
      text: review.body,
      createdAt,
      edited: editedAt > createdAt,
    },
  ];
}

/** The forge tells time in seconds. */
function isSince(at: number, since: number): boolean {
  return at >= Math.floor(since / 1_000) * 1_000;
}
