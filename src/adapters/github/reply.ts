import type { Person } from '../../model/person.ts';
import type { Project } from '../../model/project.ts';
import type { GitHubApp } from './app.ts';
import { listIssueComments } from './comments.ts';
import { pathOf, repositoryClient } from './repository-client.ts';

/** Finds our answer again; believed only in a comment that our own bot wrote. */
function markerFor(to: Person): string {
  return `<!-- sluice:reply:${to.id} -->`;
}

/** Our one answer to this person there: the earlier one edited in place, or a new one; an equal one is left alone. */
export async function writeReply(
  app: GitHubApp,
  project: Project,
  number: number,
  to: Person,
  text: string,
): Promise<void> {
  const client = repositoryClient(app, project);
  const bot = await app.bot(client);
  const marker = markerFor(to);
  const body = `${marker}\n${text}`;
  const comments = await listIssueComments(client, project, number, 0);
  const earlier = comments.find((comment) => comment.user?.id === bot.id && comment.body?.startsWith(marker));
  if (earlier === undefined) {
    await client.rest.issues.createComment({ ...pathOf(project), issue_number: number, body });
  } else if (earlier.body !== body) {
    await client.rest.issues.updateComment({ ...pathOf(project), comment_id: earlier.id, body });
  }
}
