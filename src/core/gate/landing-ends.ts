import type { LedgerEntry } from '../../model/ledger.ts';
import type { LandingIntent, LandingMethod, QueueBranch, QueueItem, RecordedVerdict } from '../../model/queue.ts';
import type { Sha } from '../../model/sha.ts';
import { changeIdOf, type GateDraft, putItem, takeOut } from './draft.ts';
import { pacesAfter } from './eta.ts';
import type { QueueFacts } from './facts.ts';
import { windowAfterLanding } from './window.ts';

/** A request whose answer was lost may still be on its way, longer than one is waited for: it is not given up before, ms. */
export const lostAnswerMs = 150_000;

/** The item that a landing is of, if it is still there. */
export function itemLanding(draft: GateDraft, intent: LandingIntent): QueueItem | undefined {
  const id = changeIdOf(intent);
  return draft.record.items.find((other) => changeIdOf(other) === id);
}

/** What the ledger says of it. */
export function landedEntry(
  branch: QueueBranch,
  item: QueueItem,
  verdict: RecordedVerdict,
  entries: readonly LedgerEntry[],
  landed: { readonly from: Sha; readonly commit: Sha; readonly method: LandingMethod },
): LedgerEntry {
  return {
    schema: 1,
    sequence: entries.length + 1,
    repository: branch.project.id,
    branch: branch.branch,
    at: verdict.at,
    detail: {
      kind: 'landed',
      number: item.number,
      head: item.request.head,
      ...landed,
      by: item.request.by,
      verdict,
    },
  };
}

/** It is known not to have landed: its item keeps its place, unless somebody took it out meanwhile. */
export function dropLanding(draft: GateDraft, facts: QueueFacts, intent: LandingIntent, because: string): void {
  draft.reasons.push(`#${intent.number}: not landed, ${because}`);
  draft.record = { ...draft.record, landing: null };
  const item = itemLanding(draft, intent);
  if (!item) return;
  if (intent.withdrawn !== undefined) takeOut(draft, item, { kind: 'withdrawn', because: intent.withdrawn }, facts.now);
  // It may have left no trace because what was to land is not to be had any more: it is made and shown again.
  else if (item.candidate?.kind === 'made')
    putItem(draft, { ...item, candidate: { ...item.candidate, published: false } });
}

/** It is known to have landed as this commit. */
export function finishLanding(draft: GateDraft, facts: QueueFacts, intent: LandingIntent, commit: Sha): void {
  const item = itemLanding(draft, intent);
  draft.record = { ...draft.record, landing: null, window: windowAfterLanding(draft.record.window) };
  if (!item) return;
  draft.record = { ...draft.record, paces: pacesAfter(draft.record, item.candidate) };
  takeOut(draft, item, { kind: 'landed', commit }, facts.now);
  if (!intent.press) return;
  const leaving = draft.record.leaving.map((each) =>
    each.change === item ? { ...each, retell: true as const } : each,
  );
  draft.record = { ...draft.record, leaving };
}

/** The forge's words go to the author; those behind stand on the tip again (gate.md §4). */
export function refuseLanding(draft: GateDraft, facts: QueueFacts, intent: LandingIntent, because: string): void {
  draft.record = { ...draft.record, landing: null };
  const item = itemLanding(draft, intent);
  if (item) takeOut(draft, item, { kind: 'refused', because }, facts.now);
}
