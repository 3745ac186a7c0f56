import type { Redis } from 'ioredis';
import type { Notes } from '../../ports/store.ts';
import { keysFor } from './keys.ts';
import { defineScript } from './script.ts';

const leaseScript = defineScript(`
local holder = redis.call('GET', KEYS[1])
if holder and holder ~= ARGV[1] then return 0 end
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
return 1
`);

/** Small durable values, and leases that end by the server's clock. */
export function createNotes(redis: Redis, prefix?: string): Notes {
  const key = keysFor(prefix);
  return {
    read: (name) => redis.get(key('note', name)),
    async write(name, value) {
      await redis.set(key('note', name), value);
    },
    async life() {
      return /run_id:(\w+)/.exec(await redis.info('server'))?.[1] ?? '';
    },
    async lease(name, holder, milliseconds) {
      return (await leaseScript(redis, [key('lease', name)], [holder, milliseconds])) === 1;
    },
  };
}
