import type { Actor } from './call.ts';
import { identityOf } from './call.ts';

/** How much of the hour's requests a caller has left. */
export interface Budget {
  readonly limit: number;
  readonly used: number;
  /** Seconds since 1970, when it begins anew. */
  readonly reset: number;
  readonly resource: 'core' | 'graphql';
}

/** Counts requests by caller in windows of one hour. */
export interface RateLimits {
  /** What is left, without spending. */
  readonly peek: (actor: Actor, resource: Budget['resource']) => Budget;
  /** Spends one; `used` above `limit` means refused. */
  readonly spend: (actor: Actor, resource: Budget['resource']) => Budget;
}

const hour = 3600;

export function createRateLimits(now: () => number, limitOfApps: number): RateLimits {
  const windows = new Map<string, { used: number; reset: number }>();
  const windowOf = (actor: Actor, resource: string): { used: number; reset: number } => {
    const key = `${identityOf(actor)} ${resource}`;
    const known = windows.get(key);
    const seconds = Math.floor(now() / 1000);
    if (known && known.reset > seconds) return known;
    const fresh = { used: 0, reset: seconds + hour };
    windows.set(key, fresh);
    return fresh;
  };
  const budget = (actor: Actor, resource: Budget['resource'], add: number): Budget => {
    const limit = actor.kind === 'anonymous' ? 60 : limitOfApps;
    const window = windowOf(actor, resource);
    window.used += add;
    return { limit, used: window.used, reset: window.reset, resource };
  };
  return {
    peek: (actor, resource) => budget(actor, resource, 0),
    spend: (actor, resource) => budget(actor, resource, 1),
  };
}

export function budgetHeaders({ limit, used, reset, resource }: Budget): Record<string, string> {
  return {
    'X-RateLimit-Limit': String(limit),
    'X-RateLimit-Remaining': String(Math.max(0, limit - used)),
    'X-RateLimit-Reset': String(reset),
    'X-RateLimit-Used': String(Math.min(used, limit)),
    'X-RateLimit-Resource': resource,
  };
}
