import type { Octokit } from '@octokit/rest';
import { type Options, ProbotOctokit } from 'probot';
import type { Log } from '../../ports/log.ts';

/** What our calls use of Octokit. */
export type Client = Pick<Octokit, 'rest' | 'paginate' | 'graphql' | 'request'>;

/** The hook of an Octokit authentication strategy, with what is used of it. */
export type AuthHook = (request: Sender, route: unknown, parameters: unknown) => Promise<unknown>;

export interface Sender {
  (endpoint: Endpoint): Promise<unknown>;
  readonly endpoint: { merge(route: unknown, parameters: unknown): Endpoint };
}

export interface Endpoint {
  readonly url: string;
  readonly headers: Record<string, string | number | undefined>;
}

/** How fast: `github` obeys GitHub's advice (a write a second), `unbounded` is for a stand-in on this machine. */
export type Pace = 'github' | 'unbounded';

export interface OctokitSettings {
  readonly apiUrl: string;
  readonly log: Log;
  readonly pace: Pace;
  readonly send: typeof fetch;
}

/** A limit that was met is told to the caller, who knows what can wait. */
export const tellLimits = { onRateLimit: () => false, onSecondaryRateLimit: () => false };

/**
 * Probot's Octokit, tuned: what fails because of a limit is not repeated but told; reads are repeated twice; writes never,
 * because after a 5xx or a lost connection nobody knows whether they happened.
 */
export function tunedOctokit(settings: OctokitSettings): typeof ProbotOctokit {
  const unbounded = settings.pace === 'unbounded';
  // A function, because plain defaults would be overridden by Probot's own.
  return ProbotOctokit.plugin(setRequestDefaults).defaults((given: { throttle?: object }) => ({
    ...given,
    baseUrl: settings.apiUrl,
    log: octokitLog(settings.log),
    request: { fetch: settings.send },
    retry: {
      retries: 2,
      retryAfterBaseValue: unbounded ? 1 : 1_000,
      doNotRetry: [400, 401, 403, 404, 409, 410, 413, 422, 429, 451],
    },
    throttle: {
      enabled: !unbounded,
      ...given.throttle,
      ...tellLimits,
    },
  }));
}

function setRequestDefaults(octokit: Pick<ProbotOctokit, 'hook'>): void {
  octokit.hook.before('request', (options) => {
    options.headers['x-github-api-version'] = '2022-11-28';
    const repeatable = options.method === 'GET' || options.request?.repeatable === true;
    if (!repeatable) options.request = { ...options.request, retries: 0 };
  });
}

/** Octokit's and Probot's own sentences; their debug lines hold request bodies and are dropped. */
export function octokitLog(log: Log): NonNullable<Options['log']> {
  const drop = () => undefined;
  const tell =
    (level: 'warn' | 'error') =>
    (...said: unknown[]) =>
      log[level]({ said: said.map(sayOf).join(' ') }, 'octokit');
  const own = { trace: drop, debug: drop, info: drop, warn: tell('warn'), error: tell('error'), fatal: tell('error') };
  const shim: object = { ...own, child: () => shim };
  // Probot asks for pino's whole type and calls no more than these.
  return shim as NonNullable<Options['log']>;
}

function sayOf(said: unknown): string {
  return said instanceof Error ? said.message : String(said);
}
