import type { QueueItem, QueueRecord } from '../../model/queue.ts';
import { changeIdOf, type GateDraft, testAnew } from './draft.ts';
import type { QueueFacts } from './facts.ts';

const firstMs = 10 * 60_000;
const longestMs = 2 * 3_600_000;

/** How long after the `times`-th failure that may be nobody's fault it is tried again without being asked, ms: each pause is twice the one before, and none over two hours. */
export function pauseAfter(times: number): number {
  return Math.min(longestMs, firstMs * 2 ** Math.min(20, Math.max(0, times - 1)));
}

/** All these pauses together, up to the one after the `times`-th failure, ms. */
export function untilTry(times: number): number {
  return Array.from({ length: Math.max(1, times) }, (_, index) => pauseAfter(index + 1)).reduce((sum, ms) => sum + ms);
}

/** When what was parked is tried again though nothing lands (ms); null: it is not parked, or was before this was kept. */
export function triesAt({ parked, parkings }: QueueItem): number | null {
  return parked === null || parkings === undefined ? null : parkings.at + pauseAfter(parkings.times);
}

/** What stood ahead of the one that was landed in this pass. */
function passedBy({ items }: QueueRecord, { landing, items: before }: QueueRecord): ReadonlySet<string> {
  const landed = landing === null ? null : changeIdOf(landing);
  if (items.some((item) => changeIdOf(item) === landed)) return new Set();
  const place = before.findIndex((item) => changeIdOf(item) === landed);
  return new Set(before.slice(0, Math.max(0, place)).map(changeIdOf));
}

/**
 * What was parked goes on by itself once one behind it passed and was landed: the trouble is over (gate.md §3). Not before
 * the landing, as that one would have to be tested anew on what may well be parked again. Where nothing lands, it is tried
 * again after a while, each time later.
 */
export function unpark(draft: GateDraft, facts: QueueFacts, before: QueueRecord): void {
  const passed = passedBy(draft.record, before);
  const goesOn = (item: QueueItem): boolean =>
    item.parked !== null && (passed.has(changeIdOf(item)) || (triesAt(item) ?? facts.now + 1) <= facts.now);
  for (const item of draft.record.items.filter(goesOn)) testAnew(draft, item);
}
