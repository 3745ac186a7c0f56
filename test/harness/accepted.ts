import type { Redis } from 'ioredis';
import { keysFor } from '../../src/adapters/redis/keys.ts';
import type { ForgeEvent } from '../../src/model/forge-event.ts';

/** GUIDs of what was accepted and no pass has taken up: what waits to be routed, in order, then what is in an inbox, but for these. */
export async function acceptedIn(
  redis: Redis,
  prefix?: string,
  mayWait: (subject: string) => boolean = () => false,
): Promise<string[]> {
  const key = keysFor(prefix);
  const waiting = await redis.xrange(key('intake'), '-', '+');
  const guids = waiting.map(([, fields]) => (JSON.parse(fields[1] ?? '') as ForgeEvent).delivery);
  const subjects = (await redis.smembers(key('inboxes'))).filter((subject) => !mayWait(subject));
  for (const subject of subjects) guids.push(...(await redis.hkeys(key('inbox', subject))));
  return guids;
}

/** Whether no event waits but for subjects that may have some, no subject is signalled, and no pass runs. */
export async function isStill(
  redis: Redis,
  prefix = 'sluice:',
  mayWait: (subject: string) => boolean = () => false,
): Promise<boolean> {
  const key = keysFor(prefix);
  const [events, signals, passes] = await Promise.all([
    acceptedIn(redis, prefix, mayWait),
    redis.keys(`${key('bullmq')}:reconcile:[0-9]*`),
    redis.keys(key('pass', '*')),
  ]);
  return events.length + signals.length + passes.length === 0;
}
