import { newAccount } from './accounts.ts';
import { appKey } from './app-keys.ts';
import { tellApp } from './events.ts';
import { accountOf, appOf, coversRepository } from './lookup.ts';
import { userView } from './views/accounts.ts';
import { installationView, installedRepositoryView } from './views/apps.ts';
import { isoTime } from './views/urls.ts';
import type { Account, App, AppPermissions, Installation, Repository, World } from './world.ts';

export interface NewApp {
  readonly owner: Account;
  readonly name: string;
  readonly description?: string;
  readonly externalUrl?: string;
  readonly permissions: AppPermissions;
  readonly events: readonly string[];
  readonly webhookUrl: string | null;
  readonly webhookSecret?: string;
}

/** Registers an App with a key of its own, and the bot it acts as. */
export function registerApp(world: World, wish: NewApp): App {
  const key = appKey(world.apps.size);
  const slug = wish.name.toLowerCase().replace(/[^a-z0-9]+/g, '-');
  const app: App = {
    id: world.ids.next(),
    slug,
    name: wish.name,
    description: wish.description ?? '',
    externalUrl: wish.externalUrl ?? world.url,
    ownerId: wish.owner.id,
    botId: newAccount(world, 'Bot', `${slug}[bot]`).id,
    clientId: `Iv23li${world.ids.secret(14)}`,
    clientSecret: world.ids.secret(40),
    publicKey: key.publicKey,
    privateKey: key.privateKey,
    permissions: { metadata: 'read', ...wish.permissions },
    events: wish.events,
    hookId: world.ids.next(),
    webhookSecret: wish.webhookSecret ?? world.ids.secret(40),
    webhookUrl: wish.webhookUrl,
    createdAt: world.now(),
  };
  world.apps.set(app.id, app);
  return app;
}

/** Installs an App; it hears of it by `installation` `created`. */
export function install(world: World, app: App, account: Account, repositories: 'all' | Set<number>): Installation {
  const installation: Installation = {
    id: world.ids.next(),
    appId: app.id,
    accountId: account.id,
    repositories,
    suspendedAt: null,
    createdAt: world.now(),
  };
  world.installations.set(installation.id, installation);
  tellInstallation(world, installation, 'created');
  return installation;
}

export type InstallationNews = 'created' | 'deleted' | 'suspend' | 'unsuspend';

export function tellInstallation(world: World, installation: Installation, action: InstallationNews): void {
  const covered = [...world.repositories.values()].filter((repo) => coversRepository(installation, repo));
  const repositories = covered.map((repo) => installedRepositoryView(world, repo));
  const body = { repositories, ...(action === 'created' && { requester: null }) };
  tell(world, installation, { event: 'installation', action, body });
}

export function tellInstallationRepositories(
  world: World,
  installation: Installation,
  change: { readonly action: 'added' | 'removed'; readonly repo: Repository },
): void {
  const changed = [installedRepositoryView(world, change.repo)];
  const body = {
    repository_selection: installation.repositories === 'all' ? 'all' : 'selected',
    repositories_added: change.action === 'added' ? changed : [],
    repositories_removed: change.action === 'removed' ? changed : [],
    requester: null,
  };
  tell(world, installation, { event: 'installation_repositories', action: change.action, body });
}

function tell(
  world: World,
  installation: Installation,
  { event, action, body }: { event: string; action: string; body: Readonly<Record<string, unknown>> },
): void {
  const sender = userView(world, accountOf(world, installation.accountId));
  const payload = { action, installation: installationView(world, installation), ...body, sender };
  tellApp(world, appOf(world, installation.appId), { event, action, installationId: installation.id, payload });
}

/** GitHub's first webhook to a new hook. */
export function ping(world: World, app: App): void {
  const hook = {
    type: 'App',
    id: app.hookId,
    name: 'web',
    active: true,
    events: app.events,
    config: { content_type: 'json', insecure_ssl: '0', secret: '********', url: app.webhookUrl ?? world.url },
    updated_at: isoTime(app.createdAt),
    created_at: isoTime(app.createdAt),
    app_id: app.id,
    deliveries_url: `${world.url}/api/v3/app/hook/deliveries`,
  };
  const payload = { zen: 'Design for failure.', hook_id: app.hookId, hook };
  tellApp(world, app, { event: 'ping', action: null, installationId: null, payload });
}
