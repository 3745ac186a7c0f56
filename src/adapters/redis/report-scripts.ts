import { defineScript } from './script.ts';

// The server's clock is the one that all processes share; a test may give its own.
const clock = `
local function clock(given)
  if given ~= '' then return tonumber(given) end
  local time = redis.call('TIME')
  return tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)
end
`;

// Puts a wish into the one line it belongs in, not to be written before \`at\`.
const mark = `
local function mark(finals, progress, id, final, at)
  local into, other = progress, finals
  if final == '1' then into, other = finals, progress end
  redis.call('ZREM', other, id)
  redis.call('ZADD', into, at, id)
end
`;

// Another one after each start of the server; nothing where it does not say.
const life = `
local function life()
  local info = redis.pcall('INFO', 'server')
  return type(info) == 'string' and string.match(info, 'run_id:(%w+)') or ''
end
`;

/** Answers `same`, `ignored`, `unknown` (the subject that wishes is not there, or went back to before it did) or `stored`. */
export const wantScript = defineScript(`${clock}${mark}${life}
local check, installations, document = KEYS[1], KEYS[2], KEYS[3]
local given, id, installation, project, report, fingerprint, final, coalesce, finals, progress, subject, deliveries, rewrite, version = unpack(ARGV)
if document and tonumber(redis.call('HGET', document, 'version') or '0') < tonumber(version) then return 'unknown' end
local now = clock(given)
local was = redis.call('HMGET', check, 'fingerprint', 'final', 'writtenAt', 'leaseUntil', 'installation',
  'delivered', 'wantedAt', 'deliveries', 'life')
-- A server that was started since may have come back with old data: the forge may show what was written in between.
local function isDoubtful()
  if final == '1' or was[6] ~= fingerprint or not was[9] or was[9] == '' then return false end
  if now - tonumber(was[3] or '0') < tonumber(rewrite) then return false end
  local present = life()
  return present ~= '' and present ~= was[9]
end
if was[1] == fingerprint and was[5] == installation and not isDoubtful() then
  redis.call('HSET', check, 'project', project)
  return 'same'
end
if was[2] == '1' and final ~= '1' then return 'ignored' end
if was[5] and was[5] ~= installation then
  redis.call('ZREM', finals .. was[5], id)
  redis.call('ZREM', progress .. was[5], id)
end
redis.call('HSET', check, 'project', project, 'report', report, 'fingerprint', fingerprint, 'final', final,
  'installation', installation, 'failures', 0, 'subject', subject)
-- What was never shown led to this as well; the newest words of the list are enough for a log.
if was[6] ~= was[1] and was[8] then deliveries = string.sub(was[8] .. ' ' .. deliveries, -1000) end
redis.call('HSET', check, 'deliveries', deliveries)
if not was[7] or was[6] == was[1] then redis.call('HSET', check, 'wantedAt', now) end
redis.call('PERSIST', check)
local at = now
if final ~= '1' and was[3] then at = math.max(at, tonumber(was[3]) + tonumber(coalesce)) end
if was[4] then at = math.max(at, tonumber(was[4])) end
mark(finals .. installation, progress .. installation, id, final, at)
redis.call('SADD', installations, installation)
return 'stored'
`);

/**
 * Answers `idle`, `wait` and how many ms, or `write` and what; the wish is then leased to the asker, and the write is
 * counted. Progress may use three quarters of the budget, so that finals seldom wait for a minute.
 */
export const pickScript = defineScript(`${clock}
local finals, progress, budget, limit = KEYS[1], KEYS[2], KEYS[3], KEYS[4]
local given, checks, max, duration, leaseMs, token = unpack(ARGV)
local now = clock(given)
max, duration = tonumber(max), tonumber(duration)
local function wait(untilTime) return { 'wait', tostring(math.max(1, math.ceil(untilTime - now))) } end
local function first(line)
  local found = redis.call('ZRANGE', line, 0, 0, 'WITHSCORES')
  return found[1], tonumber(found[2] or '9e15')
end

local limited = tonumber(redis.call('GET', limit) or '0')
redis.call('ZREMRANGEBYSCORE', budget, '-inf', now - duration)
local used = redis.call('ZCARD', budget)
local function freeAt(allowed)
  local rank = used - allowed
  return tonumber(redis.call('ZRANGE', budget, rank, rank, 'WITHSCORES')[2]) + duration
end
while true do
  local final, finalAt = first(finals)
  local other, otherAt = first(progress)
  if not final and not other then return { 'idle' } end
  if limited > now then return wait(limited) end
  local id, line, allowed = final, finals, max
  if finalAt > now then id, line, allowed = other, progress, max - math.floor(max / 4) end
  if finalAt > now and otherAt > now then return wait(math.min(finalAt, otherAt)) end
  if used >= allowed then return wait(math.min(freeAt(allowed), math.max(finalAt, now + 1))) end
  local check = checks .. id
  local wish = redis.call('HMGET', check, 'project', 'report', 'fingerprint', 'id', 'subject', 'deliveries')
  if wish[1] then
    local leaseUntil = now + tonumber(leaseMs)
    redis.call('HSET', check, 'lease', token, 'leaseUntil', leaseUntil)
    redis.call('ZADD', line, leaseUntil, id)
    redis.call('ZADD', budget, now, token)
    redis.call('PEXPIRE', budget, duration)
    return { 'write', id, wish[1], wish[2], wish[3], wish[4] or '', wish[5] or '', wish[6] or '' }
  end
  redis.call('ZREM', line, id)
end
`);

/**
 * Notes what became of a write. Whoever comes back after its lease went to another cannot know which of the two writes
 * the forge kept, so the wish is written again.
 */
export const recordScript = defineScript(`${clock}${mark}${life}
local check, finals, progress, limit = KEYS[1], KEYS[2], KEYS[3], KEYS[4]
local given, id, token, fingerprint, kind, value, coalesce, retention, firstRetry, longestRetry, refusedRetry = unpack(ARGV)
local now = clock(given)
if kind == 'limited' then
  local untilTime = math.max(now + tonumber(value), tonumber(redis.call('GET', limit) or '0'))
  redis.call('SET', limit, untilTime, 'PX', untilTime - now + 60000)
end
local is = redis.call('HMGET', check, 'fingerprint', 'final', 'lease', 'failures')
if not is[1] then return 0 end
local isMine, isNewest = is[3] == token, is[1] == fingerprint
local at, failures = now, 0
if kind == 'written' then
  redis.call('HSET', check, 'id', value, 'writtenAt', now, 'life', life())
  if isMine then redis.call('HSET', check, 'delivered', fingerprint) else redis.call('HDEL', check, 'delivered') end
  if is[2] ~= '1' then at = now + tonumber(coalesce) end
elseif not isMine then
  return 0
elseif kind == 'failed' then
  failures = tonumber(is[4] or '0') + 1
  at = now + math.min(tonumber(longestRetry), tonumber(firstRetry) * 2 ^ math.min(failures - 1, 30))
elseif kind == 'refused' and isNewest then
  at = now + tonumber(refusedRetry)
end
redis.call('HSET', check, 'failures', failures)
redis.call('HDEL', check, 'lease', 'leaseUntil')
if kind == 'written' and isMine and isNewest then
  redis.call('ZREM', finals, id)
  redis.call('ZREM', progress, id)
  redis.call('PEXPIRE', check, retention)
else
  mark(finals, progress, id, is[2], at)
end
return failures
`);

/** The installations with something waiting; the others are forgotten. */
export const installationsScript = defineScript(`
local result = {}
for _, installation in ipairs(redis.call('SMEMBERS', KEYS[1])) do
  local waiting = redis.call('ZCARD', ARGV[1] .. installation) + redis.call('ZCARD', ARGV[2] .. installation)
  if waiting == 0 then
    redis.call('SREM', KEYS[1], installation)
  else
    result[#result + 1] = installation
    result[#result + 1] = tostring(waiting)
  end
end
return result
`);
