import { RegistryTrouble } from '../../model/registry.ts';
import type { Clock } from '../../ports/clock.ts';
import { type Challenge, readChallenge } from './challenge.ts';
import { basicOf, type Credential, secretsOf } from './credential.ts';
import type { Http } from './http.ts';
import type { Place } from './place.ts';
import { readJson } from './read-answer.ts';
import { refusalOf } from './trouble.ts';

/** What a call wants to do, as token servers name it: `repository:acme/api:pull,push`. */
export type Scope = string;

/** Shows one credential to one registry, as it wants to see it. */
export interface Authorizer {
  /** The value of `Authorization`, as far as it is known what is wanted; null: nothing is. */
  header(scopes: readonly Scope[], signal: AbortSignal): Promise<string | null>;
  /** Learns from a 401; false: there is nothing else that we could show. */
  learn(challenge: string | undefined, scopes: readonly Scope[], shown: string | null): boolean;
  /** What was learnt last. */
  challenge(): Challenge | null;
  /** What must not be read anywhere. */
  secrets(): readonly string[];
}

interface Token {
  readonly value: string;
  readonly expiresAt: number;
}

type Bearer = Extract<Challenge, { kind: 'bearer' }>;

const mostAnswer = 1024 * 1024;
const silenceMs = 30_000;
/** A token about to end would end on the way. */
const marginMs = 10_000;
const defaultLifeMs = 60_000;

export function createAuthorizer(place: Place, credential: Credential, http: Http, clock: Clock): Authorizer {
  let challenge: Challenge | null = null;
  const tokens = new Map<string, Token>();

  async function tokenFor(bearer: Bearer, scopes: readonly Scope[], signal: AbortSignal): Promise<string> {
    const key = scopes.join(' ');
    const known = tokens.get(key);
    if (known !== undefined && known.expiresAt > clock.now()) return known.value;
    const token = await fetchToken(bearer, scopes, signal);
    tokens.set(key, token);
    return token.value;
  }

  async function fetchToken(bearer: Bearer, scopes: readonly Scope[], signal: AbortSignal): Promise<Token> {
    const url = new URL(bearer.realm);
    if (url.protocol !== 'https:' && place.origin.protocol === 'https:')
      throw new RegistryTrouble(
        'refused',
        `${place.host} wants its credential sent in the clear to ${url.host}: refused`,
      );
    const answer = await http.send({ ...tokenRequest(url, bearer, scopes, credential), silenceMs, signal });
    const what = `cannot get a token for ${place.repository} from ${url.host}`;
    if (answer.status !== 200) throw await refusalOf(answer, what, secretsOf(credential), clock.now());
    const body = await readJson(answer, mostAnswer, what);
    const value = body.token ?? body.access_token;
    if (typeof value !== 'string' || !/^[\x21-\x7e]+$/.test(value))
      throw new RegistryTrouble('refused', `${what}: it gave none`);
    const seconds = typeof body.expires_in === 'number' ? body.expires_in : null;
    const life = seconds === null ? defaultLifeMs : seconds * 1000;
    return { value, expiresAt: clock.now() + Math.max(life - marginMs, life / 2) };
  }

  return {
    async header(scopes, signal) {
      if (credential.kind === 'token') return `Bearer ${credential.token}`;
      if (challenge?.kind === 'bearer') return `Bearer ${await tokenFor(challenge, scopes, signal)}`;
      return challenge?.kind === 'basic' && credential.kind === 'password' ? `Basic ${basicOf(credential)}` : null;
    },
    learn(header, scopes, shown) {
      const found = readChallenge(header);
      if (found === null || credential.kind === 'token') return false;
      if (found.kind === 'basic' && (credential.kind !== 'password' || shown?.startsWith('Basic '))) return false;
      challenge = found;
      tokens.delete(scopes.join(' '));
      return true;
    },
    challenge: () => challenge,
    secrets: () => [...secretsOf(credential), ...[...tokens.values()].map(({ value }) => value)],
  };
}

function tokenRequest(realm: URL, { service }: Bearer, scopes: readonly Scope[], credential: Credential) {
  const fields = new URLSearchParams(realm.search);
  if (service !== null) fields.set('service', service);
  if (credential.kind !== 'identity') {
    for (const scope of scopes) fields.append('scope', scope);
    const url = new URL(realm);
    url.search = fields.toString();
    const shown = credential.kind === 'password' ? { authorization: `Basic ${basicOf(credential)}` } : {};
    return { method: 'GET', url, headers: { accept: 'application/json', ...shown } } as const;
  }
  fields.set('grant_type', 'refresh_token');
  fields.set('client_id', 'sluice');
  fields.set('refresh_token', credential.token);
  fields.set('scope', scopes.join(' '));
  const headers = { accept: 'application/json', 'content-type': 'application/x-www-form-urlencoded' };
  return { method: 'POST', url: realm, headers, body: Buffer.from(fields.toString()) } as const;
}
