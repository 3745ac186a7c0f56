import type { FaultKind } from './faults.ts';
import type { Outgoing } from './request.ts';

/** Whether the connection ends before anything has happened. */
export async function isCutBefore(fault: FaultKind): Promise<boolean> {
  if (fault.kind === 'hold') return fault.when === 'before' && (await fault.until()) === 'cut';
  return fault.kind === 'reset' && fault.when === 'before';
}

/** What a fault answers in place of the effect; null if the effect is to happen. */
export function spoiledBefore(fault: FaultKind, now: number): Outgoing | null {
  switch (fault.kind) {
    case 'status':
      return fault.when === 'before'
        ? faultAnswer(fault.status, fault.message ?? 'Server Error', retryAfter(fault))
        : null;
    case 'primary-limit': {
      const reset = String(Math.floor(now / 1000) + 1);
      const headers = { 'X-RateLimit-Limit': '5000', 'X-RateLimit-Remaining': '0', 'X-RateLimit-Reset': reset };
      return faultAnswer(403, 'API rate limit exceeded for installation.', headers);
    }
    case 'secondary-limit': {
      const message = 'You have exceeded a secondary rate limit. Please wait a few minutes before you try again.';
      return faultAnswer(fault.status, message, retryAfter(fault));
    }
    default:
      return null;
  }
}

/** What a fault answers after the effect has happened; null if the true answer is to go out. */
export async function spoiledAfter(fault: FaultKind): Promise<Outgoing | 'reset' | null> {
  if (fault.kind === 'reset') return 'reset';
  if (fault.kind === 'hold') return fault.when === 'after' && (await fault.until()) === 'cut' ? 'reset' : null;
  return fault.kind === 'status' && fault.when === 'after'
    ? faultAnswer(fault.status, fault.message ?? 'Server Error', retryAfter(fault))
    : null;
}

function retryAfter({ retryAfter: seconds }: { readonly retryAfter?: number }): Record<string, string> {
  return seconds === undefined ? {} : { 'Retry-After': String(seconds) };
}

function faultAnswer(status: number, message: string, headers: Record<string, string>): Outgoing {
  const body = JSON.stringify({ message, documentation_url: 'https://docs.github.com/rest' });
  const type = { 'Content-Type': 'application/json; charset=utf-8' };
  const actor = { kind: 'anonymous' } as const;
  return { status, headers: { ...type, ...headers }, body, operation: null, actor, counted: false };
}
