import type { Redis } from 'ioredis';
import type { WantedLine } from '../../ports/store.ts';
import { keysFor } from './keys.ts';
import { createLineReader, noteChanges } from './line-changes.ts';
import { defineScript } from './script.ts';

const grantScript = defineScript(`${noteChanges}
local line, versions, changes = unpack(KEYS)
local pool, version = ARGV[1], ARGV[2]
if (redis.call('HGET', versions, pool) or '0') ~= version then return 0 end
local first = 4 + 2 * tonumber(ARGV[3])
for i = 4, first - 1, 2 do
  if (redis.call('HGET', versions, ARGV[i]) or '0') ~= ARGV[i + 1] then return 0 end
end
local values, builds = {}, {}
for i = first, #ARGV do
  local value = redis.call('HGET', line, ARGV[i])
  if not value or string.sub(value, 1, 8) ~= 'waiting ' then return 0 end
  values[i] = 'granted ' .. string.sub(value, 9)
end
if #ARGV < first then return 1 end
for i = first, #ARGV do
  redis.call('HSET', line, ARGV[i], values[i])
  table.insert(builds, ARGV[i])
end
redis.call('HINCRBY', versions, pool, 1)
noteChanges(changes, redis.call('HGET', versions, pool), builds)
return 1
`);

/** The wanted line as `DocumentStore.save` derives it; a build that is not waiting cannot be granted (`changed`). */
export function createWantedLine(redis: Redis, prefix?: string): WantedLine {
  const key = keysFor(prefix);
  const keys = (pool: string) => [key('line', pool), key('lineVersions'), key('lineChanges', pool)];
  return {
    read: createLineReader(redis, key),
    async grant(pool, version, builds, beside = []) {
      const seen = beside.flatMap((other) => [other.pool, other.version]);
      const reply = await grantScript(redis, keys(pool), [pool, version, beside.length, ...seen, ...builds]);
      return reply === 1 ? 'granted' : 'changed';
    },
    async pools() {
      return (await redis.smembers(key('pools'))).sort();
    },
  };
}
