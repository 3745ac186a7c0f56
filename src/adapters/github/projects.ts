import type { RestEndpointMethodTypes } from '@octokit/rest';
import type { Project } from '../../model/project.ts';
import type { GitHubApp } from './app.ts';
import { judgeFailure, statusOf } from './call-failure.ts';
import type { Client } from './octokit.ts';
import { pathOf, repositoryClient } from './repository-client.ts';

type Repository = Pick<
  RestEndpointMethodTypes['repos']['get']['response']['data'],
  'id' | 'name' | 'owner' | 'private' | 'default_branch' | 'clone_url' | 'archived' | 'disabled' | 'topics'
>;

/** Reads which repositories the App sees, and remembers where it saw each. */
export function createProjects(app: GitHubApp) {
  const seen = new Map<number, Project>();
  const projects = async (): Promise<readonly Project[]> => {
    const found = await listProjects(app);
    seen.clear();
    for (const project of found) seen.set(project.id, project);
    return found;
  };
  const project = async (id: number): Promise<Project | null> => {
    const before = seen.get(id);
    const now = before === undefined ? null : await readProject(app, before);
    if (now !== null) {
      seen.set(id, now);
      return now;
    }
    // Never seen, or no longer there: it may be new, or have moved to another installation.
    await projects();
    return seen.get(id) ?? null;
  };
  return { projects, project };
}

async function listProjects(app: GitHubApp): Promise<Project[]> {
  const client = await app.asApp();
  const installations = await client.paginate(client.rest.apps.listInstallations, { per_page: 100 });
  const active = installations.filter((installation) => installation.suspended_at === null);
  const lists: Project[][] = [];
  // One after another: a start with many installations must not be a burst.
  for (const { id } of active) lists.push(await listRepositories(app, id));
  return lists.flat();
}

async function listRepositories(app: GitHubApp, installation: number): Promise<Project[]> {
  const client = app.as({ kind: 'list', installation });
  try {
    const listed = await client.paginate(client.rest.apps.listReposAccessibleToInstallation, { per_page: 100 });
    // In a paged answer Octokit's types see the envelope, the value is the list.
    const repositories = listed as unknown as readonly Repository[];
    return repositories.filter(takesReports).map((repository) => toProject(repository, installation));
  } catch (error) {
    // Suspended or uninstalled since it was listed.
    if (judgeFailure(error, app.clock.now()).kind === 'refused') return [];
    throw error;
  }
}

/** Null when it cannot be seen there under its name. */
async function readProject(app: GitHubApp, before: Project): Promise<Project | null> {
  const client: Client = repositoryClient(app, before);
  try {
    const { data } = await client.rest.repos.get(pathOf(before));
    // Another repository may have taken the name.
    return data.id === before.id && takesReports(data) ? toProject(data, before.installation) : null;
  } catch (error) {
    if (statusOf(error) === 404 || judgeFailure(error, app.clock.now()).kind === 'refused') return null;
    throw error;
  }
}

/** An archived or disabled repository is read-only: nothing could be said there. */
function takesReports(repository: Repository): boolean {
  return !repository.archived && !repository.disabled;
}

function toProject(repository: Repository, installation: number): Project {
  return {
    id: repository.id,
    owner: repository.owner.login,
    name: repository.name,
    private: repository.private,
    defaultBranch: repository.default_branch,
    installation,
    cloneUrl: repository.clone_url,
    ...(repository.topics === undefined || repository.topics.length === 0 ? {} : { topics: repository.topics }),
  };
}
