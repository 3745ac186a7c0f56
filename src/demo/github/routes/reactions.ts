import { created, noContent, notFound, ok, page, refuse } from '../answers.ts';
import { actingAccount, type Call, textField } from '../call.ts';
import { pullsOf } from '../lookup.ts';
import { react } from '../reactions.ts';
import { inRepository, type Route, type Routes } from '../route.ts';
import { reactionView } from '../views/issues.ts';
import type { Reaction, Repository } from '../world.ts';

/** The reactions on a thing, to read or to add to; undefined if there is no such thing. */
type Find = (call: Call, repo: Repository) => Reaction[] | undefined;

const ofIssue: Find = ({ params }, repo) => repo.issues.get(Number(params.issue_number))?.reactions;

const ofComment: Find = ({ world, params }, repo) => {
  const comment = world.comments.get(Number(params.comment_id));
  return comment?.repositoryId === repo.id ? comment.reactions : undefined;
};

const ofReviewComment: Find = ({ params }, repo) =>
  pullsOf(repo)
    .flatMap(({ pull }) => pull.reviewComments)
    .find(({ id }) => id === Number(params.comment_id))?.reactions;

export const reactionRoutes: Routes = {
  'reactions/create-for-issue': add(['issues:write', 'pull_requests:write'], ofIssue),
  'reactions/create-for-issue-comment': add(['issues:write', 'pull_requests:write'], ofComment),
  'reactions/create-for-pull-request-review-comment': add(['pull_requests:write'], ofReviewComment),
  'reactions/delete-for-issue-comment': inRepository(['issues:write', 'pull_requests:write'], 'read', (call, repo) => {
    const reactions = ofComment(call, repo) ?? [];
    const at = reactions.findIndex(({ id }) => id === Number(call.params.reaction_id));
    if (at < 0) return notFound();
    if (reactions[at]?.authorId !== actingAccount(call).id) return refuse(403, 'Must be the one who reacted.');
    reactions.splice(at, 1);
    return noContent();
  }),
  'reactions/list-for-issue': list(['issues:read', 'pull_requests:read'], ofIssue),
  'reactions/list-for-issue-comment': list(['issues:read', 'pull_requests:read'], ofComment),
  'reactions/list-for-pull-request-review-comment': list(['pull_requests:read'], ofReviewComment),
};

function add(permissions: readonly string[], find: Find): Route {
  return inRepository(permissions, 'read', (call, repo) => {
    const reactions = find(call, repo);
    if (!reactions) return notFound();
    const { reaction, isNew } = react(call.world, reactions, actingAccount(call), textField(call, 'content') ?? '');
    return (isNew ? created : ok)(reactionView(call.world, reaction));
  });
}

function list(permissions: readonly string[], find: Find): Route {
  return inRepository(permissions, 'read', (call, repo) => {
    const content = call.query.get('content');
    const chosen = find(call, repo)?.filter((reaction) => content === null || reaction.content === content);
    return chosen ? page(call, chosen, (reaction) => reactionView(call.world, reaction)) : notFound();
  });
}
