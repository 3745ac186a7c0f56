import type { HeadCheck } from '../../model/gate-view.ts';
import type { AskedChange, QueueItem } from '../../model/queue.ts';
import { branchOf, changeIdOf, type GateDraft } from './draft.ts';
import type { QueueFacts } from './facts.ts';
import { gateCheckName } from './report-candidate.ts';
import { itemCheckId } from './report-item.ts';

/** After so long in the queue its check run is on the forge, or was, ms. */
const toldMs = 10 * 60_000;

type Change = Pick<AskedChange, 'branch' | 'number'>;

function ownRuns(draft: GateDraft, facts: QueueFacts, change: Change): readonly HeadCheck[] {
  const name = gateCheckName(branchOf(draft.record, change.branch).branch);
  return (facts.views.get(changeIdOf(change))?.checks ?? []).filter(
    (check) => check.name === name && check.app === facts.app && check.kind === 'check-run',
  );
}

/** While a request goes on, its own is open, and the newest of them. */
function areOver(runs: readonly HeadCheck[]): boolean {
  return runs.every(({ conclusion }) => conclusion !== null && conclusion !== 'success');
}

/** A request whose check run was still open when that was read has ended by now: its check run is there, and over. */
export function hasEndedSince(draft: GateDraft, facts: QueueFacts, change: Change): boolean {
  const runs = ownRuns(draft, facts, change);
  return runs.length > 0 && areOver(runs);
}

/**
 * The forge shows that the request of this item was told its end: an old backup of our state, in which it is still queued,
 * has forgotten that (design.md §5). Asked right before a landing, of what was just read.
 */
export function hasEndedBefore(draft: GateDraft, facts: QueueFacts, item: QueueItem): boolean {
  const runs = ownRuns(draft, facts, item);
  const known = facts.reports.get(itemCheckId(facts.subject, item));
  const isTold = known?.delivered === true || facts.now - item.enteredAt > toldMs;
  return isTold && runs.length > 0 && areOver(runs) && runs.some(({ at }) => at > item.request.at);
}
