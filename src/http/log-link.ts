import { createHmac, timingSafeEqual } from 'node:crypto';
import type { BuildId } from '../model/build.ts';

function keyFor(logKey: string, build: BuildId): string {
  return createHmac('sha256', logKey).update(`log\n${build}`).digest('base64url');
}

/** The capability URL of a Build's log: whoever has it may read that log. `base` is our public URL. Same in, same out. */
export function logUrl(base: string, logKey: string, build: BuildId): string {
  return `${base.replace(/\/+$/, '')}/logs/${build}?key=${keyFor(logKey, build)}`;
}

/** Whether `given` is this Build's key, compared in constant time. An empty `logKey` opens nothing. */
export function isLogKey(logKey: string, build: BuildId, given: string): boolean {
  const expected = Buffer.from(keyFor(logKey, build));
  const actual = Buffer.from(given);
  return logKey !== '' && actual.length === expected.length && timingSafeEqual(actual, expected);
}
