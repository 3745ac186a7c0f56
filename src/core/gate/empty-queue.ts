import type { QueueBranch, QueueRecord } from '../../model/queue.ts';

/** The document of a queue of these branches before anybody was heard; a window of 0 is that of their settings once they are read. */
export function emptyQueue(branches: readonly QueueBranch[], window: number): QueueRecord {
  return {
    schema: 1,
    branches,
    window,
    frozen: null,
    items: [],
    asked: [],
    landing: null,
    wish: null,
    stopping: [],
    leaving: [],
  };
}
