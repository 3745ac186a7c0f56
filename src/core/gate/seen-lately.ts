import type { MadeCandidate, QueueRecord } from '../../model/queue.ts';

/** A change in the queue is looked at anew after this time, ms. */
export const viewMs = 5 * 60_000;
/** That nobody looked is not held against it for this much longer: the look itself takes its time, ms. */
const lookMs = 30_000;

/**
 * Since when (ms) a change, or one that its candidate holds, could not be looked at: it may not be approved any more, or be
 * closed, and nothing new of it starts (intake-faults-attacks.md S6). Null: all of them were seen lately.
 */
export function unseenSince(
  { items }: Pick<QueueRecord, 'items'>,
  number: number,
  { ahead }: Pick<MadeCandidate, 'ahead'>,
  now: number,
): number | null {
  const held = items.filter((item) => item.number === number || ahead.includes(item.number));
  const oldest = Math.min(...held.map(({ seenAt }) => seenAt));
  return now - oldest > viewMs + lookMs ? oldest : null;
}
