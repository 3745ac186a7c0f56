import { randomUUID } from 'node:crypto';
import type { Redis } from 'ioredis';
import { defineScript } from './script.ts';

/** Says which process handles a name now, so that no two do. */
export interface PassLock {
  /** False while another process has it. Kept until it is given back or this process is gone for some seconds. */
  take(name: string): Promise<boolean>;
  give(name: string): void;
}

const giveScript = defineScript(`
if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('DEL', KEYS[1]) end
return 0
`);

const keepScript = defineScript(`
local holder = redis.call('GET', KEYS[1])
if holder and holder ~= ARGV[1] then return 0 end
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
return 1
`);

const lifeMs = 10_000;

/**
 * Locks that end by themselves: a process that stood still for longer may find another at its work, which the
 * compare-and-set of `save` makes harmless.
 */
export function createPassLock(redis: Redis, keyOf: (name: string) => string): PassLock {
  const token = randomUUID();
  const held = new Map<string, NodeJS.Timeout>();
  // What cannot be renewed or given back now ends by itself.
  const leave = (): void => undefined;
  return {
    async take(name) {
      const keep = (): Promise<unknown> => keepScript(redis, [keyOf(name)], [token, lifeMs]);
      if ((await keep()) !== 1) return false;
      const timer = setInterval(() => void keep().catch(leave), lifeMs / 3);
      timer.unref();
      held.set(name, timer);
      return true;
    },
    give(name) {
      clearInterval(held.get(name));
      if (held.delete(name)) giveScript(redis, [keyOf(name)], [token]).catch(leave);
    },
  };
}
