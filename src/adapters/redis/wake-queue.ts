import type { Job } from 'bullmq';
import { Queue, Worker } from 'bullmq';
import type { Redis } from 'ioredis';
import type { Log } from '../../ports/log.ts';
import { endsWithin, within } from './deadline.ts';
import { keysFor } from './keys.ts';
import { closeRedis, openAnother } from './open-redis.ts';

export interface WakeQueueOptions {
  /** The queue's name; no colons. */
  readonly name: string;
  readonly prefix: string | undefined;
  readonly log: Log;
  /** How long `stop` waits for what is being handled, in ms. */
  readonly stopLimitMs: number;
}

/** Names that need attention. Several wakes of one name may become one; what is lost here must be found by a sweep. */
export interface WakeQueue {
  /** After this the name is handled at least once more, even when it is being handled right now. */
  wake(name: string): Promise<void>;
  /** The same after so many ms; the last such call of a name counts, and `wake` does not wait for it. */
  wakeLater(name: string, milliseconds: number): Promise<void>;
  listen(handle: (name: string) => Promise<void>, concurrency: number): () => Promise<void>;
  close(): Promise<void>;
}

interface Wake {
  readonly name: string;
}

// Nothing accumulates; and a wake that a dying worker leaves behind is never given up.
const jobOptions = { removeOnComplete: true, removeOnFail: true } as const;
const workerOptions = { maxStalledCount: 1_000_000, lockDuration: 30_000, stalledInterval: 15_000 } as const;
const addLimitMs = 2000;

/**
 * A BullMQ queue that holds each name at most once waiting and once active. Its own connections are opened when first
 * used; `redis` only tells where to.
 */
export function createWakeQueue(redis: Redis, options: WakeQueueOptions): WakeQueue {
  const { name, log } = options;
  const prefix = keysFor(options.prefix)('bullmq');
  const onError = (error: Error) => log.warn({ queue: name, error: error.message }, 'queue has trouble');
  let producer: { queue: Queue<Wake>; connection: Redis } | null = null;

  const open = () => {
    if (producer !== null) return producer.queue;
    const connection = openAnother(redis, log, { maxRetriesPerRequest: 1 });
    const queue = new Queue<Wake>(name, { connection, prefix, defaultJobOptions: jobOptions });
    queue.on('error', onError);
    producer = { queue, connection };
    return queue;
  };
  const wake = (target: string) => {
    const deduplication = { id: safeId(target), keepLastIfActive: true };
    return add(open(), 'wake', target, { deduplication });
  };

  return {
    wake,
    wakeLater(target, milliseconds) {
      const delay = Math.max(1, Math.round(milliseconds));
      const deduplication = { id: `later~${safeId(target)}`, ttl: delay, extend: true, replace: true };
      return add(open(), 'later', target, { delay, deduplication });
    },
    listen(handle, concurrency) {
      const connection = openAnother(redis, log, { maxRetriesPerRequest: null });
      const running = new Map<string, Promise<void>>();
      const process = async (job: Job<Wake>) => {
        // So that a name never has two handlers: the wake joins those that wait already.
        if (job.name === 'later') await wake(job.data.name);
        else await alone(running, job.data.name, handle);
      };
      const worker = new Worker<Wake>(name, process, { connection, prefix, concurrency, ...workerOptions });
      worker.on('error', onError);
      worker.on('failed', (_, error) => log.error({ queue: name, error: error.message }, 'wake was not handled'));
      return once(() => stop(worker, connection, running, options.stopLimitMs));
    },
    close: once(async () => {
      if (producer === null) return;
      await endsWithin(500, producer.queue.close());
      await closeRedis(producer.connection);
    }),
  };
}

async function add(queue: Queue<Wake>, kind: string, target: string, options: object): Promise<void> {
  await within(addLimitMs, `cannot wake ${target}`, queue.add(kind, { name: target }, options));
}

/** BullMQ builds keys from it with colons. */
function safeId(name: string): string {
  return name.replaceAll(':', '~').replaceAll('/', '#');
}

/**
 * One at a time per name in this process, even when BullMQ gave a job away again because our lock ran out or its keys
 * were flushed. Between processes the store's compare-and-set is what holds.
 */
async function alone(
  running: Map<string, Promise<void>>,
  name: string,
  handle: (name: string) => Promise<void>,
): Promise<void> {
  const earlier = running.get(name) ?? Promise.resolve();
  const mine = earlier.then(() => handle(name));
  const ended = mine.catch(evenAfterFailure);
  running.set(name, ended);
  try {
    await mine;
  } finally {
    if (running.get(name) === ended) running.delete(name);
  }
}

/** Whoever comes next waits for the end of a handler, not for its success, which is its own caller's matter. */
function evenAfterFailure(): void {}

async function stop(
  worker: Worker<Wake>,
  connection: Redis,
  running: ReadonlyMap<string, Promise<void>>,
  limitMs: number,
): Promise<void> {
  await endsWithin(500, worker.pause(true));
  const allEnded = await endsWithin(limitMs, Promise.all(running.values()));
  // What still runs loses its lock, and another worker gets the wake when that shows.
  await endsWithin(500, worker.close(!allEnded));
  await closeRedis(connection);
}

function once(action: () => Promise<void>): () => Promise<void> {
  let result: Promise<void> | null = null;
  return () => {
    result ??= action();
    return result;
  };
}
