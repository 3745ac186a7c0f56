import { readRepository, registryHost } from './read-repository.ts';

export type NarrowOutcome =
  | { readonly kind: 'narrowed'; readonly config: string }
  /** Holds nothing of the text. */
  | { readonly kind: 'unusable'; readonly because: string };

const fields = ['auth', 'username', 'password', 'identitytoken', 'registrytoken'];

/** Docker wrote addresses of its first protocols as keys. */
function placeOf(key: string): string {
  const plain = key.replace(/^https?:\/\//, '').replace(/(?:\/v[12])?\/*$/, '');
  const slash = plain.indexOf('/');
  return slash === -1 ? registryHost(plain) : `${registryHost(plain.slice(0, slash))}${plain.slice(slash)}`;
}

function parsed(text: string): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : null;
  } catch {
    // Its words would hold a piece of the text.
    return null;
  }
}

/** Of a `config.json` as Docker writes it the one entry that is for this repository, and of that what proves who we are. */
export function narrowDockerConfig(text: string, repository: string): NarrowOutcome {
  const { host, path } = readRepository(repository);
  const config = parsed(text);
  if (config === null) return { kind: 'unusable', because: 'it is not JSON as Docker writes it' };
  const auths = typeof config.auths === 'object' && config.auths !== null ? config.auths : {};
  const [found] = Object.entries(auths)
    .map(([key, value]) => ({ place: placeOf(key), value: value as unknown }))
    .filter(({ place }) => `${host}/${path}/`.startsWith(`${place}/`))
    .sort((one, other) => other.place.length - one.place.length);
  const entries = typeof found?.value === 'object' && found.value !== null ? Object.entries(found.value) : [];
  const kept = entries.filter(([key, value]) => fields.includes(key) && typeof value === 'string' && value !== '');
  if (kept.length > 0)
    return { kind: 'narrowed', config: JSON.stringify({ auths: { [host]: Object.fromEntries(kept) } }) };
  const helper = 'credsStore' in config || 'credHelpers' in config;
  const hint = helper ? '; what a helper program keeps (credsStore, credHelpers) is not asked for' : '';
  return { kind: 'unusable', because: `it has no login for ${host} under "auths"${hint}` };
}
