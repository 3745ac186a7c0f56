import type { Listed, Person } from '../../model/person.ts';
import type { Project } from '../../model/project.ts';
import type { GitHubApp } from './app.ts';
import { judgeFailure, statusOf } from './call-failure.ts';
import { repositoryClient } from './repository-client.ts';

/** A login may be renamed and taken by somebody else: whose it is now is asked. */
async function hasLogin(app: GitHubApp, project: Project, person: Person, login: string): Promise<boolean> {
  try {
    const { data } = await repositoryClient(app, project).request('GET /users/{username}', { username: login });
    return data.id === person.id;
  } catch (error) {
    if (statusOf(error) === 404) return false;
    throw error;
  }
}

async function isInTeam(app: GitHubApp, project: Project, person: Person, team: string): Promise<boolean> {
  const [org = '', slug = ''] = team.split('/');
  const client = app.as({ kind: 'members', installation: project.installation, repository: project.id });
  try {
    const which = { org, team_slug: slug, username: person.login };
    const { data } = await client.request('GET /orgs/{org}/teams/{team_slug}/memberships/{username}', which);
    return data.state === 'active' && (await hasLogin(app, project, person, person.login));
  } catch (error) {
    if (statusOf(error) === 404) return false;
    throw error;
  }
}

/** Whether a person is one of these, by id; a team that the App may not see is unknown, unless another name fits. */
export async function isOneOf(
  app: GitHubApp,
  project: Project,
  person: Person,
  names: readonly string[],
): Promise<Listed> {
  let unread: string | null = null;
  for (const name of names) {
    try {
      const team = /^team:(.+)$/.exec(name)?.[1];
      const found = team === undefined ? hasLogin(app, project, person, name) : isInTeam(app, project, person, team);
      if (await found) return { known: true, listed: true };
    } catch (error) {
      const failure = judgeFailure(error, app.clock.now());
      const because = failure.kind === 'limited' ? 'the forge takes no more questions for now' : failure.because;
      unread ??= `whether ${person.login} is ${name} cannot be read: ${because}`;
    }
  }
  return unread === null ? { known: true, listed: false } : { known: false, because: unread };
}
