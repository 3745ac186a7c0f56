import type { Project } from '../../model/project.ts';
import type { Comment } from '../../model/pull-request.ts';
import type { GitHubApp } from './app.ts';
import { documents } from './documents.ts';
import type { Client } from './octokit.ts';
import { type ReviewText, readTexts } from './pull-request-texts.ts';
import { pathOf, repositoryClient } from './repository-client.ts';

type Target = Pick<Comment, 'source' | 'id'>;
type Reaction = '+1' | 'eyes';

const graphqlNames: Readonly<Record<Reaction, string>> = { '+1': 'THUMBS_UP', eyes: 'EYES' };

/** The forge keeps one reaction of a kind per account, so a repeated one changes nothing. */
export async function addReaction(
  app: GitHubApp,
  project: Project,
  number: number,
  comment: Target,
  content: Reaction,
): Promise<void> {
  const client = repositoryClient(app, project);
  const path = pathOf(project);
  switch (comment.source) {
    case 'comment':
      await client.rest.reactions.createForIssueComment({ ...path, comment_id: comment.id, content });
      return;
    case 'review-comment':
      await client.rest.reactions.createForPullRequestReviewComment({ ...path, comment_id: comment.id, content });
      return;
    case 'body':
      await client.rest.reactions.createForIssue({ ...path, issue_number: number, content });
      return;
    case 'review': {
      const review = await findReview(client, project, number, comment.id);
      await client.graphql(documents.AddReaction, { subject: review.id, content: graphqlNames[content] });
    }
  }
}

/** Any reaction of ours counts. */
export async function hasOwnReaction(
  app: GitHubApp,
  project: Project,
  number: number,
  comment: Target,
): Promise<boolean> {
  const client = repositoryClient(app, project);
  if (comment.source === 'review') {
    const review = await findReview(client, project, number, comment.id);
    return (review.reactionGroups ?? []).some((group) => group.viewerHasReacted);
  }
  const bot = await app.bot(client);
  const reactions = await listReactions(client, project, number, comment);
  return reactions.some((reaction) => reaction.user?.id === bot.id);
}

function listReactions(client: Client, project: Project, number: number, comment: Target) {
  const path = { ...pathOf(project), per_page: 100 };
  const { reactions } = client.rest;
  if (comment.source === 'body') {
    return client.paginate(reactions.listForIssue, { ...path, issue_number: number });
  }
  const list = comment.source === 'comment' ? reactions.listForIssueComment : reactions.listForPullRequestReviewComment;
  return client.paginate(list, { ...path, comment_id: comment.id });
}

async function findReview(client: Client, project: Project, number: number, id: number): Promise<ReviewText> {
  const { reviews } = await readTexts(client, project, number);
  const found = reviews.find((review) => review.fullDatabaseId === String(id));
  if (found === undefined)
    throw new Error(`no review ${id} on pull request ${number} of ${project.owner}/${project.name}`);
  return found;
}
