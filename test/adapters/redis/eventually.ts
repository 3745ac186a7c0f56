import { expect } from 'vitest';

/** Asks again until the expectation holds, for long enough on a busy machine. */
export function eventually<T>(ask: () => T, options: { readonly interval?: number } = {}) {
  return expect.poll(ask, { timeout: 15_000, interval: 10, ...options });
}

export function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}
