import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { closeRedis, openRedis, whyNoAnswer } from './adapters/redis/open-redis.ts';
import { cliError, isCliError } from './cli/exit-codes.ts';
import type { Machine } from './machine.ts';
import type { Log } from './ports/log.ts';
import { privateRedisIn, withoutPassword } from './serve-redis.ts';

/** What `sluice serve` takes where nothing is named. */
export const usualData = '.sluice';

/** For a verb whose only words are its answer and its error. */
export const silentLog: Log = { error: () => {}, warn: () => {}, info: () => {}, debug: () => {} };

export type ServerRedis = ReturnType<typeof openRedis>;

function addressFor(machine: Machine): string {
  if (machine.redisUrl !== null) return machine.redisUrl;
  const { socket } = privateRedisIn(resolve(usualData));
  if (existsSync(socket)) return socket;
  throw cliError(
    'unreachable',
    `no server's Redis is known: REDIS_URL is not set, and no "sluice serve" keeps one here (${socket})`,
  );
}

/** Works on the Redis of the server that is meant here, and closes it. Throws `unreachable` where it gives no answer. */
export async function withServerRedis<T>(machine: Machine, work: (redis: ServerRedis) => Promise<T>): Promise<T> {
  const address = addressFor(machine);
  const redis = openRedis(address, silentLog);
  try {
    return await work(redis);
  } catch (cause) {
    if (isCliError(cause)) throw cause;
    throw cliError(
      'unreachable',
      `Redis at ${withoutPassword(address)} gives no answer: ${whyNoAnswer(redis, cause)}`,
      cause,
    );
  } finally {
    await closeRedis(redis);
  }
}
