import type { Redis } from 'ioredis';
import { isReply, texts } from './script.ts';

/**
 * When a write is safe: as soon as it is answered (`at-once`: fsync at every write, or nothing is kept on disk at all),
 * after WAITAOF (`on-request`, Redis 7.2), or about a second later without our knowing (`later`).
 */
export type Durability = 'at-once' | 'on-request' | 'later';

export async function durabilityOf(redis: Redis): Promise<Durability> {
  if ((await setting(redis, 'appendonly')) === 'no') return 'at-once';
  if ((await setting(redis, 'appendfsync')) === 'always') return 'at-once';
  return isAtLeast(await serverVersion(redis), 7, 2) ? 'on-request' : 'later';
}

/** Waits until the server has this connection's writes on its disk; throws when it does not say so in time. */
export async function waitUntilOnDisk(redis: Redis, milliseconds: number): Promise<void> {
  try {
    const [local] = texts(await redis.call('WAITAOF', 1, 0, milliseconds));
    if (local === '0') throw new Error(`Redis did not write to its disk within ${milliseconds} ms`);
  } catch (cause) {
    // The server keeps no file, so there is nothing to wait for; `checkServer` has told the operator.
    if (!isReply(cause, 'ERR WAITAOF cannot be used')) throw cause;
  }
}

/** A server setting, or null where the server does not tell (managed ones often do not). */
export async function setting(redis: Redis, name: string): Promise<string | null> {
  try {
    return texts(await redis.call('CONFIG', 'GET', name))[1] ?? null;
  } catch (cause) {
    if (isReply(cause, 'ERR') || isReply(cause, 'NOPERM')) return null;
    throw cause;
  }
}

/** As `7.0.15`; empty when the server does not say. Valkey gives the Redis version that it is compatible with. */
export async function serverVersion(redis: Redis): Promise<string> {
  return /^redis_version:(\S+)/m.exec(await redis.info('server'))?.[1] ?? '';
}

export function isAtLeast(version: string, major: number, minor: number): boolean {
  const [first = 0, second = 0] = version.split('.').map(Number);
  return first > major || (first === major && second >= minor);
}
