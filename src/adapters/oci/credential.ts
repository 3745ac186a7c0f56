import { RegistryTrouble } from '../../model/registry.ts';
import type { RegistryFiles } from '../../ports/registry-keys.ts';
import { dockerHub, type Place } from './place.ts';

/** What we show to a registry; never written anywhere. */
export type Credential =
  | { readonly kind: 'none' }
  | { readonly kind: 'password'; readonly user: string; readonly password: string }
  /** To be exchanged for tokens. */
  | { readonly kind: 'identity'; readonly token: string }
  /** Shown as it is. */
  | { readonly kind: 'token'; readonly token: string };

/** The entry of `config.json` for a repository: the longest path that holds it, else its host's; none: anonymous. */
export function credentialFor(files: RegistryFiles, place: Place): Credential {
  const text = files['config.json'];
  if (text === undefined) return { kind: 'none' };
  const entries = entriesOf(text, place);
  const path = `${place.host}/${place.name}`;
  const [found] = entries
    .map(([key, value]) => [plainKey(key), value] as const)
    .filter(([key]) => path === key || path.startsWith(`${key}/`))
    .sort(([one], [other]) => other.length - one.length);
  return found === undefined ? { kind: 'none' } : toCredential(found[1], place);
}

/** Everything of it that must not be read anywhere. */
export function secretsOf(credential: Credential): readonly string[] {
  if (credential.kind === 'none') return [];
  if (credential.kind !== 'password') return [credential.token];
  return [basicOf(credential), credential.password, credential.user];
}

export function basicOf({ user, password }: { readonly user: string; readonly password: string }): string {
  return Buffer.from(`${user}:${password}`).toString('base64');
}

function entriesOf(text: string, { host }: Place): [string, unknown][] {
  try {
    const { auths = {} } = JSON.parse(text) as { auths?: object };
    return Object.entries(auths);
  } catch {
    // Its words may hold a piece of the text.
    throw new RegistryTrouble('denied', `the credential for ${host} is not JSON as Docker writes it`);
  }
}

/** Docker wrote addresses of its first protocols as keys. */
function plainKey(key: string): string {
  const plain = key.replace(/^https?:\/\//, '').replace(/(?:\/v[12])?\/*$/, '');
  return /^(?:index\.docker\.io|registry-1\.docker\.io)$/.test(plain) ? dockerHub : plain;
}

function toCredential(value: unknown, { host }: Place): Credential {
  const entry = (typeof value === 'object' && value !== null ? value : {}) as Record<string, unknown>;
  const text = (key: string): string => (typeof entry[key] === 'string' ? entry[key] : '');
  if (text('registrytoken') !== '') return { kind: 'token', token: text('registrytoken') };
  if (text('identitytoken') !== '') return { kind: 'identity', token: text('identitytoken') };
  const pair = text('auth') === '' ? null : Buffer.from(text('auth'), 'base64').toString();
  if (pair === null && text('username') === '') return { kind: 'none' };
  if (pair === null) return { kind: 'password', user: text('username'), password: text('password') };
  const colon = pair.indexOf(':');
  if (colon < 1)
    throw new RegistryTrouble('denied', `the credential for ${host} has an "auth" that is not base64 of user:password`);
  return { kind: 'password', user: pair.slice(0, colon), password: pair.slice(colon + 1) };
}
