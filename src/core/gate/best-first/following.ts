import type { QueueItem } from '../../../model/queue.ts';
import type { GateDraft } from '../draft.ts';
import type { QueueFacts } from '../facts.ts';
import type { WalkedItem } from '../walk-queue.ts';
import type { BestFirst } from './settings.ts';

/** A pass in which the scheduler is followed. */
export interface Following {
  readonly draft: GateDraft;
  readonly facts: QueueFacts;
  readonly best: BestFirst;
  readonly walkedOf: (item: QueueItem) => WalkedItem;
}

/** An item as the pass has it by now; undefined: it is not in the queue any more. */
export function itemNow({ draft }: Following, { number, branch }: QueueItem): QueueItem | undefined {
  return draft.record.items.find((other) => other.number === number && other.branch === branch);
}
