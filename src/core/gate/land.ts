import type { LedgerEntry } from '../../model/ledger.ts';
import type { LandingIntent, LandingMethod, MadeCandidate, QueueItem } from '../../model/queue.ts';
import { bestFirstOf } from './best-first/settings.ts';
import { branchOf, changeIdOf, type GateDraft } from './draft.ts';
import type { QueueFacts } from './facts.ts';
import { type LandedPart, landedEntries } from './landed-entries.ts';
import { dropLanding, finishLanding, lostAnswerMs, refuseLanding } from './landing-ends.ts';
import { knownAs } from './made-of.ts';
import { beginPress, resolvePress } from './press-merge.ts';
import { askingOf } from './red-tip.ts';
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

/** A green candidate that stands on the tip, and the items that it holds besides its own and that have not landed, oldest first. */
export interface WholeLanding {
  readonly item: QueueItem;
  readonly candidate: MadeCandidate;
  readonly inside: readonly QueueItem[];
}

/** What still stands between a green candidate on the tip and its landing, apart from its conditions. */
export function mayLand(draft: GateDraft, facts: QueueFacts, { item, candidate, inside }: WholeLanding): MayLand {
  const { record } = draft;
  const wait = (because: string): MayLand => ({ kind: 'not-yet', because });
  if (record.landing !== null) return wait('another landing is under way');
  if (record.frozen !== null) return wait(`the queue is frozen: ${record.frozen.because}`);
  if (candidate.verdict === null) return wait('its verdict is not recorded yet');
  if (candidate.verdict.reused?.tree !== undefined && bestFirstOf(record, facts)?.lanes !== true)
    return wait('it was tested as another tree, and whole trees are tested here');
  const asking = askingOf(record);
  if (asking !== null) return wait(`what failed of #${asking.number} is run on the branch as it is`);
  const unheard = [item, ...inside].flatMap((each) => facts.unheard.get(changeIdOf(each)) ?? [])[0];
  if (unheard !== undefined) return wait(unheard);
  const reading = facts.branches.get(item.branch)?.reading;
  if (reading?.ledger.kind !== 'whole') return wait('the branch could not be read');
  if (reading.ledger.entries.length === 0) return wait('the ledger has no owner yet');
  if (facts.reports.get(candidateCheckId(facts.subject, candidate.commit))?.delivered !== true)
    return wait('the check on its candidate is not written yet');
  return { kind: 'now' };
}

/** The commits as which they land, oldest first; null: one of them is not known, and nothing is landed. */
function chainOf({ item, candidate, inside }: WholeLanding): readonly LandedPart[] | null {
  const { under = [] } = candidate.guess ?? {};
  const links = inside.length === 0 ? [] : under.slice(-inside.length);
  const parts = inside.map((each, at) => {
    const made = knownAs(each).find(({ commit }) => commit === links[at]?.commit);
    return made ? { item: each, candidate: made } : null;
  });
  return parts.includes(null) ? null : [...parts.flatMap((part) => part ?? []), { item, candidate }];
}

/** Records the intent and asks for the one atomic push. */
export function land(draft: GateDraft, facts: QueueFacts, whole: WholeLanding, method: LandingMethod): void {
  const { item, candidate } = whole;
  const branch = branchOf(draft.record, item.branch);
  const ledger = facts.branches.get(item.branch)?.reading?.ledger;
  if (branch.tip === null || candidate.verdict === null || ledger?.kind !== 'whole') return;
  const { number } = item;
  if (facts.branches.get(item.branch)?.settings?.landing === 'merge-endpoint') {
    beginPress(draft, facts, item, candidate, branch.tip, method);
    return;
  }
  const chain = chainOf(whole);
  if (chain === null) return;
  const entries = landedEntries(branch, chain, candidate.verdict, ledger.entries, { from: branch.tip, method });
  const [entry, ...others] = entries.toReversed();
  if (entry === undefined) return;
  const inside = others.toReversed();
  const { sequence } = entry;
  const { commit: to } = candidate;
  const contained = chain.slice(0, -1).map((part) => ({ number: part.item.number, to: part.candidate.commit }));
  const intent: LandingIntent = { number, branch: item.branch, from: branch.tip, to, since: facts.now, sequence };
  draft.record = { ...draft.record, landing: contained.length > 0 ? { ...intent, inside: contained } : intent };
  const held = contained.length === 0 ? '' : `, with ${contained.map((each) => `#${each.number}`).join(', ')} inside`;
  draft.reasons.push(`#${number}: landing ${to.slice(0, 12)} on ${branch.tip.slice(0, 12)}${held}`);
  const push = { branch: branch.branch, from: branch.tip, to, ledger: ledger.head, entry };
  const effect = { kind: 'land', project: branch.project, number } as const;
  draft.effects.push({ ...effect, push: inside.length > 0 ? { ...push, inside } : push });
}
