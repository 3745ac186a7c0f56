import type { GateView } from '../../model/gate-view.ts';
import type { AskedChange, QueueItem } from '../../model/queue.ts';
import { needsOf } from './dependencies.ts';
import { branchOf, changeIdOf, dropAsked, type GateDraft } from './draft.ts';
import { landingMessage } from './entry/landing-message.ts';
import type { QueueFacts } from './facts.ts';
import { approversOf, judgeChange } from './judge-change.ts';
import { landedDeparture } from './landing-ends.ts';

const rank = { hotfix: 0, normal: 1, bulk: 2 } as const;
/** No item is overtaken by more later ones than these (commands.md §3). */
export const mostOvertaken = 10;

/**
 * The order of requests (less than 0: `one` came first). A forge tells times in whole seconds: those of one second go by
 * their numbers, however they are heard, so that a queue that was lost is found again in its order.
 */
function compareRequests(one: AskedChange, other: AskedChange): number {
  return one.request.at - other.request.at || one.number - other.number || (one.branch < other.branch ? -1 : 1);
}

/**
 * Before the first item of a later lane that may still be overtaken; after everything that was asked for earlier in its own,
 * and after what it depends on.
 */
function placeFor(items: readonly QueueItem[], change: AskedChange, needs: readonly string[]): number {
  let place = items.length;
  while (place > 0) {
    const before = items[place - 1];
    if (!before || before.overtaken >= mostOvertaken || rank[before.lane] < rank[change.lane]) break;
    const isLater = rank[before.lane] > rank[change.lane] || compareRequests(before, change) > 0;
    if (!isLater || needs.includes(changeIdOf(before))) break;
    place -= 1;
  }
  return place;
}

/** All that come behind it now are overtaken. */
function insert(items: readonly QueueItem[], item: QueueItem, needs: readonly string[]): readonly QueueItem[] {
  const place = placeFor(items, item, needs);
  const behind = items.slice(place).map((other) => ({ ...other, overtaken: other.overtaken + 1 }));
  return [...items.slice(0, place), item, ...behind];
}

/**
 * A change of lane moves an item that is in the queue: ahead of those of later lanes. Never back: those behind it may have
 * been asked for earlier, and each would be sent behind the other for ever.
 */
export function reorder(draft: GateDraft, facts: QueueFacts): void {
  const { items } = draft.record;
  for (const [index, item] of items.entries()) {
    const before = items[index - 1];
    if (before === undefined || rank[before.lane] <= rank[item.lane] || before.overtaken >= mostOvertaken) continue;
    const ahead = items.slice(0, index);
    const needs = needsOf(draft.record, facts, item);
    if (placeFor(ahead, item, needs) === index) continue;
    draft.record = { ...draft.record, items: [...insert(ahead, item, needs), ...items.slice(index + 1)] };
    return;
  }
}

function toItem(draft: GateDraft, facts: QueueFacts, change: AskedChange): QueueItem {
  const { project } = branchOf(draft.record, change.branch);
  const message = landingMessage(change.view, change.request, project, approversOf(facts, change));
  return { ...change, message, enteredAt: facts.now, candidate: null, makes: 0, parked: null, overtaken: 0 };
}

function isGone(view: GateView): boolean {
  return view.pull.state !== 'open';
}

/** Merged, it may be what the gate landed: that is known once its ledger can be read and trusted; nothing is said of its end before. */
export function isEndUnknown({ branch, view }: AskedChange, facts: QueueFacts): boolean {
  return view.pull.state === 'merged' && facts.branches.get(branch)?.reading?.ledger.kind !== 'whole';
}

/** What the ledger says landed is told so, not that its pull request is merged: a lost record was rebuilt with it. */
function leaveLanded(draft: GateDraft, facts: QueueFacts): void {
  for (const change of draft.record.asked) {
    const { landed } = branchOf(draft.record, change.branch);
    const found = landed.findLast(({ number, head }) => number === change.number && head === change.request.head);
    if (!found) continue;
    const { record } = draft;
    const departure = landedDeparture(found);
    draft.record = {
      ...record,
      asked: record.asked.filter((other) => other !== change),
      leaving: [...record.leaving, { change, departure, candidate: null, at: facts.now }],
    };
    draft.reasons.push(`#${change.number}: landed, as its ledger says`);
  }
}

/** Lets those in that lack nothing, in the order of their requests, and drops requests that cannot be met any more. */
export function enterChanges(draft: GateDraft, facts: QueueFacts): void {
  leaveLanded(draft, facts);
  const waiting = [...draft.record.asked].sort(compareRequests);
  for (let moved = true; moved; ) {
    moved = false;
    for (const change of waiting) {
      const known = draft.record.asked.find((other) => changeIdOf(other) === changeIdOf(change));
      if (!known) continue;
      const judged = judgeChange(draft, facts, known, 'entering');
      if (judged.kind === 'ended' && isEndUnknown(known, facts)) continue;
      if (judged.kind === 'ended') {
        dropAsked(draft, known, isGone(known.view) ? `it is ${known.view.pull.state}` : judged.because, facts.now);
      } else if (judged.kind === 'ready') {
        const item = toItem(draft, facts, known);
        const asked = draft.record.asked.filter((other) => other !== known);
        draft.record = {
          ...draft.record,
          asked,
          items: insert(draft.record.items, item, needsOf(draft.record, facts, item)),
        };
        draft.reasons.push(`#${known.number}: entered the queue`);
        // One that others depend on is in now: they are asked again.
        moved = true;
      }
    }
  }
}
