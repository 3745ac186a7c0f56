import { registerApp } from './apps.ts';
import { eventPermission } from './events.ts';
import { appOf } from './lookup.ts';
import { schemas } from './openapi.ts';
import type { Account, App, AppPermissions, World } from './world.ts';

/** An App manifest as GitHub documents it (docs: registering a GitHub App from a manifest). */
export interface Manifest {
  readonly name: string;
  readonly url: string;
  readonly webhookUrl: string | null;
  readonly redirectUrl: string;
  readonly description: string;
  readonly permissions: AppPermissions;
  readonly events: readonly string[];
}

export type ManifestReading =
  | { readonly kind: 'manifest'; readonly manifest: Manifest }
  | { readonly kind: 'refused'; readonly problems: readonly string[] };

const permissionNames = new Set(Object.keys((schemas.get('app-permissions')?.properties ?? {}) as object));

/** Reads a manifest; every problem at once, in GitHub's manner. */
export function readManifest(value: unknown): ManifestReading {
  if (typeof value !== 'object' || value === null)
    return { kind: 'refused', problems: ['manifest: not a JSON object'] };
  const raw = value as Readonly<Record<string, unknown>>;
  const permissions = (raw.default_permissions ?? {}) as AppPermissions;
  const events = (raw.default_events ?? []) as readonly string[];
  const problems = [
    ...(isText(raw.url) ? [] : ['url: is required']),
    ...(isText(raw.redirect_url) ? [] : ['redirect_url: is required here, as sluice setup reads the code from it']),
    ...hookProblems(raw.hook_attributes),
    ...Object.entries(permissions).flatMap(([name, level]) => permissionProblems(name, level)),
    ...events.flatMap((event) => eventProblems(event, permissions)),
  ];
  if (problems.length > 0) return { kind: 'refused', problems };
  const hook = raw.hook_attributes as { url: string } | undefined;
  return {
    kind: 'manifest',
    manifest: {
      name: isText(raw.name) ? raw.name : 'app',
      url: String(raw.url),
      redirectUrl: String(raw.redirect_url),
      webhookUrl: hook?.url ?? null,
      description: isText(raw.description) ? raw.description : '',
      permissions,
      events,
    },
  };
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value !== '';
}

function hookProblems(hook: unknown): string[] {
  if (hook === undefined) return [];
  const url = typeof hook === 'object' && hook !== null && 'url' in hook ? hook.url : undefined;
  return isText(url) && URL.canParse(url) ? [] : ['hook_attributes.url: is not a URL'];
}

function permissionProblems(name: string, level: string): string[] {
  if (!permissionNames.has(name)) return [`default_permissions.${name}: is not a permission`];
  return ['read', 'write', 'admin'].includes(level) ? [] : [`default_permissions.${name}: ${level} is not a level`];
}

function eventProblems(event: string, permissions: AppPermissions): string[] {
  const permission = eventPermission(event);
  if (permission === undefined) return [`default_events: ${event} is not an event an App can have`];
  if (permission === 'metadata' || permissions[permission]) return [];
  return [`default_events: ${event} needs the permission ${permission}`];
}

/** Registers the App a manifest describes, and returns where the browser is sent: with a code that works once. */
export function acceptManifest(world: World, manifest: Manifest, state: string | null, owner: Account): string {
  const app = registerApp(world, {
    owner,
    name: manifest.name,
    description: manifest.description,
    externalUrl: manifest.url,
    permissions: manifest.permissions,
    events: manifest.events,
    webhookUrl: manifest.webhookUrl,
  });
  const code = world.ids.secret(40);
  world.manifestCodes.set(code, app.id);
  const url = new URL(manifest.redirectUrl);
  url.searchParams.set('code', code);
  if (state !== null) url.searchParams.set('state', state);
  return url.toString();
}

/** The App behind a code, once; null for an unknown or used one. */
export function redeemManifest(world: World, code: string): App | null {
  const id = world.manifestCodes.get(code);
  world.manifestCodes.delete(code);
  return id === undefined ? null : appOf(world, id);
}
