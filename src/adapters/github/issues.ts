import type { IssueWish, ObservedIssue } from '../../model/issue.ts';
import type { Project } from '../../model/project.ts';
import type { Issues } from '../../ports/issues.ts';
import type { GitHubApp } from './app.ts';
import { statusOf } from './call-failure.ts';
import { pathOf, repositoryClient } from './repository-client.ts';

/** Believed only in an issue that our own bot opened: anybody may write the same into theirs. */
async function findIssues(
  app: GitHubApp,
  project: Project,
  marks: readonly string[],
): Promise<ReadonlyMap<string, ObservedIssue>> {
  const client = repositoryClient(app, project);
  const bot = await app.bot(client);
  const listed = await client.paginate(client.rest.issues.listForRepo, {
    ...pathOf(project),
    creator: bot.login,
    state: 'all',
    sort: 'created',
    direction: 'asc',
    per_page: 100,
  });
  const own = listed.filter((issue) => issue.user?.id === bot.id && issue.pull_request === undefined);
  const found = new Map<string, ObservedIssue>();
  for (const mark of marks) {
    const issue = own.find(({ body }) => body?.includes(mark));
    if (issue) found.set(mark, { number: issue.number, isOpen: issue.state === 'open', body: issue.body ?? '' });
  }
  return found;
}

async function writeIssue(app: GitHubApp, project: Project, wish: IssueWish): Promise<number | 'gone' | 'refused'> {
  const client = repositoryClient(app, project);
  const { number, title, body, isOpen } = wish;
  try {
    if (number === null) {
      const { data } = await client.rest.issues.create({ ...pathOf(project), title, body });
      return data.number;
    }
    const state = isOpen ? ({ state: 'open' } as const) : ({ state: 'closed', state_reason: 'completed' } as const);
    await client.rest.issues.update({ ...pathOf(project), issue_number: number, title, body, ...state });
    return number;
  } catch (error) {
    const status = statusOf(error);
    // 410: the repository has none, or this one was deleted.
    if (status === 410) return number === null ? 'refused' : 'gone';
    if (status === 404 && number !== null) return 'gone';
    throw error;
  }
}

/** GitHub as where nightlies are told of. */
export function createIssues(app: GitHubApp): Issues {
  return {
    find: (project, marks) => findIssues(app, project, marks),
    write: (project, wish) => writeIssue(app, project, wish),
  };
}
