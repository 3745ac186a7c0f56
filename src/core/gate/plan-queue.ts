import type { GateEffect } from '../../model/gate-effect.ts';
import type { LineEntry } from '../../model/line.ts';
import type { CandidateState, Departure, QueueItem, QueueRecord } from '../../model/queue.ts';
import type { Sha } from '../../model/sha.ts';
import { inlineCode } from '../text/safe-markdown.ts';
import { advanceStopping } from './advance-candidate.ts';
import { whyFailed } from './best-first/failed-on-tip.ts';
import { followScheduler } from './best-first/follow.ts';
import { foreseeItems } from './best-first/foresee-items.ts';
import { leaveBestFirst } from './best-first/leave.ts';
import { withMade } from './best-first/put-builds.ts';
import { bestFirstOf } from './best-first/settings.ts';
import { bestFirstSteps } from './best-first/steps.ts';
import { candidateOn, settleCandidates, tipsOf, walked } from './candidates.ts';
import { needsOf } from './dependencies.ts';
import {
  branchOf,
  changeIdOf,
  changeNameOf,
  changeOf,
  type GateDraft,
  isBeingLanded,
  putItem,
  takeOut,
  testAnew,
} from './draft.ts';
import { hasEndedBefore, mayHaveLanded } from './ended-before.ts';
import { enterChanges, isEndUnknown, reorder } from './enter.ts';
import { isHeld } from './entry/judge-request.ts';
import type { Eta } from './eta.ts';
import type { QueueFacts, Wants } from './facts.ts';
import { foldVerdict } from './fold-verdict.ts';
import { advanceJoin } from './join/advance-join.ts';
import { judgeChange } from './judge-change.ts';
import { freshMs, land, mayLand, resolveLanding } from './land.ts';
import { landedDeparture } from './landing-ends.ts';
import { madeOf } from './made-of.ts';
import { moveOut } from './move-queue.ts';
import { nextWake } from './next-wake.ts';
import { advanceProbes, askTip } from './probe-tip.ts';
import { queueLine, removeStrays } from './queue-line.ts';
import { blameFor, isExcused } from './red-tip.ts';
import { reportCandidate } from './report-candidate.ts';
import { reportQueue } from './report-queue.ts';
import { takeBranches } from './take-branches.ts';
import { repeatHolds, takeCommands, takeViews } from './take-commands.ts';
import { testCandidates } from './test-candidates.ts';
import { unpark } from './try-again.ts';
import { type Step, type WalkedItem, walkQueue } from './walk-queue.ts';
import { windowAfterRejection } from './window.ts';

export interface QueuePlan {
  readonly record: QueueRecord;
  readonly effects: readonly GateEffect[];
  readonly reasons: readonly string[];
  /** What must be had and given before this plan counts; all empty: it does. */
  readonly wants: Wants;
  readonly line: readonly Omit<LineEntry, 'subject'>[];
  /** When to look again without any event (ms); null: only when something happens. */
  readonly wakeAt: number | null;
  readonly settled: boolean;
}

/** The ledger's word is the last: what it says has landed leaves, whatever an old state of ours thinks. */
function landedAs(record: QueueRecord, item: QueueItem): Departure | null {
  const { landed } = branchOf(record, item.branch);
  const found = landed.findLast(({ number, head }) => number === item.number && head === item.request.head);
  return found ? landedDeparture(found) : null;
}

function isUnseen(facts: QueueFacts, { branch }: Pick<QueueItem, 'branch'>): boolean {
  return facts.branches.get(branch)?.seen === false;
}

function whyWaits(record: QueueRecord, facts: QueueFacts, item: QueueItem): string | null {
  if (isUnseen(facts, item))
    return 'Sluice may not see its repository at the moment: the App is suspended or was taken away';
  if (isEndUnknown(item, facts)) return 'it is merged; whether the gate landed it is known once the ledger can be read';
  if (branchOf(record, item.branch).tip === null) return 'its branch is not there, or was not read yet';
  return isHeld(item.view.pull.labels) ? 'it is held: `/unhold` lets it land' : item.parked;
}

function walkedItem(draft: GateDraft, facts: QueueFacts, item: QueueItem): WalkedItem {
  const { record } = draft;
  const { state } = item.view.pull;
  const isUnknown = isEndUnknown(item, facts);
  const judged = state === 'merged' ? null : judgeChange(draft, facts, item, 'queued');
  return {
    id: changeIdOf(item),
    branch: item.branch,
    leaves:
      landedAs(record, item) ??
      (isUnknown
        ? null
        : judged === null
          ? { kind: 'landed-outside', because: 'somebody merged it by hand' }
          : judged.kind === 'ended'
            ? { kind: 'withdrawn', because: judged.because }
            : null),
    waits: whyWaits(record, facts, item),
    stops: isUnseen(facts, item),
    needs: needsOf(record, facts, item),
    candidateOn: (parents, ahead) => {
      const state = candidateOn(record, item, facts, { parents, ahead });
      return state === null ? null : walked(state);
    },
  };
}

/** What can be walked; null: nothing is known of the ground. */
function walkable({ record }: GateDraft): readonly QueueItem[] | null {
  const { items, landing } = record;
  const press = landing?.press?.state === 'pressed' ? landing : null;
  // While the forge merges, nothing is known of the ground of the others; then what it merged is no part of the queue any more.
  if (press && branchOf(record, press.branch).tip !== press.press?.commit) return null;
  return items.filter((item) => press === null || changeIdOf(item) !== changeIdOf(press));
}

function walk(draft: GateDraft, facts: QueueFacts): readonly Step[] {
  const { record } = draft;
  const walked = walkable(draft);
  if (walked === null) return [];
  if (record.schedule && bestFirstOf(record, facts)) {
    const walkedOf = (item: QueueItem): WalkedItem => walkedItem(draft, facts, item);
    return bestFirstSteps({ ...record, items: walked }, record.schedule, walkedOf, facts.now);
  }
  return walkQueue(
    walked.map((item) => walkedItem(draft, facts, item)),
    tipsOf(record),
    record.window,
    (id) => changeNameOf(record, changeOf(id)),
  );
}

/** Has the candidates put on the items that whoever schedules this queue wants. */
function settle(draft: GateDraft, facts: QueueFacts): void {
  const best = bestFirstOf(draft.record, facts);
  if (best === null) {
    leaveBestFirst(draft);
    settleCandidates(draft, facts, walk(draft, facts));
    return;
  }
  if (walkable(draft) === null) return;
  followScheduler({ draft, facts, best, walkedOf: (item) => walkedItem(draft, facts, item) });
}

/** When each may land, where the scheduler foresees that; null: it does not. */
function foreseenIn(draft: GateDraft, facts: QueueFacts): ReadonlyMap<string, Eta> | null {
  const { record } = draft;
  const items = walkable(draft);
  if (record.schedule === undefined || items === null) return null;
  return foreseeItems({ ...record, items }, record.schedule, (item) => walkedItem(draft, facts, item), facts.now);
}

function itemOf(draft: GateDraft, id: string): QueueItem | undefined {
  return draft.record.items.find((item) => changeIdOf(item) === id);
}

function whyRejected(item: QueueItem): string {
  const { candidate } = item;
  if (item.rejecting !== undefined) return whyFailed(item);
  if (candidate?.kind === 'conflict')
    return `it conflicts with ${inlineCode(item.view.pull.baseRef)} in ${candidate.paths.slice(0, 20).map(inlineCode).join(', ')}`;
  if (candidate?.kind !== 'made') return 'it could not be tested';
  return candidate.broken ?? foldVerdict(candidate.jobs ?? []).because;
}

const ends: ReadonlySet<Step['decision']['kind']> = new Set(['leave', 'contained', 'conflict', 'forbidden', 'reject']);

function departureOf({ because, isTheirs }: Extract<CandidateState, { kind: 'forbidden' }>): Departure {
  return { kind: isTheirs === true ? 'rejected' : 'refused', because };
}

/** Takes out what the walk says must go. */
function takeOutSome(draft: GateDraft, facts: QueueFacts, steps: readonly Step[]): void {
  for (const { id, decision } of steps.filter(({ decision }) => ends.has(decision.kind))) {
    const item = itemOf(draft, id);
    // What is being landed is resolved by reading first.
    if (!item || isBeingLanded(draft.record, item)) continue;
    if (decision.kind === 'leave') takeOut(draft, item, decision.departure, facts.now);
    else if (mayHaveLanded(facts, item)) continue;
    if (decision.kind === 'forbidden' && item.candidate?.kind === 'forbidden')
      takeOut(draft, item, departureOf(item.candidate), facts.now);
    if (decision.kind === 'contained')
      takeOut(draft, item, { kind: 'contained', because: 'the branch has all of it already' }, facts.now);
    if (decision.kind === 'reject' && blameFor(draft.record, item).kind !== 'theirs') {
      askTip(draft, facts, item);
      continue;
    }
    if (decision.kind === 'reject' && isExcused(draft.record, item)) {
      draft.reasons.push(`#${item.number}: tested anew, ${branchOf(draft.record, item.branch).branch} is red no more`);
      testAnew(draft, item);
      continue;
    }
    if (decision.kind === 'conflict' || decision.kind === 'reject') {
      const floor = facts.branches.get(item.branch)?.settings?.window.floor ?? 1;
      if (decision.kind === 'reject')
        draft.record = { ...draft.record, window: windowAfterRejection(draft.record.window, floor) };
      takeOut(draft, item, { kind: 'rejected', because: whyRejected(item) }, facts.now);
    }
  }
}

/** What lands is what its item is told by. */
function tellByLanding(draft: GateDraft, id: string, commit: Sha): void {
  const item = itemOf(draft, id);
  const lands = item && madeOf(item).find((made) => made.commit === commit);
  if (!item || !lands || item.candidate === lands) return;
  putItem(draft, withMade(item, [lands, ...madeOf(item).filter((made) => made !== lands)]));
}

/** Whether its conditions were read right before and hold (gate.md §4.3); what is over is taken out. */
function isReady(draft: GateDraft, facts: QueueFacts, item: QueueItem): boolean {
  if (facts.now - item.seenAt > freshMs || !facts.views.has(changeIdOf(item))) {
    draft.wants.views.push(changeIdOf(item));
    return false;
  }
  if (judgeChange(draft, facts, item, 'queued').kind !== 'ready') return false;
  if (!hasEndedBefore(draft, facts, item)) return true;
  const because = 'its check run says that this request has ended; what is asked for anew is tested anew';
  takeOut(draft, item, { kind: 'withdrawn', because }, facts.now);
  return false;
}

/** The first green one on the tip, with what it holds inside: its check on the candidate, their conditions anew, then the push. */
function landFirst(draft: GateDraft, facts: QueueFacts, steps: readonly Step[]): void {
  const step = steps.find(({ decision }) => decision.kind === 'land');
  const by = step?.decision.kind === 'land' ? step.decision.by : undefined;
  if (step && by) tellByLanding(draft, step.id, by.commit);
  const item = step ? itemOf(draft, step.id) : undefined;
  if (item?.candidate?.kind !== 'made' || item.candidate.verdict === null) return;
  const { candidate } = item;
  const branch = branchOf(draft.record, item.branch);
  const { project } = branch;
  const effect = { kind: 'report', report: reportCandidate(facts.subject, branch, item, candidate) } as const;
  draft.effects.push({ kind: 'on', project, number: item.number, effect });
  const inside = (by?.inside ?? []).flatMap((id) => itemOf(draft, id) ?? []);
  if (mayLand(draft, facts, { item, candidate, inside }).kind !== 'now') return;
  const whole = [...inside, item];
  const ready = whole.map((each) => isReady(draft, facts, each));
  if (ready.includes(false) || whole.length !== 1 + (by?.inside.length ?? 0)) return;
  const method = candidate.method ?? facts.branches.get(item.branch)?.settings?.method ?? 'merge';
  land(draft, facts, { item, candidate, inside }, method);
}

/**
 * One pass over a queue (gate.md §3): what the record becomes, what is asked of the world, and why. Pure. Where something
 * must be had first (`wants`), the plan does not count: it is made again with that.
 */
export function planQueue(record: QueueRecord, facts: QueueFacts): QueuePlan {
  const wants = { candidates: [], trees: [], roots: [], differences: [], views: [], indexes: [], looks: [], tags: [] };
  const draft: GateDraft = { record, effects: [], reasons: [], wants };
  takeBranches(draft, facts);
  takeViews(draft, facts);
  // What has landed is known before anything is taken out.
  resolveLanding(draft, facts);
  takeCommands(draft, facts);
  repeatHolds(draft, facts);
  moveOut(draft, facts);
  enterChanges(draft, facts);
  reorder(draft, facts);
  unpark(draft, facts, record);
  settle(draft, facts);
  testCandidates(draft, facts);
  advanceProbes(draft, facts);
  advanceJoin(draft, facts);
  takeOutSome(draft, facts, walk(draft, facts));
  landFirst(draft, facts, walk(draft, facts));
  draft.record = {
    ...draft.record,
    stopping: draft.record.stopping.flatMap((stopped) => advanceStopping(draft, facts, stopped) ?? []),
  };
  removeStrays(draft, facts);
  reportQueue(draft, facts, walk(draft, facts), foreseenIn(draft, facts));
  const wakeAt = nextWake(draft, facts);
  return {
    record: draft.record,
    effects: draft.effects,
    reasons: draft.reasons,
    wants,
    line: queueLine(draft.record),
    wakeAt,
    settled: wakeAt === null,
  };
}
