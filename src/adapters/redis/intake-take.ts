import type { Redis } from 'ioredis';
import type { ForgeEvent } from '../../model/forge-event.ts';
import type { Intake, TakenEvent } from '../../ports/store.ts';
import { within } from './deadline.ts';
import type { Keys } from './keys.ts';
import { defineScript, isReply, texts } from './script.ts';

export interface TakeLimits {
  /** How long an event rests with one taker before another gets it. */
  readonly idleMs: number;
  /** How long a taker's name is known after its last sign of life. */
  readonly forgetAfterMs: number;
}

/** The consumer group of the intake stream: each event goes to one of its takers. */
export const intakeGroup = 'workers';

// Entry, event and how often it was delivered before, for what rested too long with another taker.
const claimScript = defineScript(`
local group, consumer, idle, cursor, count = unpack(ARGV)
local reply = redis.call('XAUTOCLAIM', KEYS[1], group, consumer, idle, cursor, 'COUNT', count)
local result = { reply[1] }
for _, entry in ipairs(reply[2]) do
  if entry and entry[2] then
    local pending = redis.call('XPENDING', KEYS[1], group, entry[1], entry[1], 1)
    result[#result + 1] = entry[1]
    result[#result + 1] = entry[2][2]
    result[#result + 1] = tostring(pending[1][4] - 1)
  end
end
return result
`);

// Each process takes under a name of its own: those long gone, with nothing left to claim, are forgotten.
const pruneScript = defineScript(`
for _, fields in ipairs(redis.call('XINFO', 'CONSUMERS', KEYS[1], ARGV[1])) do
  local about = {}
  for i = 1, #fields, 2 do about[fields[i]] = fields[i + 1] end
  if about['pending'] == 0 and about['idle'] > tonumber(ARGV[2]) then
    redis.call('XGROUP', 'DELCONSUMER', KEYS[1], ARGV[1], about['name'])
  end
end
`);
// Over this the server hangs; what it then still hands out is taken again when idle.
const graceMs = 5000;

/** `Intake.take`, on a connection that it may block. */
export function createTake(open: () => Redis, key: Keys, consumer: string, limits: TakeLimits): Intake['take'] {
  const { idleMs, forgetAfterMs } = limits;
  let cursor = '0-0';
  let hasPruned = false;
  const claim = async (redis: Redis, count: number): Promise<TakenEvent[]> => {
    const reply = texts(await claimScript(redis, [key('intake')], [intakeGroup, consumer, idleMs, cursor, count]));
    const [next = '0-0', ...rest] = reply;
    cursor = next;
    if (!hasPruned) await pruneScript(redis, [key('intake')], [intakeGroup, forgetAfterMs]);
    hasPruned = true;
    return toTaken(rest);
  };
  return async (count, waitMs) => {
    const redis = open();
    const work = async () => {
      const left = await claim(redis, count);
      return left.length > 0 ? left : await readNew(redis, key, consumer, count, waitMs);
    };
    try {
      return await within(waitMs + graceMs, 'cannot take events', work());
    } catch (cause) {
      if (!isReply(cause, 'NOGROUP') && !isReply(cause, 'UNBLOCKED')) throw cause;
      // First use, or the data was lost.
      await createGroup(redis, key('intake'));
      return within(waitMs + graceMs, 'cannot take events', work());
    }
  };
}

async function createGroup(redis: Redis, stream: string): Promise<void> {
  try {
    await redis.xgroup('CREATE', stream, intakeGroup, '0', 'MKSTREAM');
  } catch (cause) {
    if (!isReply(cause, 'BUSYGROUP')) throw cause;
  }
}

async function readNew(
  redis: Redis,
  key: Keys,
  consumer: string,
  count: number,
  waitMs: number,
): Promise<readonly TakenEvent[]> {
  // BLOCK 0 would wait for ever.
  const wait = Math.max(1, Math.floor(waitMs));
  const from = ['STREAMS', key('intake'), '>'] as const;
  const reply = await redis.xreadgroup('GROUP', intakeGroup, consumer, 'COUNT', count, 'BLOCK', wait, ...from);
  const [stream] = (reply ?? []) as [string, [string, string[]][]][];
  return (stream?.[1] ?? []).map(([entry, fields]) => taken(entry, fields[1] ?? '', 0));
}

function toTaken(flat: readonly string[]): TakenEvent[] {
  const result: TakenEvent[] = [];
  for (let i = 0; i + 2 < flat.length; i += 3) {
    result.push(taken(flat[i] ?? '', flat[i + 1] ?? '', Number(flat[i + 2])));
  }
  return result;
}

function taken(entry: string, text: string, attempts: number): TakenEvent {
  return { entry, event: JSON.parse(text) as ForgeEvent, attempts };
}
