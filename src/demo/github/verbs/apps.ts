import { install, ping, registerApp, tellInstallation, tellInstallationRepositories } from '../apps.ts';
import { giveToken } from '../installation-tokens.ts';
import { accountNamed, accountOf, appOf, repositoryNamed } from '../lookup.ts';
import { acceptManifest, readManifest } from '../manifest.ts';
import type { AppPermissions, Installation, World } from '../world.ts';

export interface AppOptions {
  readonly owner: string;
  readonly name: string;
  readonly permissions: AppPermissions;
  readonly events: readonly string[];
  readonly webhookUrl?: string;
  readonly webhookSecret?: string;
}

/** Apps and their installations. */
export function appVerbs(world: World) {
  const installation = (id: number): Installation => {
    const found = world.installations.get(id);
    if (!found) throw new Error(`the stand-in GitHub knows no installation ${id}`);
    return found;
  };
  return {
    /** Without the manifest flow; the App hears nothing until it has a webhook address. */
    async createApp({ owner, webhookUrl, ...rest }: AppOptions) {
      const app = registerApp(world, { ...rest, owner: accountNamed(world, owner), webhookUrl: webhookUrl ?? null });
      const { id, slug, privateKey, webhookSecret, clientId, botId } = app;
      return { appId: id, slug, botLogin: accountOf(world, botId).login, privateKey, webhookSecret, clientId };
    },
    async setWebhookUrl(appId: number, url: string): Promise<void> {
      appOf(world, appId).webhookUrl = url;
    },
    /** Of the App and all its installations, as if each had accepted at once. */
    async setAppPermissions(appId: number, permissions: AppPermissions): Promise<void> {
      appOf(world, appId).permissions = { metadata: 'read', ...permissions };
    },
    async ping(appId: number): Promise<void> {
      ping(world, appOf(world, appId));
    },
    async installApp(appId: number, owner: string, repositories: 'all' | readonly string[] = 'all') {
      const chosen =
        repositories === 'all' ? 'all' : new Set(repositories.map((name) => repositoryNamed(world, name).id));
      const { id } = install(world, appOf(world, appId), accountNamed(world, owner), chosen);
      return { installationId: id };
    },
    async addToInstallation(installationId: number, name: string): Promise<void> {
      change(world, installation(installationId), 'added', name);
    },
    async removeFromInstallation(installationId: number, name: string): Promise<void> {
      change(world, installation(installationId), 'removed', name);
    },
    async suspend(installationId: number): Promise<void> {
      installation(installationId).suspendedAt = world.now();
      tellInstallation(world, installation(installationId), 'suspend');
    },
    async unsuspend(installationId: number): Promise<void> {
      installation(installationId).suspendedAt = null;
      tellInstallation(world, installation(installationId), 'unsuspend');
    },
    async uninstall(installationId: number): Promise<void> {
      tellInstallation(world, installation(installationId), 'deleted');
      world.installations.delete(installationId);
    },
    /** A token with everything the installation has, without the App's key. */
    async installationToken(installationId: number): Promise<string> {
      const found = installation(installationId);
      const given = giveToken(world, appOf(world, found.appId), found, {});
      if (given.kind !== 'given') throw new Error(`installation ${installationId} is ${given.kind}`);
      return given.value;
    },
    /** What the browser does in the manifest flow; rejects with all problems of the manifest. */
    async acceptManifest(manifest: unknown, state: string | null, by: string, organization?: string): Promise<string> {
      const reading = readManifest(manifest);
      if (reading.kind === 'refused') throw new Error(`GitHub refuses the manifest: ${reading.problems.join('; ')}`);
      return acceptManifest(world, reading.manifest, state, accountNamed(world, organization ?? by));
    },
  };
}

function change(world: World, installation: Installation, action: 'added' | 'removed', name: string): void {
  const repo = repositoryNamed(world, name);
  if (installation.repositories === 'all') throw new Error(`installation ${installation.id} has all repositories`);
  if (action === 'added') installation.repositories.add(repo.id);
  else installation.repositories.delete(repo.id);
  tellInstallationRepositories(world, installation, { action, repo });
}
