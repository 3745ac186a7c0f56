import { createDocumentStore } from './adapters/redis/document-store.ts';
import type { QueueView } from './cli/queue-view.ts';
import { readKnown } from './known-subjects.ts';
import type { Machine } from './machine.ts';
import { withServerRedis } from './server-redis.ts';
import { toldIn } from './told-reports.ts';
import { viewQueue } from './view-queue.ts';

/** Every queue that the server knows, by repository and branch. Throws `unreachable` without Redis. */
export async function listQueues(machine: Machine): Promise<readonly QueueView[]> {
  return withServerRedis(machine, async (redis) => {
    const { queues } = await readKnown(createDocumentStore(redis));
    return Promise.all(queues.map((queue) => viewQueue(queue, toldIn(redis))));
  });
}
