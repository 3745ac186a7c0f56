import { defineScript } from './script.ts';

/**
 * Counts without giving out what is counted: four times, the intake, what was set aside, inboxes, check runs, and five
 * values for each pool. A line's value is its state, a blank, and JSON in which `since` can only be the field: within a
 * text its quotes would be escaped. Of check runs that wait at most 1,000 are asked since when.
 */
export const figuresScript = defineScript(`
local intake, quarantine, inboxes, pools, installations = KEYS[1], KEYS[2], KEYS[3], KEYS[4], KEYS[5]
local group, lines, finals, progress, checks = unpack(ARGV)
local result = {}
local function add(value) result[#result + 1] = tostring(value or '') end
local function older(one, other)
  one, other = tonumber(one), tonumber(other)
  if not one or (other and other < one) then return other end
  return one
end

for i = 6, 9 do add(redis.call('GET', KEYS[i])) end

add(redis.call('XLEN', intake))
local pending = redis.pcall('XPENDING', intake, group)
add(pending.err and 0 or pending[1])
local first = redis.call('XRANGE', intake, '-', '+', 'COUNT', 1)[1]
add(first and first[1])
add(redis.call('XLEN', quarantine))
add(redis.call('SCARD', inboxes))

local waiting, oldest, asked = 0, nil, 0
for _, installation in ipairs(redis.call('SMEMBERS', installations)) do
  for _, line in ipairs({ finals .. installation, progress .. installation }) do
    waiting = waiting + redis.call('ZCARD', line)
    if asked < 1000 then
      for _, id in ipairs(redis.call('ZRANGE', line, 0, 999 - asked)) do
        asked = asked + 1
        local check = redis.call('HMGET', checks .. id, 'fingerprint', 'delivered', 'wantedAt')
        if check[1] ~= check[2] then oldest = older(oldest, check[3]) end
      end
    end
  end
end
add(waiting)
add(oldest and string.format('%.0f', oldest))

for _, pool in ipairs(redis.call('SMEMBERS', pools)) do
  local counts, since = { waiting = 0, granted = 0, active = 0 }, nil
  for _, value in ipairs(redis.call('HVALS', lines .. pool)) do
    local state = string.match(value, '^%a+')
    counts[state] = (counts[state] or 0) + 1
    if state == 'waiting' then since = older(since, string.match(value, '"since":(%d+)')) end
  end
  for _, value in ipairs({ pool, counts.waiting, counts.granted, counts.active }) do add(value) end
  add(since and string.format('%.0f', since))
end
return result
`);
