import { type Actor, accountOfActor } from './call.ts';
import { connection } from './graph-connection.ts';
import { gateFields } from './graph-pull.ts';
import { type GraphObject, refuseField } from './graphql-execute.ts';
import { nodeId } from './ids.ts';
import { accountOf, findRepository, fullName, mayAtLeast, type PullIssue, pullOf } from './lookup.ts';
import { hasPermission, seesRepository } from './permissions.ts';
import { latestOpinions } from './reviews.ts';
import { authorAssociation, commentsOn } from './views/issues.ts';
import { isoTime, isoTimeOrNull } from './views/urls.ts';
import type { Account, Comment, Reaction, Repository, Review, World } from './world.ts';

/** What one caller sees of this GitHub as a graph: only what the documents of the closed list ask for. */
export function graphFor(world: World, actor: Actor): GraphObject {
  return {
    __typename: 'Query',
    repository: ({ owner, name }) => {
      const repo = findRepository(world, `${owner}/${name}`);
      if (repo && isVisible(world, actor, repo)) return repositoryNode(world, actor, repo);
      return refuseField('NOT_FOUND', `Could not resolve to a Repository with the name '${owner}/${name}'.`);
    },
  };
}

function isVisible(world: World, actor: Actor, repo: Repository): boolean {
  if (!repo.private) return true;
  if (actor.kind === 'person') return mayAtLeast(world, repo, actor.account, 'read');
  return actor.kind === 'installation' && seesRepository(actor, repo);
}

function repositoryNode(world: World, actor: Actor, repo: Repository): GraphObject {
  return {
    __typename: 'Repository',
    id: nodeId('Repository', repo.id),
    databaseId: repo.id,
    name: repo.name,
    nameWithOwner: fullName(world, repo),
    isPrivate: repo.private,
    pullRequest: ({ number }) => {
      if (actor.kind === 'installation' && !hasPermission(actor.token.permissions, 'pull_requests:read')) {
        return refuseField('FORBIDDEN', 'Resource not accessible by integration');
      }
      const issue = pullOf(repo, Number(number));
      if (issue) return pullNode(world, repo, issue, accountOfActor(actor));
      return refuseField('NOT_FOUND', `Could not resolve to a PullRequest with the number of ${number}.`);
    },
  };
}

function pullNode(world: World, repo: Repository, issue: PullIssue, viewer: Account | null): GraphObject {
  const { pull } = issue;
  return {
    __typename: 'PullRequest',
    id: nodeId('PullRequest', pull.id),
    databaseId: pull.id,
    fullDatabaseId: String(pull.id),
    number: issue.number,
    title: issue.title,
    body: issue.body ?? '',
    state: pull.merged ? 'MERGED' : issue.state.toUpperCase(),
    isDraft: pull.draft,
    headRefName: pull.headRef,
    headRefOid: pull.headSha,
    baseRefName: pull.baseRef,
    baseRefOid: pull.baseSha,
    createdAt: isoTime(issue.createdAt),
    updatedAt: isoTime(issue.updatedAt),
    lastEditedAt: isoTimeOrNull(issue.bodyEditedAt),
    author: actorNode(world, issue.authorId),
    authorAssociation: authorAssociation(world, repo, issue.authorId),
    reactionGroups: reactionGroups(issue.reactions, viewer),
    merged: pull.merged !== null,
    ...gateFields(world, repo, issue),
    reviews: connection('PullRequestReview', pull.reviews, (review) => reviewNode(world, repo, review, viewer)),
    latestOpinionatedReviews: connection('PullRequestReview', latestOpinions(issue), (review) =>
      reviewNode(world, repo, review, viewer),
    ),
    comments: connection('IssueComment', commentsOn(world, repo, issue.number), (comment) =>
      commentNode(world, repo, comment, viewer),
    ),
  };
}

function reviewNode(world: World, repo: Repository, review: Review, viewer: Account | null): GraphObject {
  return {
    __typename: 'PullRequestReview',
    id: nodeId('PullRequestReview', review.id),
    databaseId: review.id,
    fullDatabaseId: String(review.id),
    body: review.body,
    state: review.state,
    createdAt: isoTime(review.createdAt),
    submittedAt: isoTime(review.submittedAt),
    lastEditedAt: isoTimeOrNull(review.editedAt),
    author: actorNode(world, review.authorId),
    authorAssociation: authorAssociation(world, repo, review.authorId),
    commit: { __typename: 'Commit', oid: review.commit },
    reactionGroups: reactionGroups(review.reactions, viewer),
  };
}

function commentNode(world: World, repo: Repository, comment: Comment, viewer: Account | null): GraphObject {
  return {
    __typename: 'IssueComment',
    id: nodeId('IssueComment', comment.id),
    databaseId: comment.id,
    fullDatabaseId: String(comment.id),
    body: comment.body,
    createdAt: isoTime(comment.createdAt),
    updatedAt: isoTime(comment.updatedAt),
    lastEditedAt: isoTimeOrNull(comment.editedAt),
    author: actorNode(world, comment.authorId),
    authorAssociation: authorAssociation(world, repo, comment.authorId),
    reactionGroups: reactionGroups(comment.reactions, viewer),
  };
}

// Name over GraphQL → name over REST.
const reactionNames = {
  THUMBS_UP: '+1',
  THUMBS_DOWN: '-1',
  LAUGH: 'laugh',
  HOORAY: 'hooray',
  CONFUSED: 'confused',
  HEART: 'heart',
  ROCKET: 'rocket',
  EYES: 'eyes',
} as const;

function reactionGroups(reactions: readonly Reaction[], viewer: Account | null): GraphObject[] {
  return Object.entries(reactionNames).map(([content, name]) => ({
    __typename: 'ReactionGroup',
    content,
    viewerHasReacted: reactions.some((reaction) => reaction.content === name && reaction.authorId === viewer?.id),
  }));
}

// A bot's login is without "[bot]" here, other than over REST.
function actorNode(world: World, id: number): GraphObject {
  const { kind, login } = accountOf(world, id);
  return { __typename: kind, login: login.replace(/\[bot\]$/, ''), databaseId: id, id: nodeId(kind, id) };
}
