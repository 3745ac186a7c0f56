import type { Departure, LeavingItem, QueueItem, QueueRecord } from '../../model/queue.ts';
import { jobAt } from '../presubmit/advance-jobs.ts';
import { imagesOfJob } from '../promote/collect-images.ts';
import { escapeMarkdown, inlineCode } from '../text/safe-markdown.ts';
import { batchOf } from './best-first/batches.ts';
import { describeShortage } from './best-first/tell-shortage.ts';
import { needsOf } from './dependencies.ts';
import { branchOf, changeIdOf, changeNameOf, type GateDraft } from './draft.ts';
import { changeMark } from './entry/change-mark.ts';
import { describeMissing } from './entry/describe-missing.ts';
import { describeEta, type Eta, estimateLandings } from './eta.ts';
import type { QueueFacts } from './facts.ts';
import { describeClosed } from './join/closed-lanes.ts';
import { judgeChange } from './judge-change.ts';
import { retoldMs, tellNewQueue } from './move-queue.ts';
import { askingOf, blameFor, configuration } from './red-tip.ts';
import { itemCheckId, reportChange, tellAsked, tellDeparture, tellGreen, tellItem } from './report-item.ts';
import { unseenSince } from './seen-lately.ts';
import { gateLabel } from './take-commands.ts';
import { triesAt } from './try-again.ts';
import type { Step } from './walk-queue.ts';

/** How long what left is kept to be told, at most, ms: the forge may never take it. */
const patienceMs = 24 * 3_600_000;

const fates: Readonly<Record<Departure['kind'], string>> = {
  landed: 'has landed',
  'landed-outside': 'was landed by somebody outside the gate',
  contained: 'was contained already',
  rejected: 'failed',
  refused: 'GitHub refused to take',
  withdrawn: 'was taken out of the queue',
  moved: 'was moved to another queue',
};

function needing(record: QueueRecord, facts: QueueFacts, { change }: LeavingItem): readonly QueueItem[] {
  return record.items.filter((item) => needsOf(record, facts, item).includes(changeIdOf(change)));
}

/** What became of those that it depends on. */
function fatesOfNeeds({ record }: GateDraft, facts: QueueFacts, item: QueueItem): readonly string[] {
  const needs = needsOf(record, facts, item);
  return record.leaving
    .filter(({ change }) => needs.includes(changeIdOf(change)))
    .map(({ change, departure }) => `It depends on ${changeNameOf(record, change)}, which ${fates[departure.kind]}.`);
}

/** Nobody is rejected for what the branch brought itself (gate.md §3). */
function whyUndecided({ record }: GateDraft, item: QueueItem): string {
  const blame = blameFor(record, item);
  const branch = inlineCode(branchOf(record, item.branch).branch);
  if (blame.kind === 'theirs') return 'It has failed.';
  const jobs = blame.jobs.map((name) => (name === configuration ? name : inlineCode(name))).join(', ');
  if (blame.kind === 'asking')
    return `It failed, and the gate has not seen ${jobs} pass on what ${branch} is now: that is run on ${branch} itself, so that nobody is blamed for what was broken before.`;
  const since = new Date(blame.since).toISOString().slice(0, 16).replace('T', ' ');
  return `${branch} is red since ${inlineCode(blame.tip.slice(0, 12))} (seen ${since} UTC): ${jobs} fails there too. Nobody is rejected for it; all are tested anew once ${branch} moves, and a change that repairs it lands. ${branch} is asked again from time to time, and at once by \`/gate\`.`;
}

/** What brings a parked one on. */
function goesOnWhen(item: QueueItem): string {
  const at = triesAt(item);
  const byItself = at === null ? '' : `at ${new Date(at).toISOString().slice(11, 16)} UTC, or `;
  return `It goes on by itself ${byItself}once the next one has landed; \`/gate\` makes it go on now.`;
}

/** An image of several platforms is uploaded once the index over them is. */
function unwrittenIndexes(facts: QueueFacts, { candidate }: QueueItem): readonly string[] {
  if (candidate?.kind !== 'made' || candidate.verdict !== null) return [];
  return (candidate.jobs ?? []).flatMap((record) => {
    const job = jobAt(facts, record);
    const because = job === null ? null : imagesOfJob(job, record, facts.indexes).waits;
    if (because === null) return [];
    const name = inlineCode(record.job);
    return [
      `The index over the platforms that ${name} built could not be written: ${escapeMarkdown(because)}. It is tried again.`,
    ];
  });
}

/** Without the minutes, which would have it written anew each time. */
function notSeenLately(
  { record }: GateDraft,
  { now }: QueueFacts,
  { number, candidate }: QueueItem,
): readonly string[] {
  if (candidate?.kind !== 'made' || unseenSince(record, number, candidate, now) === null) return [];
  return [
    'Whether it is still approved could not be read for more than 5 minutes: nothing more of it starts until then.',
  ];
}

/** That more waits than can be tested, to those that wait for that. */
function shortage({ record }: GateDraft): readonly string[] {
  const said = describeShortage(record);
  return said === null ? [] : [said];
}

function whyWaiting(draft: GateDraft, facts: QueueFacts, item: QueueItem, step: Step | undefined): readonly string[] {
  const lines: string[] = [];
  const { frozen } = draft.record;
  if (frozen !== null) lines.push(`The queue is frozen and lands nothing: ${frozen.because}.`);
  const closed = describeClosed(draft.record);
  if (closed !== null) lines.push(closed);
  const asking = askingOf(draft.record);
  if (asking !== null && asking.number !== item.number && step?.decision.kind === 'land')
    lines.push(`It does not land yet: what failed of #${asking.number} is run on the branch as it is.`);
  const unheard = facts.unheard.get(changeIdOf(item));
  if (unheard !== undefined) lines.push(`It does not land yet: ${unheard}.`);
  if (step && 'because' in step.decision) lines.push(`It waits: ${step.decision.because}.`);
  if (step?.decision.kind === 'beyond-window') lines.push(...shortage(draft));
  if (item.candidate?.kind === 'unmade')
    lines.push(`Its commit could not be made: ${escapeMarkdown(item.candidate.because)}.`);
  lines.push(...unwrittenIndexes(facts, item), ...notSeenLately(draft, facts, item));
  if (item.parked !== null) lines.push(goesOnWhen(item));
  lines.push(...fatesOfNeeds(draft, facts, item));
  if (step?.decision.kind === 'finish') lines.push('It has failed; what still runs is waited for.');
  if (step?.decision.kind === 'reject') lines.push(whyUndecided(draft, item));
  const judged = judgeChange(draft, facts, item, 'queued');
  if (judged.kind === 'missing') lines.push(...judged.missing.map(({ text }) => text));
  return lines;
}

/**
 * Merged ones are marked by the forge itself, others are closed by us with the landed commit, until it is seen that they are.
 * Null: which it is could not be read in this pass.
 */
function mustClose({ change, departure }: LeavingItem, facts: QueueFacts): boolean | null {
  const { state, head } = change.view.pull;
  if (departure.kind !== 'landed' || state !== 'open' || head !== change.request.head) return false;
  const method = facts.branches.get(change.branch)?.settings?.method;
  return method === undefined ? null : method !== 'merge';
}

/** What each item waits for; none: it is on its way. */
function waitsOf(draft: GateDraft, facts: QueueFacts, stepOf: ReadonlyMap<string, Step>) {
  return new Map(
    draft.record.items.map((item) => {
      const id = changeIdOf(item);
      return [id, whyWaiting(draft, facts, item, stepOf.get(id))] as const;
    }),
  );
}

/** Those that wait for more than their turn. */
function stuckOf(waits: ReadonlyMap<string, readonly string[]>, stepOf: ReadonlyMap<string, Step>): Set<string> {
  const usual = (id: string): number => (stepOf.get(id)?.decision.kind === 'beyond-window' ? 1 : 0);
  return new Set([...waits].filter(([id, lines]) => lines.length > usual(id)).map(([id]) => id));
}

/** Told, and nothing is left to do for it. */
function isTold(leaving: LeavingItem, facts: QueueFacts): boolean {
  if (leaving.departure.kind === 'moved' && facts.now - leaving.at < retoldMs) return false;
  if (leaving.retell === true) return false;
  if (mustClose(leaving, facts) !== false && facts.now - leaving.at <= patienceMs) return false;
  const known = facts.reports.get(itemCheckId(facts.subject, leaving.change));
  return (known?.final === true && known.delivered) || facts.now - leaving.at > patienceMs;
}

/** A label that was not taken off is asked for again, but not in each pass, ms. */
const labelAgainMs = 60_000;

function takeLabelOff(draft: GateDraft, facts: QueueFacts, leaving: LeavingItem): LeavingItem {
  const { change, departure, unlabelledAt } = leaving;
  const isAsked = unlabelledAt !== undefined && facts.now - unlabelledAt < labelAgainMs;
  // Whether it is on may not have been read since it was put on; taking off what is not there changes nothing.
  if (isAsked || departure.kind === 'moved') return leaving;
  const { project } = branchOf(draft.record, change.branch);
  draft.effects.push({ kind: 'label', project, number: change.number, label: gateLabel, present: false });
  return { ...leaving, unlabelledAt: facts.now };
}

function tellLeaving(draft: GateDraft, facts: QueueFacts, leaving: LeavingItem): LeavingItem {
  const { change } = leaving;
  const { branch, number } = change;
  const place = branchOf(draft.record, branch);
  const { project } = place;
  draft.effects.push(...tellNewQueue(place, leaving));
  const report = reportChange(place, change, tellDeparture(leaving, facts), '', facts);
  draft.effects.push({ kind: 'on', project, number, effect: { kind: 'report', report } });
  if (mustClose(leaving, facts) === true) draft.effects.push({ kind: 'close', project, number });
  return takeLabelOff(draft, facts, leaving);
}

/** What people should now see of every change of the queue. `foreseen`: when each may land; null: as the last ones did. */
export function reportQueue(
  draft: GateDraft,
  facts: QueueFacts,
  steps: readonly Step[],
  foreseen: ReadonlyMap<string, Eta> | null,
): void {
  const { record } = draft;
  const stepOf = new Map(steps.map((step) => [step.id, step]));
  const waits = waitsOf(draft, facts, stepOf);
  const etas = foreseen ?? estimateLandings(record, stuckOf(waits, stepOf), facts.now);
  record.items.forEach((item, index) => {
    const branch = branchOf(record, item.branch);
    const id = changeIdOf(item);
    const eta = describeEta(etas.get(id), record, facts.now);
    const isPressed = record.landing?.press !== undefined && changeIdOf(record.landing) === changeIdOf(item);
    const told = isPressed
      ? tellGreen(item, facts)
      : tellItem(item, index + 1, record.items.length, waits.get(id) ?? [], eta, facts, batchOf(record, item));
    const report = reportChange(branch, item, told, changeMark(item), facts);
    draft.effects.push({
      kind: 'on',
      project: branch.project,
      number: item.number,
      effect: { kind: 'report', report },
    });
  });
  for (const change of record.asked) {
    const branch = branchOf(record, change.branch);
    const judged = judgeChange(draft, facts, change, 'entering');
    const missing = judged.kind === 'missing' ? judged.missing : [];
    const told = tellAsked(change, describeMissing(missing), missing.length);
    const report = reportChange(branch, change, told, changeMark(change), facts);
    draft.effects.push({
      kind: 'on',
      project: branch.project,
      number: change.number,
      effect: { kind: 'report', report },
    });
  }
  const kept = record.leaving.flatMap((leaving) => {
    if (!isTold(leaving, facts)) return [tellLeaving(draft, facts, leaving)];
    // What became of it is still told to those that depend on it.
    const isAskedFor = facts.now - leaving.at <= patienceMs && needing(record, facts, leaving).length > 0;
    return isAskedFor ? [leaving] : [];
  });
  draft.record = { ...record, leaving: kept.map(({ retell: _, ...rest }) => rest) };
}
