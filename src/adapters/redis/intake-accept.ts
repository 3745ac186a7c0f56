import type { Redis } from 'ioredis';
import type { ForgeEvent } from '../../model/forge-event.ts';
import type { Intake } from '../../ports/store.ts';
import { within } from './deadline.ts';
import type { DiskSync } from './disk-sync.ts';
import type { Durability } from './durability.ts';
import { durabilityOf } from './durability.ts';
import type { Keys } from './keys.ts';
import { defineScript } from './script.ts';

const weekSeconds = 7 * 24 * 3600;

const acceptScript = defineScript(`
local delivery, intake, newest, inboxes, routed = unpack(KEYS)
local event, life, guid, receivedAt, inboxPrefix = unpack(ARGV)
if not redis.call('SET', delivery, '1', 'NX', 'EX', life) then return 0 end
if receivedAt ~= '' then redis.call('SET', newest, receivedAt) end
if #ARGV == 5 then
  redis.call('XADD', intake, '*', 'event', event)
  return 1
end
if receivedAt ~= '' then redis.call('SET', routed, receivedAt) end
for i = 6, #ARGV do
  redis.call('HSET', inboxPrefix .. ARGV[i], guid, event)
  redis.call('SADD', inboxes, ARGV[i])
end
return 1
`);

/** `Intake.accept`: resolves only when the event is as durable as this server can make it, rejects after the limit. */
export function createAccept(open: () => Redis, disk: DiskSync, key: Keys, limitMs: number): Intake['accept'] {
  const durability = rememberDurability();
  let firstReady: Promise<void> | null = null;
  const store: Intake['accept'] = async (event, subjects = []) => {
    const redis = open();
    firstReady ??= ready(redis);
    await firstReady;
    const notes = [key('note', 'last-delivery'), key('inboxes'), key('note', 'last-routed')];
    const receivedAt = isFromForge(event) ? event.receivedAt : '';
    const parts = [JSON.stringify(event), weekSeconds, event.delivery, receivedAt, key('inbox', '')];
    const keys = [key('delivery', event.delivery), key('intake'), ...notes];
    const reply = await acceptScript(redis, keys, [...parts, ...subjects]);
    // A repeated delivery waits too: the first one may have been answered with an error before it was on disk.
    if ((await durability(redis)) === 'on-request') await disk.onDisk();
    return reply === 1 ? 'stored' : 'duplicate';
  };
  return async (event, subjects) => {
    const what = `cannot store delivery ${event.delivery}`;
    try {
      return await within(limitMs, what, store(event, subjects));
    } catch (cause) {
      throw new Error(cause instanceof Error && cause.message.startsWith(what) ? cause.message : what, { cause });
    }
  };
}

/** False for what a resync found by itself, and for words to a queue: they say nothing about whether webhooks come. */
export function isFromForge(event: Pick<ForgeEvent, 'name'>): boolean {
  return event.name !== 'resync' && !event.name.startsWith('gate.');
}

/** The end of the first attempt to connect, which is waited for; later, a connection that broke rejects by itself. */
function ready(redis: Redis): Promise<void> {
  if (redis.status !== 'connecting' && redis.status !== 'connect') return Promise.resolve();
  return new Promise((resolve) => {
    redis.once('ready', () => resolve());
    redis.once('close', () => resolve());
  });
}

/** Asks once per connection made: a server that comes back may have another configuration. */
function rememberDurability(): (redis: Redis) => Promise<Durability> {
  let known: Promise<Durability> | null = null;
  const forget = () => {
    known = null;
  };
  return (redis) => {
    if (known !== null) return known;
    known = durabilityOf(redis);
    known.catch(forget);
    redis.once('close', forget);
    return known;
  };
}
