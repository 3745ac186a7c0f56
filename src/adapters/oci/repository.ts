import { RegistryTrouble } from '../../model/registry.ts';
import type { Clock } from '../../ports/clock.ts';
import type { RegistryFiles } from '../../ports/registry-keys.ts';
import { createAuthorizer, type Scope } from './authorizer.ts';
import type { Challenge } from './challenge.ts';
import { type Credential, credentialFor } from './credential.ts';
import type { ByteStream, Http, HttpAnswer, HttpRequest } from './http.ts';
import { type Place, placeOf } from './place.ts';
import { withTries } from './tries.ts';
import { refusalOf } from './trouble.ts';

export type Need = 'pull' | 'push' | 'delete';

export interface Call {
  /** For people, as the begin of a sentence: `cannot read the tags of quay.io/acme/api`. */
  readonly what: string;
  readonly method: HttpRequest['method'];
  /** Below `/v2/<name>/`, or an address that the registry gave. */
  readonly to: string | URL;
  readonly need: Need;
  /** Another repository of the registry that is read by this call. */
  readonly alsoPull?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Buffer | ByteStream;
  /** The statuses that the caller wants to see; any other is trouble. */
  readonly takes: readonly number[];
  /** Some calls make the registry work for long before it says a word. */
  readonly patience?: number;
}

export interface ElsewhereCall extends Pick<Call, 'what' | 'method' | 'headers' | 'takes'> {
  readonly url: URL;
  readonly body?: Buffer;
}

/** One repository, spoken to with one credential. Its calls throw `RegistryTrouble`, or the reason of an aborted signal. */
export interface Repository {
  readonly place: Place;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  readonly credential: Credential;
  /** Of each call; undefined: three. */
  readonly tries: number | undefined;
  /** How the registry wanted to be shown who asks; null: it was not asked yet, or wants nothing. */
  challenge(): Challenge | null;
  /** A call to something else of the registry's owner, with three tries and without a credential but the caller's. */
  elsewhere<T>(call: ElsewhereCall, read: (answer: HttpAnswer) => T | Promise<T>): Promise<T>;
  /** One call, without repetition; who it is from is shown as the registry wants it, and redirects are followed. */
  once(call: Call): Promise<HttpAnswer>;
  /** With three tries; `read` belongs to each. */
  ask<T>(call: Call, read: (answer: HttpAnswer) => T | Promise<T>): Promise<T>;
}

export interface RepositorySettings {
  readonly http: Http;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  readonly insecure: boolean;
  readonly silenceMs: number;
  /** Of each call, where whoever calls comes back by himself; left out: three. */
  readonly tries?: number;
}

const mostRedirects = 5;

export function openRepository(repository: string, files: RegistryFiles, settings: RepositorySettings): Repository {
  const { http, clock, signal, silenceMs, tries } = settings;
  const place = placeOf(repository, settings.insecure);
  const credential = credentialFor(files, place);
  const authorizer = createAuthorizer(place, credential, http, clock);

  async function once(call: Call): Promise<HttpAnswer> {
    const scopes = scopesOf(place, call);
    for (let round = 1; ; round += 1) {
      const shown = await authorizer.header(scopes, signal);
      const answer = await follow(call, shown);
      if (call.takes.includes(answer.status)) return answer;
      const learnt = answer.status === 401 && round < 3;
      if (!learnt || !authorizer.learn(answer.headers['www-authenticate'], scopes, shown))
        throw await refusalOf(answer, call.what, authorizer.secrets(), clock.now());
      answer.body.destroy();
      // A stream is spent: its owner goes on where the registry has got to.
      if (call.body !== undefined && !Buffer.isBuffer(call.body))
        throw new RegistryTrouble('away', `${call.what}: the registry wants to be shown a new token`, 0);
    }
  }

  async function follow(call: Call, shown: string | null): Promise<HttpAnswer> {
    let url = addressOf(place, call.to);
    for (let redirects = 0; ; redirects += 1) {
      const authorization = shown !== null && url.origin === place.origin.origin ? { authorization: shown } : {};
      const answer = await http.send({
        method: call.method,
        url,
        headers: { ...call.headers, ...authorization },
        silenceMs: silenceMs * (call.patience ?? 1),
        signal,
        ...(call.body === undefined ? {} : { body: call.body }),
      });
      if (![301, 302, 303, 307, 308].includes(answer.status) || call.takes.includes(answer.status)) return answer;
      if (call.method !== 'GET' && call.method !== 'HEAD') return answer;
      answer.body.destroy();
      const next = URL.parse(answer.headers.location ?? '', url.href);
      if (next === null || redirects === mostRedirects || (url.protocol === 'https:' && next.protocol !== 'https:'))
        throw new RegistryTrouble('refused', `${call.what}: the registry sends us to a place where we do not go`);
      url = next;
    }
  }

  async function onceElsewhere({ what, takes, ...request }: ElsewhereCall): Promise<HttpAnswer> {
    if (place.origin.protocol === 'https:' && request.url.protocol !== 'https:')
      throw new RegistryTrouble('refused', `${what}: ${request.url.host} is not spoken to in the clear`);
    const answer = await http.send({ headers: {}, ...request, silenceMs, signal });
    if (takes.includes(answer.status)) return answer;
    throw await refusalOf(answer, what, authorizer.secrets(), clock.now());
  }

  return {
    place,
    clock,
    signal,
    credential,
    tries,
    challenge: () => authorizer.challenge(),
    once,
    elsewhere: (call, read) => withTries(clock, signal, async () => read(await onceElsewhere(call)), tries),
    ask: (call, read) => withTries(clock, signal, async () => read(await once(call)), tries),
  };
}

/** Exactly what the call does. */
function scopesOf({ name }: Place, { need, alsoPull }: Call): readonly Scope[] {
  const actions = need === 'push' ? 'pull,push' : need;
  const own = `repository:${name}:${actions}`;
  return alsoPull === undefined ? [own] : [own, `repository:${alsoPull}:pull`];
}

/** Behind a proxy registries name themselves without TLS: what is theirs stays as safe as it was. */
function addressOf({ origin, name }: Place, to: string | URL): URL {
  if (typeof to === 'string') return new URL(`/v2/${name}/${to}`, origin);
  if (to.hostname !== origin.hostname || to.protocol === origin.protocol || origin.protocol === 'http:') return to;
  const safe = new URL(to);
  safe.protocol = origin.protocol;
  safe.port = origin.port;
  return safe;
}

/** The address in an answer's `Location`. */
export function locationOf(answer: HttpAnswer, { origin }: Place, what: string): URL {
  const { location } = answer.headers;
  const found = location === undefined ? null : URL.parse(location, origin.href);
  if (found === null || !/^https?:$/.test(found.protocol))
    throw new RegistryTrouble('refused', `${what}: the registry did not say where to go on`);
  return found;
}
