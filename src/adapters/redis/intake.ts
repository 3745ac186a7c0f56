import type { Redis } from 'ioredis';
import type { ForgeEvent } from '../../model/forge-event.ts';
import type { Log } from '../../ports/log.ts';
import type { Intake } from '../../ports/store.ts';
import { createDiskSync } from './disk-sync.ts';
import { createAccept, isFromForge } from './intake-accept.ts';
import type { TakeLimits } from './intake-take.ts';
import { createTake, intakeGroup } from './intake-take.ts';
import { keysFor } from './keys.ts';
import { closeRedis, openAnother } from './open-redis.ts';
import { defineScript } from './script.ts';

export interface IntakeOptions {
  /** Ms since the epoch; stamps what is routed or quarantined. */
  readonly now: () => number;
  /** Names this process among those that take. */
  readonly consumer: string;
  readonly log: Log;
  /** `accept` rejects after this; 2 s leaves GitHub's 10 s alone (intake §2.4). */
  readonly acceptLimitMs?: number;
  /** How long an event rests with one taker before another gets it. */
  readonly idleMs?: number;
  /** How long the name of a process that takes no more is known. */
  readonly forgetAfterMs?: number;
}

const usual: TakeLimits = { idleMs: 10_000, forgetAfterMs: 24 * 3_600_000 };

/** An event that made its handler fail too often, with the reason; see `readQuarantine`. */
export interface QuarantinedEvent {
  readonly event: ForgeEvent;
  readonly because: string;
  readonly at: number;
}

// What is not pending any more was ended by someone: then nothing may happen, or a taken event would come back.
const finishScript = defineScript(`
local intake, inboxes, routed = KEYS[1], KEYS[2], KEYS[3]
local group, entry, delivery, event, inboxPrefix, now = unpack(ARGV)
if redis.call('XACK', intake, group, entry) == 0 then return 0 end
redis.call('XDEL', intake, entry)
if now ~= '' then redis.call('SET', routed, now) end
for i = 7, #ARGV do
  redis.call('HSET', inboxPrefix .. ARGV[i], delivery, event)
  redis.call('SADD', inboxes, ARGV[i])
end
return 1
`);

const quarantineScript = defineScript(`
local intake, quarantine = KEYS[1], KEYS[2]
if redis.call('XACK', intake, ARGV[1], ARGV[2]) == 0 then return 0 end
redis.call('XDEL', intake, ARGV[2])
redis.call('XADD', quarantine, 'MAXLEN', 1000, '*', 'record', ARGV[3])
return 1
`);

/**
 * The way of an event from the webhook to the inboxes of its subjects. `redis` does the short work; accepting and
 * waiting have connections of their own, opened when first used, which `close` ends.
 */
export function createIntake(
  redis: Redis,
  prefix: string | undefined,
  options: IntakeOptions,
): Intake & { close(): Promise<void> } {
  const key = keysFor(prefix);
  const { log } = options;
  const producer = lazy(() =>
    openAnother(redis, log, {
      enableOfflineQueue: false,
      maxRetriesPerRequest: 1,
      autoResendUnfulfilledCommands: false,
    }),
  );
  const reader = lazy(() => openAnother(redis, log, { maxRetriesPerRequest: 1 }));
  const disk = createDiskSync(() => openAnother(redis, log, { maxRetriesPerRequest: 1 }), key('diskMark'));
  return {
    accept: createAccept(producer.open, disk, key, options.acceptLimitMs ?? 2000),
    take: createTake(reader.open, key, options.consumer, { ...usual, ...options }),
    async seen(guids) {
      if (guids.length === 0) return new Set();
      const values = await redis.mget(guids.map((guid) => key('delivery', guid)));
      return new Set(guids.filter((_, index) => values[index] !== null));
    },
    async finish(entry, event, subjects) {
      const now = isFromForge(event) ? options.now() : '';
      const parts = [intakeGroup, entry, event.delivery, JSON.stringify(event), key('inbox', ''), now];
      const keys = [key('intake'), key('inboxes'), key('note', 'last-routed')];
      await finishScript(redis, keys, [...parts, ...subjects]);
    },
    async quarantine(entry, event, because) {
      const record: QuarantinedEvent = { event, because, at: options.now() };
      const args = [intakeGroup, entry, JSON.stringify(record)];
      await quarantineScript(redis, [key('intake'), key('quarantine')], args);
    },
    async close() {
      await Promise.all([producer.close(), reader.close(), ...disk.connections.map(closeRedis)]);
    },
  };
}

/** The newest quarantined events, newest first; at most the last 1,000 are kept. */
export async function readQuarantine(
  redis: Redis,
  prefix: string | undefined,
  count: number,
): Promise<readonly QuarantinedEvent[]> {
  const entries = await redis.xrevrange(keysFor(prefix)('quarantine'), '+', '-', 'COUNT', count);
  return entries.map(([, fields]) => JSON.parse(fields[1] ?? ''));
}

function lazy(make: () => Redis) {
  let connection: Redis | null = null;
  return {
    open() {
      connection ??= make();
      return connection;
    },
    async close() {
      if (connection !== null) await closeRedis(connection);
    },
  };
}
