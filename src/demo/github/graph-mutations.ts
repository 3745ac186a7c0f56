import { type Actor, accountOfActor } from './call.ts';
import { type Arguments, type GraphObject, refuseField } from './graphql-execute.ts';
import { nodeId } from './ids.ts';
import { mayAtLeast, pullsOf } from './lookup.ts';
import { hasPermission, seesRepository } from './permissions.ts';
import { react } from './reactions.ts';
import type { Reaction, Repository, World } from './world.ts';

/** The mutations that the documents of the closed list use, for one caller. */
export function mutationsFor(world: World, actor: Actor): GraphObject {
  return { __typename: 'Mutation', addReaction: ({ input }) => addReaction(world, actor, input as Arguments) };
}

const restNames: Readonly<Record<string, string>> = { THUMBS_UP: '+1', THUMBS_DOWN: '-1' };

function addReaction(world: World, actor: Actor, input: Arguments): GraphObject {
  const subject = findSubject(world, String(input.subjectId));
  const by = accountOfActor(actor);
  const content = String(input.content);
  if (!subject || !by || !mayRead(world, actor, subject.repo)) {
    return refuseField('NOT_FOUND', `Could not resolve to a node with the global id of '${input.subjectId}'`);
  }
  if (actor.kind === 'installation' && !mayReact(actor)) {
    return refuseField('FORBIDDEN', 'Resource not accessible by integration');
  }
  react(world, subject.reactions, by, restNames[content] ?? content.toLowerCase());
  return { __typename: 'AddReactionPayload', reaction: { __typename: 'Reaction', content } };
}

function mayReact({ token }: Extract<Actor, { kind: 'installation' }>): boolean {
  return ['issues:write', 'pull_requests:write'].some((wanted) => hasPermission(token.permissions, wanted));
}

function mayRead(world: World, actor: Actor, repo: Repository): boolean {
  if (actor.kind === 'person') return mayAtLeast(world, repo, actor.account, 'read');
  return actor.kind === 'installation' && seesRepository(actor, repo);
}

function findSubject(world: World, id: string): { repo: Repository; reactions: Reaction[] } | undefined {
  return [...world.repositories.values()]
    .flatMap((repo) => subjectsOf(world, repo))
    .find((subject) => subject.id === id);
}

function subjectsOf(world: World, repo: Repository): { id: string; repo: Repository; reactions: Reaction[] }[] {
  const comments = [...world.comments.values()].filter((comment) => comment.repositoryId === repo.id);
  const pulls = pullsOf(repo);
  return [
    ...pulls.map(({ pull, reactions }) => ({ id: nodeId('PullRequest', pull.id), repo, reactions })),
    ...comments.map(({ id, reactions }) => ({ id: nodeId('IssueComment', id), repo, reactions })),
    ...pulls.flatMap(({ pull }) => [
      ...pull.reviews.map(({ id, reactions }) => ({ id: nodeId('PullRequestReview', id), repo, reactions })),
      ...pull.reviewComments.map(({ id, reactions }) => ({
        id: nodeId('PullRequestReviewComment', id),
        repo,
        reactions,
      })),
    ]),
  ];
}
