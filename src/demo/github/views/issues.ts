import { nodeId } from '../ids.ts';
import { accountOf, appOf, pullsOf } from '../lookup.ts';
import type { Comment, Issue, Label, Reaction, Repository, World } from '../world.ts';
import { userView, userViewOf } from './accounts.ts';
import { appView } from './apps.ts';
import { isoTime, isoTimeOrNull, repositoryApi, repositoryPage } from './urls.ts';

/** What the author is to the repository, as comments and pull requests say. */
export function authorAssociation(world: World, repo: Repository, accountId: number): string {
  const owner = accountOf(world, repo.ownerId);
  if (owner.id === accountId) return 'OWNER';
  if (owner.members.has(accountId)) return 'MEMBER';
  if (repo.collaborators.has(accountId)) return 'COLLABORATOR';
  return pullsOf(repo).some((issue) => issue.authorId === accountId && issue.pull.merged) ? 'CONTRIBUTOR' : 'NONE';
}

export function labelView(world: World, repo: Repository, label: Label) {
  return {
    id: label.id,
    node_id: nodeId('Label', label.id),
    url: `${repositoryApi(world, repo)}/labels/${encodeURIComponent(label.name)}`,
    name: label.name,
    color: label.color,
    default: false,
    description: label.description,
  };
}

/** The labels on an issue, in the order they were put there. */
export function issueLabels(world: World, repo: Repository, issue: Issue) {
  return issue.labels.flatMap((name) => {
    const label = repo.labels.get(name.toLowerCase());
    return label ? [labelView(world, repo, label)] : [];
  });
}

export function reactionRollup(url: string, reactions: readonly Reaction[]) {
  const count = (content: string): number => reactions.filter((reaction) => reaction.content === content).length;
  return {
    url,
    total_count: reactions.length,
    '+1': count('+1'),
    '-1': count('-1'),
    laugh: count('laugh'),
    hooray: count('hooray'),
    confused: count('confused'),
    heart: count('heart'),
    rocket: count('rocket'),
    eyes: count('eyes'),
  };
}

export function reactionView(world: World, reaction: Reaction) {
  return {
    id: reaction.id,
    node_id: nodeId('Reaction', reaction.id),
    user: userView(world, accountOf(world, reaction.authorId)),
    content: reaction.content,
    created_at: isoTime(reaction.at),
  };
}

/** GitHub's `issue`; for a pull request too. */
export function issueView(world: World, repo: Repository, issue: Issue) {
  const url = `${repositoryApi(world, repo)}/issues/${issue.number}`;
  const pullUrl = `${repositoryApi(world, repo)}/pulls/${issue.number}`;
  const page = `${repositoryPage(world, repo)}/${issue.pull ? 'pull' : 'issues'}/${issue.number}`;
  return {
    url,
    repository_url: repositoryApi(world, repo),
    labels_url: `${url}/labels{/name}`,
    comments_url: `${url}/comments`,
    events_url: `${url}/events`,
    timeline_url: `${url}/timeline`,
    html_url: page,
    id: issue.id,
    node_id: nodeId('Issue', issue.id),
    number: issue.number,
    title: issue.title,
    user: userView(world, accountOf(world, issue.authorId)),
    labels: issueLabels(world, repo, issue),
    state: issue.state,
    state_reason: null,
    locked: false,
    active_lock_reason: null,
    assignee: null,
    assignees: [],
    milestone: null,
    comments: commentsOn(world, repo, issue.number).length,
    created_at: isoTime(issue.createdAt),
    updated_at: isoTime(issue.updatedAt),
    closed_at: isoTimeOrNull(issue.closedAt),
    closed_by: userViewOf(world, issue.closedById),
    author_association: authorAssociation(world, repo, issue.authorId),
    body: issue.body,
    reactions: reactionRollup(`${url}/reactions`, issue.reactions),
    performed_via_github_app: null,
    ...(issue.pull && {
      draft: issue.pull.draft,
      pull_request: {
        url: pullUrl,
        html_url: page,
        diff_url: `${page}.diff`,
        patch_url: `${page}.patch`,
        merged_at: isoTimeOrNull(issue.pull.merged?.at ?? null),
      },
    }),
  };
}

/** Oldest first. */
export function commentsOn(world: World, repo: Repository, number: number): Comment[] {
  return [...world.comments.values()].filter(
    (comment) => comment.repositoryId === repo.id && comment.number === number,
  );
}

/** GitHub's `issue-comment`. */
export function commentView(world: World, repo: Repository, comment: Comment) {
  const url = `${repositoryApi(world, repo)}/issues/comments/${comment.id}`;
  const isPull = repo.issues.get(comment.number)?.pull;
  const page = `${repositoryPage(world, repo)}/${isPull ? 'pull' : 'issues'}/${comment.number}`;
  return {
    url,
    html_url: `${page}#issuecomment-${comment.id}`,
    issue_url: `${repositoryApi(world, repo)}/issues/${comment.number}`,
    id: comment.id,
    node_id: nodeId('IssueComment', comment.id),
    user: userView(world, accountOf(world, comment.authorId)),
    created_at: isoTime(comment.createdAt),
    updated_at: isoTime(comment.updatedAt),
    author_association: authorAssociation(world, repo, comment.authorId),
    body: comment.body,
    reactions: reactionRollup(`${url}/reactions`, comment.reactions),
    performed_via_github_app: comment.appId === null ? null : appView(world, appOf(world, comment.appId)),
  };
}
