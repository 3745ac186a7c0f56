import { judgeFailure } from './call-failure.ts';

/** What an hour's limit is counted for; a secondary limit is about both. */
export type LimitedResource = 'core' | 'graphql';

/** Holds back the calls of an installation that the forge has limited, until it wants them again (invariant S16). */
export interface LimitGate {
  /** Throws what the forge would answer, as long as it wants no such call of this installation. */
  readonly enter: (installation: number, resource: LimitedResource) => void;
  /** Learns from what a call threw. */
  readonly meet: (installation: number, resource: LimitedResource, error: unknown) => void;
}

export function createLimitGate(now: () => number): LimitGate {
  const closed = new Map<string, number>();
  const untilOf = (installation: number, resource: LimitedResource) => closed.get(`${installation}/${resource}`) ?? 0;
  return {
    enter: (installation, resource) => {
      const left = untilOf(installation, resource) - now();
      if (left > 0) throw limitError(left);
    },
    meet: (installation, resource, error) => {
      const failure = judgeFailure(error, now());
      if (failure.kind !== 'limited') return;
      const resources: readonly LimitedResource[] = isHourUsedUp(error) ? [resource] : ['core', 'graphql'];
      for (const each of resources) {
        const until = Math.max(untilOf(installation, each), now() + failure.retryAfterMs);
        closed.set(`${installation}/${each}`, until);
      }
    },
  };
}

function isHourUsedUp(error: unknown): boolean {
  if (typeof error !== 'object' || error === null || !('response' in error)) return false;
  const { headers = {} } = error.response as { readonly headers?: Readonly<Record<string, unknown>> };
  return String(headers['x-ratelimit-remaining']) === '0' && headers['retry-after'] === undefined;
}

/** In the shape of Octokit's own, so that it is judged like an answer. */
function limitError(milliseconds: number): Error {
  const seconds = Math.ceil(milliseconds / 1_000);
  const error = new Error(`the forge wants no call through this installation for another ${seconds} s`);
  return Object.assign(error, { status: 429, response: { headers: { 'retry-after': String(seconds) } } });
}
