import type { Job } from 'bullmq';
import { Queue, Worker } from 'bullmq';
import type { Redis } from 'ioredis';
import type { Log } from '../../ports/log.ts';
import type { WakeTimes } from '../../ports/schedules.ts';
import { endsWithin, within } from './deadline.ts';
import { createHands, type Hands } from './handle-here.ts';
import { keysFor } from './keys.ts';
import { closeRedis, openAnother } from './open-redis.ts';
import type { PassLock } from './pass-lock.ts';
import { createWakeTimes } from './wake-times.ts';

export interface WakeQueueOptions {
  /** The queue's name; no colons. */
  readonly name: string;
  readonly prefix: string | undefined;
  readonly log: Log;
  /** How long `stop` waits for what is being handled, in ms. */
  readonly stopLimitMs: number;
  /**
   * With it a process that listens and has a hand free handles what it wakes itself, at once and past the queue; such a wake
   * dies with the process, so it is for what a sweep finds again. Between processes the lock keeps the handlers apart.
   */
  readonly lock?: PassLock;
}

/** Names that need attention. Several wakes of one name may become one; what is lost here must be found by a sweep. */
export interface WakeQueue {
  /** After this the name is handled at least once more, even when it is being handled right now. */
  wake(name: string): Promise<void>;
  /** The same after so many ms; calls that come close together are one, with the time of the last, and `wake` does not wait for it. */
  wakeLater(name: string, milliseconds: number): Promise<void>;
  /** Wakes the name at these times from now on, and at no others that it was given before. */
  wakeAt(name: string, times: readonly WakeTimes[]): Promise<void>;
  listen(handle: (name: string) => Promise<void>, concurrency: number): () => Promise<void>;
  close(): Promise<void>;
}

interface Wake {
  readonly name: string;
}

// Nothing accumulates; and a wake that a dying worker leaves behind is never given up. Until that shows, its name cannot be
// woken: soon, then, though a process that only stood still so long loses its wake, too, which the compare-and-set makes harmless.
const jobOptions = { removeOnComplete: true, removeOnFail: true } as const;
const workerOptions = { maxStalledCount: 1_000_000, lockDuration: 10_000, stalledInterval: 4_000 } as const;
const addLimitMs = 2000;
/** When a name that another process has is looked at again. */
const busyMs = 500;

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
  const enqueue = (target: string) => {
    const deduplication = { id: safeId(target), keepLastIfActive: true };
    return add(open(), 'wake', target, { deduplication });
  };
  let here: Hands | null = null;
  const wake = async (target: string) => {
    const taken = options.lock !== undefined && here !== null && (await within(addLimitMs, ...taking(here, target)));
    if (!taken) await enqueue(target);
  };
  const setTimes = createWakeTimes(open, Date.now);
  const wakeLater = (target: string, milliseconds: number) => {
    const delay = Math.max(1, Math.round(milliseconds));
    // Forgotten before it is due: one that is due already, and not yet done, would swallow the next. Two wakes are one.
    const ttl = Math.max(1, Math.floor(delay / 2));
    const deduplication = { id: `later~${safeId(target)}`, ttl, extend: true, replace: true };
    return add(open(), 'later', target, { delay, deduplication });
  };

  return {
    wake,
    wakeLater,
    wakeAt: (target, times) =>
      within(addLimitMs, `cannot set the times of ${target}`, setTimes(target, safeId(target), times)),
    listen(handle, concurrency) {
      const connection = openAnother(redis, log, { maxRetriesPerRequest: null });
      // The queue always has a hand: what others leave must not wait for what we wake ourselves.
      const own = options.lock === undefined ? 0 : Math.floor(concurrency / 2);
      const hands = createHands(handle, own, options.lock ?? null);
      const process = async (job: Job<Wake>) => {
        // So that a name never has two handlers: the wake joins those that wait already.
        if (job.name === 'later') await enqueue(job.data.name);
        else if ((await hands.handle(job.data.name)) === 'busy') await wakeLater(job.data.name, busyMs);
      };
      const worker = new Worker<Wake>(name, process, {
        connection,
        prefix,
        concurrency: concurrency - own,
        ...workerOptions,
      });
      worker.on('error', onError);
      worker.on('failed', (_, error) => log.error({ queue: name, error: error.message }, 'wake was not handled'));
      here = hands;
      return once(async () => {
        const rest = hands.end();
        await stop(worker, connection, hands.running, options.stopLimitMs);
        for (const target of rest) await enqueue(target).catch(onError);
      });
    },
    close: once(async () => {
      if (producer === null) return;
      await endsWithin(500, producer.queue.close());
      await closeRedis(producer.connection);
    }),
  };
}

function taking(hands: Hands, target: string): [what: string, work: Promise<boolean>] {
  return [`cannot wake ${target}`, hands.take(target)];
}

async function add(queue: Queue<Wake>, kind: string, target: string, options: object): Promise<void> {
  await within(addLimitMs, `cannot wake ${target}`, queue.add(kind, { name: target }, options));
}

/** BullMQ builds keys from it with colons. */
function safeId(name: string): string {
  return name.replaceAll(':', '~').replaceAll('/', '#');
}

async function stop(
  worker: Worker<Wake>,
  connection: Redis,
  running: ReadonlyMap<string, Promise<unknown>>,
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
