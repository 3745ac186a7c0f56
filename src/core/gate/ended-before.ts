import type { QueueItem } from '../../model/queue.ts';
import { branchOf, changeIdOf, type GateDraft } from './draft.ts';
import type { QueueFacts } from './facts.ts';
import { gateCheckName } from './report-candidate.ts';
import { itemCheckId } from './report-item.ts';

/** After so long in the queue its check run is on the forge, or was, ms. */
const toldMs = 10 * 60_000;

/**
 * The forge shows that the request of this item was told its end: an old backup of our state, in which it is still queued,
 * has forgotten that (design.md §5). Asked right before a landing, of what was just read.
 */
export function hasEndedBefore(draft: GateDraft, facts: QueueFacts, item: QueueItem): boolean {
  const name = gateCheckName(branchOf(draft.record, item.branch).branch);
  const runs = (facts.views.get(changeIdOf(item))?.checks ?? []).filter(
    (check) => check.name === name && check.app === facts.app && check.kind === 'check-run',
  );
  const known = facts.reports.get(itemCheckId(facts.subject, item));
  const isTold = known?.delivered === true || facts.now - item.enteredAt > toldMs;
  // While it goes on, its own is open, and the newest of them.
  const areOver = runs.every(({ conclusion }) => conclusion !== null && conclusion !== 'success');
  return isTold && runs.length > 0 && areOver && runs.some(({ at }) => at > item.request.at);
}
