import { Probot } from 'probot';
import type { Person } from '../../model/person.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Log } from '../../ports/log.ts';
import { type Metrics, uncounted } from '../../ports/metrics.ts';
import { statusOf } from './call-failure.ts';
import { createConditionalFetch } from './conditional-fetch.ts';
import { countCalls, noteLimit } from './count-calls.ts';
import { createLimitGate, type LimitGate } from './limit-gate.ts';
import { type AuthHook, type Client, octokitLog, type Pace, tellLimits, tunedOctokit } from './octokit.ts';
import { purposeKey, type TokenPurpose } from './token-scopes.ts';
import { createTokens, type Tokens } from './tokens.ts';

export interface GitHubAppOptions {
  readonly appId: number;
  /** PEM. */
  readonly privateKey: string;
  /** `https://api.github.com`, or `https://HOST/api/v3` of an Enterprise Server. */
  readonly apiUrl: string;
  readonly clock: Pick<Clock, 'now'>;
  readonly log: Log;
  /** Default `github`. */
  readonly pace?: Pace;
  /** Default: the process's own. */
  readonly fetch?: typeof fetch;
  /** Default: nothing is counted. */
  readonly metrics?: Metrics;
}

/** Our App on one GitHub: clients for what it may do. */
export interface GitHubApp {
  readonly appId: number;
  readonly clock: Pick<Clock, 'now'>;
  readonly log: Log;
  /** Acts as the App itself, outside any installation. */
  readonly asApp: () => Promise<Client>;
  /** Acts with a token of this purpose, which is minted when first used and renewed once when refused. */
  readonly as: (purpose: TokenPurpose) => Client;
  /** A fresh token, kept nowhere. */
  readonly mint: (purpose: TokenPurpose) => Promise<string>;
  /** The bot in whose name the App writes; read once. */
  readonly bot: (client: Client) => Promise<Person>;
}

/** Makes no request yet. */
export function createGitHubApp(options: GitHubAppOptions): GitHubApp {
  const { appId, privateKey, apiUrl, log, pace = 'github', metrics = uncounted } = options;
  const send = createConditionalFetch(countCalls(options.fetch ?? fetch, metrics), {
    maxBytes: 64 * 2 ** 20,
    timeoutMs: 30_000,
  });
  const Octokit = tunedOctokit({ apiUrl, log, pace, send });
  const probot = new Probot({
    appId,
    privateKey,
    Octokit,
    baseUrl: apiUrl,
    log: octokitLog(log),
    request: { fetch: send },
  });
  const asApp = async (): Promise<Client> => probot.auth();
  const tokens = createTokens(asApp, options.clock);
  const gate = createLimitGate(options.clock.now);
  const clients = new Map<string, Client>();
  const bot = once((client: Client) => readBot(asApp, client));
  const make = (purpose: TokenPurpose): Client => {
    const hook = scopedHook(tokens, purpose, gate, metrics);
    const authStrategy = () => Object.assign(async () => ({ type: 'token' }), { hook });
    // A landing is never queued behind other writes (gate.md §4).
    const line = purpose.kind === 'merge' ? `${purpose.installation}/merge` : String(purpose.installation);
    const paced = new Octokit({ authStrategy, throttle: { id: line, ...tellLimits } });
    // The throttle takes every GraphQL query for a write, one a second; ours only read.
    const { graphql } = new Octokit({ authStrategy, throttle: { enabled: false } });
    return { rest: paced.rest, paginate: paced.paginate, request: paced.request, graphql };
  };
  return {
    appId,
    clock: options.clock,
    log,
    asApp,
    as: (purpose) => {
      const key = purposeKey(purpose);
      const client = clients.get(key) ?? make(purpose);
      clients.set(key, client);
      return client;
    },
    mint: tokens.mint,
    bot,
  };
}

/** Puts the token on each call; one that is refused as expired was not carried out, so it is sent again with a new token. */
function scopedHook(tokens: Tokens, purpose: TokenPurpose, gate: LimitGate, metrics: Metrics): AuthHook {
  return async (request, route, parameters) => {
    const endpoint = request.endpoint.merge(route, parameters);
    const resource = endpoint.url.endsWith('/graphql') ? 'graphql' : 'core';
    const told = async (answer: Promise<unknown>) => {
      // Its failure is the caller's; here it only says what is left of the limit.
      const note = (either: unknown) => noteLimit(metrics, purpose.installation, either);
      answer.then(note, note);
      return answer;
    };
    const sendWith = (token: string) => {
      endpoint.headers.authorization = `token ${token}`;
      return told(request(endpoint));
    };
    gate.enter(purpose.installation, resource);
    try {
      const token = await tokens.kept(purpose);
      try {
        return await sendWith(token);
      } catch (error) {
        if (statusOf(error) !== 401) throw error;
        return await sendWith(await tokens.kept(purpose, token));
      }
    } catch (error) {
      gate.meet(purpose.installation, resource, error);
      throw error;
    }
  };
}

async function readBot(asApp: () => Promise<Client>, client: Client): Promise<Person> {
  const { data: app } = await (await asApp()).rest.apps.getAuthenticated();
  const login = `${app?.slug}[bot]`;
  const { data: user } = await client.rest.users.getByUsername({ username: login });
  return { id: user.id, login, kind: 'bot' };
}

/** Remembers the answer, not a failure. */
function once<A, T>(ask: (argument: A) => Promise<T>): (argument: A) => Promise<T> {
  let answer: Promise<T> | null = null;
  return async (argument) => {
    answer ??= ask(argument);
    try {
      return await answer;
    } catch (error) {
      answer = null;
      throw error;
    }
  };
}
