import { accountOf, coversRepository } from './lookup.ts';
import type { App, AppPermissions, Installation, Repository, Token, World } from './world.ts';

type InstallationToken = Extract<Token, { kind: 'installation' }>;

/** What a caller wants the token narrowed to; all absent: everything the installation has. */
export interface Narrowing {
  readonly names?: readonly string[] | undefined;
  readonly ids?: readonly number[] | undefined;
  readonly permissions?: AppPermissions | undefined;
}

export type GivenToken =
  | { readonly kind: 'given'; readonly value: string; readonly token: InstallationToken }
  | { readonly kind: 'suspended' }
  | { readonly kind: 'refused'; readonly because: string };

const hour = 3_600_000;
const levels = ['read', 'write', 'admin'];

/** An installation token for one hour, never with more than the App has (GH-OA, create-installation-access-token). */
export function giveToken(world: World, app: App, installation: Installation, wish: Narrowing): GivenToken {
  if (installation.suspendedAt !== null) return { kind: 'suspended' };
  const excess = Object.entries(wish.permissions ?? {}).find(([name, level]) => exceeds(app, name, level));
  if (excess) return { kind: 'refused', because: 'The permissions requested are not granted to this installation.' };
  const repositories = narrowed(world, installation, wish);
  if (repositories === 'unknown') {
    const because =
      'There is at least one repository that does not exist or is not accessible to the parent installation.';
    return { kind: 'refused', because };
  }
  const token: InstallationToken = {
    kind: 'installation',
    installationId: installation.id,
    repositories: repositories && new Set(repositories.map((repo) => repo.id)),
    permissions: wish.permissions ? { metadata: 'read', ...wish.permissions } : app.permissions,
    expiresAt: world.now() + hour,
  };
  const value = `ghs_${world.ids.secret(36)}`;
  world.tokens.set(value, token);
  return { kind: 'given', value, token };
}

function exceeds(app: App, name: string, level: string): boolean {
  if (name === 'metadata') return level !== 'read';
  return levels.indexOf(level) > levels.indexOf(app.permissions[name] ?? '');
}

function narrowed(world: World, installation: Installation, wish: Narrowing): Repository[] | null | 'unknown' {
  if (!wish.names && !wish.ids) return null;
  const owner = accountOf(world, installation.accountId);
  const all = [...world.repositories.values()].filter((repo) => coversRepository(installation, repo));
  const byName = (wish.names ?? []).map((name) => all.find((repo) => sameName(repo.name, name, owner.login)));
  const byId = (wish.ids ?? []).map((id) => all.find((repo) => repo.id === id));
  const found = [...byName, ...byId];
  return found.every((repo) => repo !== undefined) ? found : 'unknown';
}

function sameName(name: string, wanted: string, owner: string): boolean {
  const lower = wanted.toLowerCase();
  return lower === name.toLowerCase() || lower === `${owner}/${name}`.toLowerCase();
}
