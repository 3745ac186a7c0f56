import type { IssueWish, ObservedIssue, OpenIssue } from '../../model/issue.ts';
import type { Project } from '../../model/project.ts';
import type { Issues } from '../../ports/issues.ts';
import type { GitHubApp } from './app.ts';
import { statusOf } from './call-failure.ts';
import { pathOf, repositoryClient } from './repository-client.ts';

/** Those that our own bot opened, and no others: anybody may write the same into theirs. */
async function ownIssues(app: GitHubApp, project: Project, state: 'all' | 'open') {
  const client = repositoryClient(app, project);
  const bot = await app.bot(client);
  const listed = await client.paginate(client.rest.issues.listForRepo, {
    ...pathOf(project),
    creator: bot.login,
    state,
    sort: 'created',
    direction: 'asc',
    per_page: 100,
  });
  return listed.filter((issue) => issue.user?.id === bot.id && issue.pull_request === undefined);
}

async function findIssues(
  app: GitHubApp,
  project: Project,
  marks: readonly string[],
): Promise<ReadonlyMap<string, ObservedIssue>> {
  const own = await ownIssues(app, project, 'all');
  const found = new Map<string, ObservedIssue>();
  for (const mark of marks) {
    const issue = own.find(({ body }) => body?.includes(mark));
    if (issue) found.set(mark, { number: issue.number, isOpen: issue.state === 'open', body: issue.body ?? '' });
  }
  return found;
}

async function openIssues(app: GitHubApp, project: Project, mark: string): Promise<readonly OpenIssue[]> {
  const own = await ownIssues(app, project, 'open');
  return own.flatMap(({ number, title, body }) => (body?.includes(mark) ? [{ number, title, body }] : []));
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
    listOpen: (project, mark) => openIssues(app, project, mark),
    write: (project, wish) => writeIssue(app, project, wish),
  };
}
