import { resolve } from 'node:path';
import { createDocumentStore } from './adapters/redis/document-store.ts';
import { pickQueue, placesFor } from './cli/pick-queue.ts';
import type { QueueWish } from './cli/queue-view.ts';
import { type KnownQueue, readKnown } from './known-subjects.ts';
import { openLedgers } from './ledger-here.ts';
import type { Machine } from './machine.ts';
import type { Landing } from './ports/landing.ts';
import type { DocumentStore } from './ports/store.ts';
import { withServerRedis } from './server-redis.ts';

/**
 * Hands over the queues that are meant, and how their ledgers are read with the key that is kept in `data`; without one each reading
 * fails with the reason. Throws a usage error where no queue is meant.
 */
export async function withLedgers<Result>(
  wish: QueueWish,
  machine: Machine,
  data: string,
  use: (queues: readonly KnownQueue[], documents: DocumentStore, read: Landing['read']) => Promise<Result>,
): Promise<Result> {
  return withServerRedis(machine, async (redis) => {
    const documents = createDocumentStore(redis);
    const { queues } = await readKnown(documents);
    const meant = placesFor(queues, wish);
    // Says what there is.
    if (meant.length === 0) pickQueue(queues, wish);
    const ledgers = await openLedgers(data, machine);
    const noKey = `no key is kept in ${resolve(data)}; run this where "sluice serve" keeps its data`;
    const unreadable: Landing['read'] = () => Promise.reject(new Error(noKey));
    try {
      return await use(meant, documents, ledgers?.read ?? unreadable);
    } finally {
      ledgers?.close();
    }
  });
}
