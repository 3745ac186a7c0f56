import type { Redis } from 'ioredis';
import type { BuildId } from '../../model/build.ts';
import type { LineEntry } from '../../model/line.ts';
import type { Keys } from './keys.ts';
import { toLineEntry } from './line-value.ts';
import { defineScript, texts } from './script.ts';

/** So many changed entries of one pool's line are remembered; who has not looked for longer reads all of it. */
const remembered = 1000;

/** A Lua function that remembers, newest first, which builds' entries changed with a version of a line. */
export const noteChanges = `
local function noteChanges(changes, version, builds)
  for _, build in ipairs(builds) do redis.call('LPUSH', changes, version .. ' ' .. build) end
  redis.call('LTRIM', changes, 0, ${remembered - 1})
end
`;

// Versions are a row without gaps, so one that is missing was written by a Sluice that remembers no changes: then, as where
// they do not reach back so far, all of it is read.
const readScript = defineScript(`
local line, versions, changes = unpack(KEYS)
local pool, known = ARGV[1], tonumber(ARGV[2])
local text = redis.call('HGET', versions, pool) or '0'
local version = tonumber(text)
if known > 0 and known == version then return {text, 'changes'} end

local function changedSince()
  local builds, seen, last = {}, {}, version + 1
  for start = 0, ${remembered - 1}, 50 do
    local part = redis.call('LRANGE', changes, start, start + 49)
    for _, change in ipairs(part) do
      local space = string.find(change, ' ', 1, true)
      local of, build = tonumber(string.sub(change, 1, space - 1)), string.sub(change, space + 1)
      if of ~= last - 1 and (of ~= last or last > version) then return nil end
      if of <= known then return builds end
      last = of
      if not seen[build] then table.insert(builds, build) end
      seen[build] = true
    end
    if #part < 50 then return nil end
  end
  return nil
end

local builds = known > 0 and known < version and changedSince() or nil
local reply = {text, builds and 'changes' or 'all'}
if builds then
  for _, build in ipairs(builds) do
    table.insert(reply, build)
    table.insert(reply, redis.call('HGET', line, build) or '')
  end
else
  for _, value in ipairs(redis.call('HVALS', line)) do table.insert(reply, value) end
end
return reply
`);

interface ReadLine {
  readonly version: number;
  readonly entries: readonly LineEntry[];
}

interface Known extends ReadLine {
  readonly byBuild: Map<BuildId, LineEntry>;
}

/** Reads one pool's line; the same list again as long as nothing changed in it. */
export type LineReader = (pool: string) => Promise<ReadLine>;

/**
 * Remembers each line as it was read last, and reads anew only what changed since: a line of ten thousand is read many times a
 * second. What was known through a connection is not believed through the next one: that may lead to an older state, whose
 * versions are given once more.
 */
export function createLineReader(redis: Redis, key: Keys): LineReader {
  const lines = new Map<string, Known>();
  let connection = 0;
  redis.on('close', () => {
    connection += 1;
    lines.clear();
  });

  return async function read(pool): Promise<ReadLine> {
    const through = connection;
    const keys = [key('line', pool), key('lineVersions'), key('lineChanges', pool)];
    const [text = '0', kind, ...rest] = texts(await readScript(redis, keys, [pool, lines.get(pool)?.version ?? 0]));
    const known = lines.get(pool);
    if (kind === 'changes' && (known === undefined || through !== connection)) return read(pool);
    const version = Number(text);
    if (kind === 'changes' && known?.version === version) return known;
    const byBuild = kind === 'changes' && known !== undefined ? known.byBuild : new Map<BuildId, LineEntry>();
    if (kind === 'changes') takeChanges(byBuild, rest);
    else for (const entry of rest.map(toLineEntry)) byBuild.set(entry.build, entry);
    const line = { version, entries: [...byBuild.values()], byBuild };
    if (through === connection) lines.set(pool, line);
    return line;
  };
}

/** Build, then its value now, and so on; an empty value: it is in the line no more. */
function takeChanges(byBuild: Map<BuildId, LineEntry>, changes: readonly string[]): void {
  for (let at = 0; at + 1 < changes.length; at += 2) {
    const value = changes[at + 1] ?? '';
    if (value === '') byBuild.delete(changes[at] as BuildId);
    else byBuild.set(changes[at] as BuildId, toLineEntry(value));
  }
}
