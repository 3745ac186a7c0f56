import type { RedisOptions } from 'ioredis';
import { Redis } from 'ioredis';
import type { Log } from '../../ports/log.ts';

/** `redis://user:password@host:port/db`, `rediss://…`, or the path of a unix socket. */
export type RedisAddress = string;

/** What one connection may have different from the others. */
export type ConnectionOptions = Pick<
  RedisOptions,
  'commandTimeout' | 'enableOfflineQueue' | 'maxRetriesPerRequest' | 'autoResendUnfulfilledCommands' | 'db' | 'tls'
>;

const commandLimitMs = 10_000;

/**
 * A connection that reconnects for ever. Commands given while the server is away wait at most for one reconnection and
 * then reject, and none waits longer than 10 s for its answer; connection errors go to the log as warnings, because what was asked for rejects by itself.
 */
export function openRedis(address: RedisAddress, log: Log, options: ConnectionOptions = {}): Redis {
  return watchErrors(new Redis(address, { maxRetriesPerRequest: 1, commandTimeout: commandLimitMs, ...options }), log);
}

/** A second connection to the same server, for commands that wait there as long as they are told to. */
export function openAnother(redis: Redis, log: Log, options: ConnectionOptions): Redis {
  const other = redis.duplicate({ commandTimeout: undefined, ...options });
  const count = counters.get(redis);
  if (count !== undefined) countCommands(other, count);
  return watchErrors(other, log);
}

const counters = new WeakMap<Redis, () => void>();

/** Calls back at each command of this connection and of those that `openAnother` makes from it afterwards. */
export function countCommands(redis: Redis, onCommand: () => void): void {
  counters.set(redis, onCommand);
  const send = redis.sendCommand.bind(redis);
  redis.sendCommand = (command, stream) => {
    onCommand();
    return send(command, stream);
  };
}

function watchErrors(redis: Redis, log: Log): Redis {
  let last = '';
  redis.on('error', (error: Error) => {
    // One line per kind of trouble, not one per attempt to reconnect.
    if (error.message !== last) log.warn({ error: error.message }, 'connection to Redis has trouble');
    last = error.message;
    troubles.set(redis, last);
  });
  redis.on('ready', () => {
    if (last !== '') log.info({}, 'connection to Redis is back');
    last = '';
    troubles.delete(redis);
  });
  return redis;
}

const troubles = new WeakMap<Redis, string>();

/** Why a command on this connection rejected, in words: what the connection itself ran into, where there is none. */
export function whyNoAnswer(redis: Redis, cause: unknown): string {
  return troubles.get(redis) ?? (cause instanceof Error ? cause.message : String(cause));
}

/** Ends a connection now; what was under way on it rejects. Resolves when it is gone, again at once. */
export async function closeRedis(redis: Redis): Promise<void> {
  if (redis.status === 'end') return;
  const ended = new Promise<void>((resolve) => redis.once('end', () => resolve()));
  // Between two attempts there is no socket whose end would be told.
  const isPausing = redis.status === 'reconnecting' || redis.status === 'wait';
  redis.disconnect();
  if (!isPausing) await ended;
}
