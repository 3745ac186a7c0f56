import { happen } from './events.ts';
import { commentView, issueView } from './views/issues.ts';
import type { Account, Comment, Issue, Repository, World } from './world.ts';

/** Writes a comment and says so. `appId`: the App through which it was written. */
export function addComment(
  world: World,
  repo: Repository,
  issue: Issue,
  { by, body, appId }: { readonly by: Account; readonly body: string; readonly appId: number | null },
): Comment {
  const at = world.now();
  const comment: Comment = {
    id: world.ids.next(),
    repositoryId: repo.id,
    number: issue.number,
    authorId: by.id,
    appId,
    body,
    createdAt: at,
    updatedAt: at,
    editedAt: null,
    reactions: [],
  };
  world.comments.set(comment.id, comment);
  issue.updatedAt = at;
  tellComment(world, repo, comment, 'created', by);
  return comment;
}

/** Anyone who may write can edit anyone's words; `editedAt` is what gives it away. */
export function changeComment(world: World, repo: Repository, comment: Comment, body: string, by: Account): void {
  const from = comment.body;
  comment.body = body;
  comment.updatedAt = world.now();
  comment.editedAt = world.now();
  tellComment(world, repo, comment, 'edited', by, { changes: { body: { from } } });
}

export function removeComment(world: World, repo: Repository, comment: Comment, by: Account): void {
  world.comments.delete(comment.id);
  tellComment(world, repo, comment, 'deleted', by);
}

function tellComment(
  world: World,
  repo: Repository,
  comment: Comment,
  action: 'created' | 'edited' | 'deleted',
  sender: Account,
  extra: Readonly<Record<string, unknown>> = {},
): void {
  const issue = repo.issues.get(comment.number);
  if (!issue) return;
  const body = { issue: issueView(world, repo, issue), comment: commentView(world, repo, comment), ...extra };
  happen(world, { event: 'issue_comment', action, sender, repository: repo, body });
}
