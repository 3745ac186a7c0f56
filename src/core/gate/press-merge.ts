import type { LedgerEntry } from '../../model/ledger.ts';
import type { LandingIntent, LandingMethod, MadeCandidate, Press, QueueItem } from '../../model/queue.ts';
import type { Sha } from '../../model/sha.ts';
import { standsOn, tipsOf } from './candidates.ts';
import { branchOf, changeIdOf, type GateDraft, putItem, takeOut } from './draft.ts';
import type { QueueFacts } from './facts.ts';
import { judgeChange } from './judge-change.ts';
import { landedEntry } from './landed-entries.ts';
import { dropLanding, finishLanding, itemLanding, lostAnswerMs, refuseLanding } from './landing-ends.ts';
import { itemCheckId } from './report-item.ts';

/** How long a commit that the forge says it made may not be there to be read, ms. */
const readBackMs = 60_000;

type Pressing = LandingIntent & { readonly press: Press };

/** Records the intent: what follows is the head's own check, as protection asks for it there (gate.md §4). */
export function beginPress(
  draft: GateDraft,
  facts: QueueFacts,
  item: QueueItem,
  candidate: MadeCandidate,
  from: Sha,
  method: LandingMethod,
): void {
  const { number, branch } = item;
  const press: Press = { state: 'green', method, commit: null };
  draft.record = { ...draft.record, landing: { number, branch, from, to: candidate.commit, since: facts.now, press } };
  draft.reasons.push(
    `#${number}: to be merged by the forge on ${from.slice(0, 12)}, tested as ${candidate.commit.slice(0, 12)}`,
  );
}

function put(draft: GateDraft, landing: LandingIntent | null): void {
  draft.record = { ...draft.record, landing };
}

/** Its check was concluded and it did not land: what follows is told in a new one, which is the one that counts then. */
function reopen(draft: GateDraft, intent: Pressing): void {
  const item = itemLanding(draft, intent);
  if (item) putItem(draft, { ...item, runs: (item.runs ?? 0) + 1 });
}

function giveUp(draft: GateDraft, facts: QueueFacts, intent: Pressing, because: string): void {
  reopen(draft, intent);
  dropLanding(draft, facts, intent, because);
}

/** Nothing is promised beforehand in this mode: a tree that was not tested stops the line (gate.md §4.5). */
function stopLine(draft: GateDraft, facts: QueueFacts, intent: Pressing, item: QueueItem, because: string): void {
  put(draft, null);
  const wish = { kind: 'frozen', by: null, because: `#${item.number}: ${because}`, at: facts.now } as const;
  draft.record = { ...draft.record, wish };
  reopen(draft, intent);
  const again = itemLanding(draft, intent) ?? item;
  takeOut(
    draft,
    again,
    { kind: 'landed-outside', because: `${because}; the queue is frozen until somebody looked at it` },
    facts.now,
  );
}

/** GitHub made a commit of it: its tree must be the tested one, and then the ledger says so. */
function readBack(
  draft: GateDraft,
  facts: QueueFacts,
  intent: Pressing,
  item: QueueItem,
  commit: Sha,
  entries: readonly LedgerEntry[],
): void {
  if (entries.some(({ detail }) => detail.kind === 'landed' && detail.commit === commit)) {
    finishLanding(draft, facts, intent, commit);
    return;
  }
  put(draft, { ...intent, press: { ...intent.press, commit } });
  const tree = facts.roots.get(commit);
  if (tree === undefined) draft.wants.roots.push({ branch: intent.branch, commit });
  const short = commit.slice(0, 12);
  if (tree === null && facts.now - intent.since > readBackMs)
    stopLine(draft, facts, intent, item, `the forge says that it merged it as ${short}, which could not be read back`);
  if (!tree) return;
  const { candidate } = item;
  if (candidate?.kind !== 'made' || candidate.verdict === null || candidate.verdict.tree !== tree) {
    stopLine(
      draft,
      facts,
      intent,
      item,
      `the forge merged it as ${short}, whose tree ${tree.slice(0, 12)} is not the tested one`,
    );
    return;
  }
  const branch = branchOf(draft.record, intent.branch);
  const ledger = facts.branches.get(intent.branch)?.reading?.ledger;
  if (ledger?.kind !== 'whole') return;
  const { method } = intent.press;
  const entry = landedEntry(branch, item, candidate.verdict, entries, { from: intent.from, commit, method });
  draft.effects.push({ kind: 'append', project: branch.project, ledger: ledger.head, entry });
}

/** Why the endpoint is not asked after all; null: it may be. */
function whyNotPress(draft: GateDraft, facts: QueueFacts, intent: Pressing, item: QueueItem): string | null {
  const { candidate } = item;
  const { record } = draft;
  if (
    candidate?.kind !== 'made' ||
    candidate.commit !== intent.to ||
    !standsOn(record, candidate.parents, tipsOf(record))
  )
    return 'the branch has moved on';
  if (record.frozen !== null) return `the queue is frozen: ${record.frozen.because}`;
  if (intent.withdrawn !== undefined) return intent.withdrawn;
  const judged = judgeChange(draft, facts, item, 'queued');
  if (judged.kind === 'ready') return null;
  return judged.kind === 'ended' ? judged.because : (judged.missing[0]?.text ?? 'something is missing');
}

function pressOnce(draft: GateDraft, facts: QueueFacts, intent: Pressing, item: QueueItem): void {
  const why = whyNotPress(draft, facts, intent, item);
  if (why !== null) {
    giveUp(draft, facts, intent, why);
    return;
  }
  const told = facts.reports.get(itemCheckId(facts.subject, item));
  if (told?.final !== true || !told.delivered) {
    if (facts.now - intent.since > lostAnswerMs) giveUp(draft, facts, intent, 'its check could not be made green');
    return;
  }
  const { project } = branchOf(draft.record, intent.branch);
  const { number, message, request } = item;
  const { press, to: candidate } = intent;
  put(draft, { ...intent, since: facts.now, press: { ...press, state: 'pressed' } });
  draft.reasons.push(`#${number}: the forge is asked to merge it`);
  draft.effects.push({ kind: 'merge', project, number, head: request.head, method: press.method, message, candidate });
}

function takeAnswer(draft: GateDraft, facts: QueueFacts, intent: Pressing): void {
  const outcome = facts.landing?.commit === intent.to ? facts.landing.outcome : null;
  if (outcome?.kind === 'refused') {
    reopen(draft, intent);
    refuseLanding(draft, facts, intent, outcome.because);
  } else if (outcome?.kind === 'moved') giveUp(draft, facts, intent, outcome.because);
  else if (facts.now - intent.since > lostAnswerMs) giveUp(draft, facts, intent, 'the forge did not merge it');
}

/** Takes a landing by the merge endpoint one step on; what became of it is read, never guessed. */
export function resolvePress(
  draft: GateDraft,
  facts: QueueFacts,
  intent: Pressing,
  entries: readonly LedgerEntry[],
): void {
  const item = itemLanding(draft, intent);
  if (!item) {
    put(draft, null);
    return;
  }
  const view = facts.views.get(changeIdOf(intent));
  if (view === undefined) {
    draft.wants.views.push(changeIdOf(intent));
    return;
  }
  const answer = facts.landing?.commit === intent.to ? facts.landing.outcome : null;
  const said = answer?.kind === 'merged' ? answer.commit : intent.press.commit;
  const commit = said ?? (view?.pull.state === 'merged' ? (view.mergedAs ?? null) : null);
  if (commit !== null) readBack(draft, facts, intent, item, commit, entries);
  else if (intent.press.state === 'green') pressOnce(draft, facts, intent, item);
  else takeAnswer(draft, facts, intent);
}
