import type { Redis } from 'ioredis';
import type { WantedLine } from '../../ports/store.ts';
import { keysFor } from './keys.ts';
import { toLineEntry } from './line-value.ts';
import { defineScript, texts } from './script.ts';

const readScript = defineScript(`
local reply = redis.call('HVALS', KEYS[1])
table.insert(reply, 1, redis.call('HGET', KEYS[2], ARGV[1]) or '0')
return reply
`);

const grantScript = defineScript(`
local line, versions = KEYS[1], KEYS[2]
local pool, version = ARGV[1], ARGV[2]
if (redis.call('HGET', versions, pool) or '0') ~= version then return 0 end
local values = {}
for i = 3, #ARGV do
  local value = redis.call('HGET', line, ARGV[i])
  if not value or string.sub(value, 1, 8) ~= 'waiting ' then return 0 end
  values[i] = 'granted ' .. string.sub(value, 9)
end
if #ARGV < 3 then return 1 end
for i = 3, #ARGV do redis.call('HSET', line, ARGV[i], values[i]) end
redis.call('HINCRBY', versions, pool, 1)
return 1
`);

/** The wanted line as `DocumentStore.save` derives it; a build that is not waiting cannot be granted (`changed`). */
export function createWantedLine(redis: Redis, prefix?: string): WantedLine {
  const key = keysFor(prefix);
  return {
    async read(pool) {
      const reply = texts(await readScript(redis, [key('line', pool), key('lineVersions')], [pool]));
      const [version = '0', ...values] = reply;
      return { version: Number(version), entries: values.map(toLineEntry) };
    },
    async grant(pool, version, builds) {
      const reply = await grantScript(redis, [key('line', pool), key('lineVersions')], [pool, version, ...builds]);
      return reply === 1 ? 'granted' : 'changed';
    },
    async pools() {
      return (await redis.smembers(key('pools'))).sort();
    },
  };
}
