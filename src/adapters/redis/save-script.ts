import { noteChanges } from './line-changes.ts';
import { defineScript } from './script.ts';

/**
 * Compare version, then document, index, wanted line, history and inbox, all or nothing. A line's value is the entry's
 * state, a blank, and the rest as JSON: numbers never pass through Lua's, which would round them.
 */
export const saveScript = defineScript(`${noteChanges}
local document, subjects, wake, inboxes, inbox, history, lineOf, pools, versions, topicsOf = unpack(KEYS)
local subject, expected, body, wakeAt, settled, retention, decision, keep, linePrefix, changesPrefix, pool, seen, hearersPrefix = unpack(ARGV)
local at = 14
local function nextArg() at = at + 1 return ARGV[at - 1] end

local version = redis.call('HGET', document, 'version') or '0'
if version ~= expected then return 0 end
if pool ~= '' and (redis.call('HGET', versions, pool) or '0') ~= seen then return 0 end
redis.call('HSET', document, 'version', tonumber(version) + 1, 'document', body)
if decision ~= '' then redis.call('XADD', history, 'MAXLEN', keep, '*', 'decision', decision) end

if wakeAt == '' then redis.call('ZREM', wake, subject) else redis.call('ZADD', wake, wakeAt, subject) end
local time = redis.call('TIME')
local now = tonumber(time[1]) * 1000
redis.call('ZREMRANGEBYSCORE', subjects, '-inf', now)
if settled == '1' then
  redis.call('ZADD', subjects, now + tonumber(retention), subject)
  redis.call('PEXPIRE', document, retention)
  redis.call('PEXPIRE', history, retention)
else
  redis.call('ZADD', subjects, '+inf', subject)
  redis.call('PERSIST', document)
  redis.call('PERSIST', history)
end

for _ = 1, tonumber(nextArg()) do redis.call('HDEL', inbox, nextArg()) end
if redis.call('HLEN', inbox) == 0 then redis.call('SREM', inboxes, subject) end

local unheard = {}
for _, topic in ipairs(redis.call('SMEMBERS', topicsOf)) do unheard[topic] = true end
for _ = 1, tonumber(nextArg()) do
  local topic = nextArg()
  redis.call('SADD', topicsOf, topic)
  redis.call('SADD', hearersPrefix .. topic, subject)
  unheard[topic] = nil
end
for topic in pairs(unheard) do
  redis.call('SREM', topicsOf, topic)
  redis.call('SREM', hearersPrefix .. topic, subject)
end

local before = redis.call('HGETALL', lineOf)
local poolOf, changed = {}, {}
local function note(pool, build)
  changed[pool] = changed[pool] or {}
  table.insert(changed[pool], build)
end
redis.call('DEL', lineOf)
for _ = 1, tonumber(nextArg()) do
  local build, pool, state, entry = nextArg(), nextArg(), nextArg(), nextArg()
  local old = redis.call('HGET', linePrefix .. pool, build)
  if old and state == 'waiting' and string.sub(old, 1, 8) == 'granted ' then state = 'granted' end
  local value = state .. ' ' .. entry
  if value ~= old then
    redis.call('HSET', linePrefix .. pool, build, value)
    note(pool, build)
  end
  poolOf[build] = pool
  redis.call('HSET', lineOf, build, pool)
end
for i = 1, #before, 2 do
  local build, pool = before[i], before[i + 1]
  if poolOf[build] ~= pool and redis.call('HDEL', linePrefix .. pool, build) == 1 then note(pool, build) end
end
for pool, builds in pairs(changed) do
  -- Starts at the time in microseconds, so that no version comes twice, not even after the data was lost.
  local start = string.format('%.0f', tonumber(time[1]) * 1000000 + tonumber(time[2]))
  if redis.call('HSETNX', versions, pool, start) == 0 then redis.call('HINCRBY', versions, pool, 1) end
  noteChanges(changesPrefix .. pool, redis.call('HGET', versions, pool), builds)
  if redis.call('HLEN', linePrefix .. pool) == 0 then
    redis.call('SREM', pools, pool)
  else
    redis.call('SADD', pools, pool)
  end
end
return 1
`);
