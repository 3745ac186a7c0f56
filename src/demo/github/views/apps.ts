import { nodeId } from '../ids.ts';
import { accountOf, appOf } from '../lookup.ts';
import type { App, Installation, Repository, World } from '../world.ts';
import { userView } from './accounts.ts';
import { apiOf, isoTime, isoTimeOrNull } from './urls.ts';

/** GitHub's `integration`. */
export function appView(world: World, app: App) {
  return {
    id: app.id,
    slug: app.slug,
    node_id: nodeId('App', app.id),
    client_id: app.clientId,
    owner: userView(world, accountOf(world, app.ownerId)),
    name: app.name,
    description: app.description,
    external_url: app.externalUrl,
    html_url: `${world.url}/apps/${app.slug}`,
    created_at: isoTime(app.createdAt),
    updated_at: isoTime(app.createdAt),
    permissions: app.permissions,
    events: app.events,
  };
}

/** GitHub's `installation`. */
export function installationView(world: World, installation: Installation) {
  const app = appOf(world, installation.appId);
  const account = accountOf(world, installation.accountId);
  const page =
    account.kind === 'Organization' ? `${world.url}/organizations/${account.login}/settings` : `${world.url}/settings`;
  return {
    id: installation.id,
    client_id: app.clientId,
    account: userView(world, account),
    repository_selection: installation.repositories === 'all' ? 'all' : 'selected',
    access_tokens_url: `${apiOf(world)}/app/installations/${installation.id}/access_tokens`,
    repositories_url: `${apiOf(world)}/installation/repositories`,
    html_url: `${page}/installations/${installation.id}`,
    app_id: app.id,
    app_slug: app.slug,
    target_id: account.id,
    target_type: account.kind,
    permissions: app.permissions,
    events: app.events,
    created_at: isoTime(installation.createdAt),
    updated_at: isoTime(installation.createdAt),
    single_file_name: null,
    has_multiple_single_files: false,
    single_file_paths: [],
    suspended_by: installation.suspendedAt === null ? null : userView(world, account),
    suspended_at: isoTimeOrNull(installation.suspendedAt),
  };
}

/** A repository as installation webhooks name it. */
export function installedRepositoryView(world: World, repo: Repository) {
  return {
    id: repo.id,
    node_id: nodeId('Repository', repo.id),
    name: repo.name,
    full_name: `${accountOf(world, repo.ownerId).login}/${repo.name}`,
    private: repo.private,
  };
}
