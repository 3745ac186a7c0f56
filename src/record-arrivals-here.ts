import { createDocumentStore } from './adapters/redis/document-store.ts';
import { pickQueue } from './cli/pick-queue.ts';
import type { QueueWish, RecordedQueue } from './cli/queue-view.ts';
import { recordArrivals } from './core/simulate/record-arrivals.ts';
import { readKnown } from './known-subjects.ts';
import type { Machine } from './machine.ts';
import { withServerRedis } from './server-redis.ts';

/** More than a server keeps of one queue. */
const mostDecisions = 10_000;

/** What arrived at one queue of a server, as its history has it. Throws a usage error where not exactly one is meant. */
export async function recordArrivalsHere(wish: QueueWish, machine: Machine): Promise<RecordedQueue> {
  return withServerRedis(machine, async (redis) => {
    const documents = createDocumentStore(redis);
    const { subject, repository, branch } = pickQueue((await readKnown(documents)).queues, wish);
    const history = await documents.history(subject, mostDecisions);
    return { repository, branch, decisions: history.length, ...recordArrivals(history) };
  });
}
