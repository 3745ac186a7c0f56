import type { RestEndpointMethodTypes } from '@octokit/rest';
import type { InstalledApp, PermissionLevels, SetupReading } from '../../model/setup.ts';
import type { GitHubApp } from './app.ts';
import { statusOf } from './call-failure.ts';
import type { Client } from './octokit.ts';
import { valueAt } from './read-payload.ts';

type Installation = RestEndpointMethodTypes['apps']['getRepoInstallation']['response']['data'];
type Repository = RestEndpointMethodTypes['repos']['get']['response']['data'];

/** What the App itself, its installation and the repository say; throws when one of them gives no answer. */
export async function readSetup(app: GitHubApp, owner: string, repo: string): Promise<SetupReading> {
  const client = await app.asApp();
  const { data: own } = await client.rest.apps.getAuthenticated();
  const named = { id: app.appId, slug: own?.slug ?? '', page: own?.html_url ?? '' };
  const installation = await findInstallation(client, owner, repo);
  if (installation === null) return { app: named, kind: 'not-installed' };
  if (installation.suspended_at !== null) return { app: named, kind: 'suspended', page: installation.html_url };
  const repository = await readRepository(app, installation, owner, repo);
  if (repository === null) return { app: named, kind: 'not-installed' };
  const pages = { app: settingsOf(own), installation: installation.html_url };
  const asked = levelsOf(own?.permissions);
  return { app: named, kind: 'installed', installed: { pages, asked, ...describe(installation, repository) } };
}

async function findInstallation(client: Client, owner: string, repo: string): Promise<Installation | null> {
  try {
    return (await client.rest.apps.getRepoInstallation({ owner, repo })).data;
  } catch (error) {
    if (statusOf(error) === 404) return null;
    throw error;
  }
}

/** How merging is set is shown only to who may write contents; one that may not sees the rest. */
async function readRepository(
  app: GitHubApp,
  { id: installation, permissions }: Installation,
  owner: string,
  repo: string,
): Promise<Repository | null> {
  const listing = app.as({ kind: 'list', installation });
  try {
    const { data } = await listing.rest.repos.get({ owner, repo });
    if (permissions.contents !== 'write') return data;
    const writing = app.as({ kind: 'merge', installation, repository: data.id, workflows: false });
    return (await writing.rest.repos.get({ owner, repo })).data;
  } catch (error) {
    if (statusOf(error) === 404) return null;
    throw error;
  }
}

function describe(installation: Installation, repository: Repository): Omit<InstalledApp, 'pages' | 'asked'> {
  return {
    granted: levelsOf(installation.permissions),
    isOrganization: installation.target_type === 'Organization',
    archived: repository.archived || repository.disabled,
    merges: {
      merge: repository.allow_merge_commit ?? null,
      squash: repository.allow_squash_merge ?? null,
      rebase: repository.allow_rebase_merge ?? null,
    },
    autoMerge: repository.allow_auto_merge ?? null,
    project: {
      id: repository.id,
      owner: repository.owner.login,
      name: repository.name,
      private: repository.private,
      defaultBranch: repository.default_branch,
      installation: installation.id,
      cloneUrl: repository.clone_url,
    },
  };
}

function levelsOf(permissions: object | undefined): PermissionLevels {
  const entries: [string, unknown][] = Object.entries(permissions ?? {});
  return Object.fromEntries(entries.filter((entry): entry is [string, string] => typeof entry[1] === 'string'));
}

/** Where the App's permissions are changed; its public page where that is not known. */
function settingsOf(own: unknown): string {
  const [page, slug] = ['html_url', 'slug'].map((name) => String(valueAt(own, name) ?? ''));
  const login = valueAt(own, 'owner', 'login');
  if (page === undefined || !URL.canParse(page)) return page ?? '';
  const place = valueAt(own, 'owner', 'type') === 'Organization' ? `organizations/${login}/` : '';
  return new URL(`/${place}settings/apps/${slug}/permissions`, page).href;
}
