import type { LedgerEntry } from '../../model/ledger.ts';
import type { LandingIntent, MadeCandidate, QueueItem } from '../../model/queue.ts';
import { branchOf, changeIdOf, type GateDraft, takeOut } from './draft.ts';
import type { QueueFacts } from './facts.ts';
import { candidateCheckId } from './report-candidate.ts';
import { windowAfterLanding } from './window.ts';

/** Conditions are read again at most so long before a landing (gate.md §4.3), ms. */
export const freshMs = 10_000;
/** A push whose answer was lost may still be on its way, longer than one is waited for: it is not given up before, ms. */
const lostAnswerMs = 150_000;

function entriesOf(facts: QueueFacts, intent: LandingIntent): readonly LedgerEntry[] | null {
  const ledger = facts.branches.get(intent.branch)?.reading?.ledger;
  return ledger?.kind === 'whole' ? ledger.entries : null;
}

/** True when the ledger says that this commit landed: nothing else counts (gate.md §4). */
function isInLedger(entries: readonly LedgerEntry[], { to }: LandingIntent): boolean {
  return entries.some(({ detail }) => detail.kind === 'landed' && detail.commit === to);
}

function itemOf(draft: GateDraft, intent: LandingIntent): QueueItem | undefined {
  const id = changeIdOf(intent);
  return draft.record.items.find((other) => changeIdOf(other) === id);
}

function drop(draft: GateDraft, facts: QueueFacts, intent: LandingIntent, because: string): void {
  draft.reasons.push(`#${intent.number}: not landed, ${because}`);
  draft.record = { ...draft.record, landing: null };
  const item = itemOf(draft, intent);
  if (item && intent.withdrawn !== undefined)
    takeOut(draft, item, { kind: 'withdrawn', because: intent.withdrawn }, facts.now);
}

function finishLanding(draft: GateDraft, facts: QueueFacts, intent: LandingIntent): void {
  const item = itemOf(draft, intent);
  draft.record = { ...draft.record, landing: null, window: windowAfterLanding(draft.record.window) };
  if (item) takeOut(draft, item, { kind: 'landed', commit: intent.to }, facts.now);
}

/** Resolves a landing that was meant, by reading alone; what was not answered is left until it can be told. */
export function resolveLanding(draft: GateDraft, facts: QueueFacts): void {
  const intent = draft.record.landing;
  if (intent === null) return;
  const entries = entriesOf(facts, intent);
  if (entries === null) return;
  if (isInLedger(entries, intent)) {
    finishLanding(draft, facts, intent);
    return;
  }
  // An answer to another push says nothing of this one.
  const outcome = facts.landing?.commit === intent.to ? facts.landing.outcome : null;
  if (outcome?.kind === 'refused') refuse(draft, facts, intent, outcome.because);
  else if (outcome?.kind === 'moved') drop(draft, facts, intent, outcome.because);
  else if (outcome?.kind === 'landed') return;
  else if (facts.now - intent.since > lostAnswerMs) drop(draft, facts, intent, 'its push left no trace');
}

/** The forge's words go to the author; those behind stand on the tip again (gate.md §4). */
function refuse(draft: GateDraft, facts: QueueFacts, intent: LandingIntent, because: string): void {
  draft.record = { ...draft.record, landing: null };
  const item = itemOf(draft, intent);
  if (item) takeOut(draft, item, { kind: 'refused', because }, facts.now);
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
  const intent: LandingIntent = {
    number,
    branch: item.branch,
    from: branch.tip,
    to: candidate.commit,
    since: facts.now,
  };
  const entry: LedgerEntry = {
    schema: 1,
    sequence: ledger.entries.length + 1,
    repository: branch.project.id,
    branch: branch.branch,
    at: candidate.verdict.at,
    detail: {
      kind: 'landed',
      number,
      head: item.view.pull.head,
      from: branch.tip,
      commit: candidate.commit,
      method,
      by: item.request.by,
      verdict: candidate.verdict,
    },
  };
  draft.record = { ...draft.record, landing: intent };
  draft.reasons.push(`#${number}: landing ${candidate.commit.slice(0, 12)} on ${branch.tip.slice(0, 12)}`);
  const push = { branch: branch.branch, from: branch.tip, to: candidate.commit, ledger: ledger.head, entry };
  draft.effects.push({ kind: 'land', project: branch.project, number, push });
}
