import type { LedgerEntry } from '../../model/ledger.ts';
import type { LandingIntent, MadeCandidate, QueueItem } from '../../model/queue.ts';
import { branchOf, type GateDraft } from './draft.ts';
import type { QueueFacts } from './facts.ts';
import { dropLanding, finishLanding, landedEntry, lostAnswerMs, refuseLanding } from './landing-ends.ts';
import { beginPress, resolvePress } from './press-merge.ts';
import { candidateCheckId } from './report-candidate.ts';

/** Conditions are read again at most so long before a landing (gate.md §4.3), ms. */
export const freshMs = 10_000;

/** The ledger's entries; null: they could not be read. */
function entriesOf(facts: QueueFacts, intent: LandingIntent): readonly LedgerEntry[] | null {
  const ledger = facts.branches.get(intent.branch)?.reading?.ledger;
  return ledger?.kind === 'whole' ? ledger.entries : null;
}

/** True when the ledger says that this commit landed: nothing else counts (gate.md §4). */
function isInLedger(entries: readonly LedgerEntry[], { to, sequence = 0 }: LandingIntent): boolean {
  return entries.some(
    (entry) => entry.detail.kind === 'landed' && entry.detail.commit === to && entry.sequence >= sequence,
  );
}

/** Resolves a landing that was meant, by reading alone; what was not answered is left until it can be told. */
export function resolveLanding(draft: GateDraft, facts: QueueFacts): void {
  const intent = draft.record.landing;
  if (intent === null) return;
  const entries = entriesOf(facts, intent);
  if (entries === null) return;
  if (intent.press) {
    resolvePress(draft, facts, { ...intent, press: intent.press }, entries);
    return;
  }
  if (isInLedger(entries, intent)) {
    finishLanding(draft, facts, intent, intent.to);
    return;
  }
  // An answer to another push says nothing of this one.
  const outcome = facts.landing?.commit === intent.to ? facts.landing.outcome : null;
  if (outcome?.kind === 'refused') refuseLanding(draft, facts, intent, outcome.because);
  else if (outcome?.kind === 'moved') dropLanding(draft, facts, intent, outcome.because);
  else if (outcome?.kind === 'landed') return;
  else if (facts.now - intent.since > lostAnswerMs) dropLanding(draft, facts, intent, 'its push left no trace');
}

export type MayLand = { readonly kind: 'now' } | { readonly kind: 'not-yet'; readonly because: string };

/** What still stands between a green candidate on the tip and its landing, apart from its conditions. */
export function mayLand(draft: GateDraft, facts: QueueFacts, item: QueueItem, candidate: MadeCandidate): MayLand {
  const { record } = draft;
  const wait = (because: string): MayLand => ({ kind: 'not-yet', because });
  if (record.landing !== null) return wait('another landing is under way');
  if (record.frozen !== null) return wait(`the queue is frozen: ${record.frozen.because}`);
  if (candidate.verdict === null) return wait('its verdict is not recorded yet');
  const reading = facts.branches.get(item.branch)?.reading;
  if (reading?.ledger.kind !== 'whole') return wait('the branch could not be read');
  if (reading.ledger.entries.length === 0) return wait('the ledger has no owner yet');
  if (facts.reports.get(candidateCheckId(facts.subject, candidate.commit))?.delivered !== true)
    return wait('the check on its candidate is not written yet');
  return { kind: 'now' };
}

/** Records the intent and asks for the one atomic push. */
export function land(
  draft: GateDraft,
  facts: QueueFacts,
  item: QueueItem,
  candidate: MadeCandidate,
  method: 'merge' | 'squash' | 'rebase',
): void {
  const branch = branchOf(draft.record, item.branch);
  const ledger = facts.branches.get(item.branch)?.reading?.ledger;
  if (branch.tip === null || candidate.verdict === null || ledger?.kind !== 'whole') return;
  const { number } = item;
  if (facts.branches.get(item.branch)?.settings?.landing === 'merge-endpoint') {
    beginPress(draft, facts, item, candidate, branch.tip, method);
    return;
  }
  const landed = { from: branch.tip, commit: candidate.commit, method };
  const entry = landedEntry(branch, item, candidate.verdict, ledger.entries, landed);
  const { sequence } = entry;
  const { commit: to } = candidate;
  const intent: LandingIntent = { number, branch: item.branch, from: branch.tip, to, since: facts.now, sequence };
  draft.record = { ...draft.record, landing: intent };
  draft.reasons.push(`#${number}: landing ${candidate.commit.slice(0, 12)} on ${branch.tip.slice(0, 12)}`);
  const push = { branch: branch.branch, from: branch.tip, to: candidate.commit, ledger: ledger.head, entry };
  draft.effects.push({ kind: 'land', project: branch.project, number, push });
}
