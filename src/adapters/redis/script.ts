import { createHash } from 'node:crypto';
import type { Redis } from 'ioredis';

/** Runs one Lua script on the server: all of it or nothing, and nothing else in between. */
export type Script = (redis: Redis, keys: readonly string[], args: readonly (string | number)[]) => Promise<unknown>;

/** Sends the script's digest only, and its text where the server does not know it (again). */
export function defineScript(lua: string): Script {
  const digest = createHash('sha1').update(lua).digest('hex');
  return async (redis, keys, args) => {
    try {
      return await redis.evalsha(digest, keys.length, ...keys, ...args);
    } catch (cause) {
      if (!isReply(cause, 'NOSCRIPT')) throw cause;
      return redis.eval(lua, keys.length, ...keys, ...args);
    }
  };
}

/** True for an error reply of the server that starts with this code. */
export function isReply(error: unknown, code: string): boolean {
  return error instanceof Error && error.message.startsWith(code);
}

/** What a script or command answered as a list of texts; throws when it is anything else. */
export function texts(reply: unknown): string[] {
  if (!Array.isArray(reply)) throw new TypeError(`Redis answered ${JSON.stringify(reply)} where a list was expected`);
  return reply.map((item) => String(item));
}
