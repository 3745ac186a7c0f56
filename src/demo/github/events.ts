import { accountOf, appOf, installationsFor } from './lookup.ts';
import { organizationView, userView } from './views/accounts.ts';
import { repositoryView } from './views/repositories.ts';
import type { Account, App, Installation, Repository, World } from './world.ts';

/** Something that happened in a repository, before it is known who hears of it. */
export interface Happening {
  readonly event: string;
  /** Null for events that have none (push, create, delete, status). */
  readonly action: string | null;
  readonly sender: Account;
  readonly repository: Repository;
  /** The event's own fields; repository, organization, installation and sender are added. */
  readonly body: Readonly<Record<string, unknown>>;
  /** Only this App hears of it. */
  readonly onlyApp?: number;
}

// The permission that an App needs to hear of an event, as GitHub documents for each; absent: every App may.
const eventPermissions: Readonly<Record<string, string>> = {
  check_run: 'checks',
  check_suite: 'checks',
  create: 'contents',
  delete: 'contents',
  issue_comment: 'issues',
  issues: 'issues',
  label: 'issues',
  merge_group: 'merge_queues',
  push: 'contents',
  pull_request: 'pull_requests',
  pull_request_review: 'pull_requests',
  pull_request_review_comment: 'pull_requests',
  pull_request_review_thread: 'pull_requests',
  release: 'contents',
  fork: 'contents',
  status: 'statuses',
  deployment: 'deployments',
  deployment_status: 'deployments',
  workflow_run: 'actions',
  workflow_job: 'actions',
  workflow_dispatch: 'contents',
  repository_dispatch: 'contents',
  registry_package: 'packages',
  member: 'members',
  membership: 'members',
  organization: 'members',
  team: 'members',
  branch_protection_rule: 'administration',
  repository: 'metadata',
  repository_ruleset: 'metadata',
  public: 'metadata',
  meta: 'metadata',
  star: 'metadata',
  watch: 'metadata',
};

/** Every event an App may name, with the permission it takes. */
export function eventPermission(event: string): string | undefined {
  return eventPermissions[event];
}

/** Sends a webhook to every App that is installed there, may hear of it and asked for it. */
export function happen(world: World, happening: Happening): void {
  for (const installation of installationsFor(world, happening.repository)) {
    const app = appOf(world, installation.appId);
    if (happening.onlyApp !== undefined && happening.onlyApp !== app.id) continue;
    if (installation.suspendedAt === null && hears(app, happening.event)) send(world, installation, app, happening);
  }
}

/** Whether any App would hear of such an event: what nobody hears need not be made. */
export function isHeard(world: World, repo: Repository, event: string): boolean {
  return installationsFor(world, repo).some(
    ({ appId, suspendedAt }) => suspendedAt === null && hears(appOf(world, appId), event),
  );
}

// Apps that may write checks hear of check runs and suites without asking (docs: webhook events, check_run).
function hears(app: App, event: string): boolean {
  const permission = eventPermissions[event];
  if (permission && permission !== 'metadata' && !app.permissions[permission]) return false;
  const automatic = permission === 'checks' && app.permissions.checks === 'write';
  return automatic || app.events.includes(event);
}

function send(world: World, installation: Installation, app: App, happening: Happening): void {
  const { event, action, sender, repository, body } = happening;
  const owner = accountOf(world, repository.ownerId);
  const payload = {
    ...(action !== null && { action }),
    ...body,
    repository: 'repository' in body ? body.repository : repositoryView(world, repository),
    ...(owner.kind === 'Organization' && { organization: organizationView(world, owner) }),
    sender: userView(world, sender),
    installation: { id: installation.id, node_id: btoa(`Installation:${installation.id}`) },
  };
  post(world, app, { event, action, payload, installationId: installation.id, repositoryId: repository.id });
}

/** Sends what concerns the App itself (installation, ping): subscribed or not. */
export function tellApp(
  world: World,
  app: App,
  parcel: {
    readonly event: string;
    readonly action: string | null;
    readonly installationId: number | null;
    readonly payload: Readonly<Record<string, unknown>>;
  },
): void {
  post(world, app, { ...parcel, repositoryId: null });
}

function post(
  world: World,
  app: App,
  parcel: {
    readonly event: string;
    readonly action: string | null;
    readonly installationId: number | null;
    readonly repositoryId: number | null;
    readonly payload: Readonly<Record<string, unknown>>;
  },
): void {
  world.outbox.post({ ...parcel, guid: world.ids.guid(), appId: app.id, hookId: app.hookId, redelivery: false });
}
