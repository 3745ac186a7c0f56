import type { StoredSchedule } from '../../../model/best-first.ts';
import type { QueueItem } from '../../../model/queue.ts';
import { standsOn, tipsOf, walked } from '../candidates.ts';
import { isBeingLanded, putItem, stopAll, stopCandidate, takeOut } from '../draft.ts';
import { mayHaveLanded } from '../ended-before.ts';
import { madeOf } from '../made-of.ts';
import { accusedOf, isProven } from '../red-tip.ts';
import { schedule } from '../schedule/schedule.ts';
import type { Rejection } from '../schedule/settle-failures.ts';
import type { NewBuild } from '../schedule/spend-slots.ts';
import type { UnitId } from '../schedule/unit.ts';
import { forgetBatched } from './batches.ts';
import { begin } from './begin.ts';
import { failedOnTip, whyFailed } from './failed-on-tip.ts';
import { type Following, itemNow } from './following.ts';
import { landingBy } from './landing-by.ts';
import { type Look, lookAt } from './look.ts';
import { moveGreen } from './move-green.ts';
import { nameTouches } from './name-touches.ts';
import { noteMoves } from './note-moves.ts';
import { putDropped, withMade } from './put-builds.ts';
import { firstSchedule, memoryFrom, withMemory, withOutcome } from './remember.ts';
import { settingsOf } from './settings.ts';
import { shortSince } from './tell-shortage.ts';
import { shownUnit } from './unit-id.ts';

/** Others wait for it, so that it comes to an end. */
const waitedFor = { touches: 'everything' } as const;

type Taken = 'rejected' | 'anew' | 'left';

function storedOf({ draft, best }: Following): StoredSchedule {
  const {
    prefixes: _,
    lanes: __,
    batches: ___,
    ...stored
  } = draft.record.schedule ?? firstSchedule(best.slots, best.branch);
  const { slots, prefixes, lanes, batches } = best;
  const wishes = { ...(prefixes ? { prefixes } : {}), ...(lanes ? { lanes } : {}), ...(batches ? { batches } : {}) };
  return { ...stored, slots, ...wishes };
}

function put({ draft }: Following, stored: StoredSchedule): void {
  const [before, now] = [shortSince(draft.record), shortSince({ schedule: stored })];
  if (before === null && now !== null) draft.reasons.push('more is asked for than can be tested: load is shed');
  if (before !== null && now === null) draft.reasons.push('no more is asked for than can be tested: no load is shed');
  draft.record = { ...draft.record, schedule: stored };
  forgetBatched(draft);
}

function lookNow({ draft, facts, walkedOf }: Following, stored: StoredSchedule): Look {
  return lookAt(draft.record, stored, walkedOf, facts.now, true);
}

/**
 * Candidates that the window made, or whose change lands in another way by now, say nothing here: what they are of is tested anew.
 * So is what passed on another tree, once whole trees are tested again.
 */
function stopForeign({ draft, facts, best }: Following): void {
  const method = facts.branches.get(best.branch.key)?.settings?.method;
  const isForeign = (item: QueueItem): boolean =>
    madeOf(item).some(
      (made) =>
        made.guess === undefined ||
        (method !== undefined && (made.method ?? method) !== method) ||
        (!best.lanes && made.verdict?.reused?.tree !== undefined),
    );
  for (const item of draft.record.items.filter(isForeign))
    putItem(draft, stopAll(draft, item, 'it is tested as its branch has it by now'));
}

/** What is stepped over for good reasons of its own is tested no more; what merely waits goes on. */
function stopStepped(following: Following, { standings }: Look): void {
  const { draft } = following;
  for (const { item, walked, needs } of standings) {
    const because =
      walked.stops === true ? walked.waits : needs === null ? 'what it depends on is not ahead of it' : null;
    if (because !== null && madeOf(item).length > 0) putItem(draft, stopAll(draft, item, because));
  }
}

/**
 * What was to be rejected where it was asked whether the branch is to blame, and the branch has moved, is tested anew; and so is
 * what could not be made, or not there.
 */
function forgiveMoved({ draft, best }: Following): void {
  const tips = tipsOf(draft.record);
  for (const item of draft.record.items) {
    const { candidate, rejecting } = item;
    if (rejecting !== undefined && failedOnTip(draft.record, item) === null)
      putItem(draft, { ...stopAll(draft, item, 'the branch has moved'), ...(best.lanes ? waitedFor : {}) });
    else if (candidate !== null && candidate.kind !== 'made')
      if (candidate.kind === 'unmade' || !standsOn(draft.record, candidate.parents, tips))
        putItem(draft, { ...item, candidate: null });
  }
}

/**
 * In lanes the branch may have moved on since it failed, and it is not known to be good there: it is tested there from the beginning,
 * and others wait for it, so that it comes to an end.
 */
function isToFailThere({ draft, best }: Following, item: QueueItem): boolean {
  const failed = madeOf(item).find((made) => walked(made).verdict === 'failed');
  if (!best.lanes || item.touches === 'everything' || failed === undefined) return false;
  return !isProven(draft.record, item, accusedOf(failed));
}

/** Only what failed with nothing undecided beneath it is rejected, whatever a scheduler believes. */
function takeRejection(following: Following, look: Look, { unit, because }: Rejection): Taken {
  const { draft, facts } = following;
  const standing = look.standings.find((each) => each.unit === unit);
  const item = standing && itemNow(following, standing.item);
  if (!standing?.isTested || !item || !hasFailedAlone(look, item, unit) || mayHaveLanded(facts, item)) return 'left';
  // What is inside of a landing under way has passed there, whatever is said of it alone.
  if (isBeingLanded(draft.record, item)) return 'left';
  draft.reasons.push(`${shownUnit(unit)}: ${because}`);
  const failed = failedOnTip(draft.record, item);
  if (failed === null && isToFailThere(following, item)) {
    putItem(draft, { ...stopAll(draft, item, 'the branch has moved'), ...waitedFor });
    return 'anew';
  }
  if (failed === null) {
    takeOut(draft, item, { kind: 'rejected', because: whyFailed({ ...item, rejecting: because }) }, facts.now);
    return 'rejected';
  }
  for (const other of madeOf(item)) if (other !== failed) stopCandidate(draft, item, other, 'it has failed by itself');
  putItem(draft, { ...withMade(item, [failed]), rejecting: because });
  return 'rejected';
}

/** Without what is said of one by itself. */
function withoutAlone(evidence: StoredSchedule['evidence'], unit: UnitId): StoredSchedule['evidence'] {
  return evidence.filter(({ members }) => members.length > 1 || !members.includes(unit));
}

function hasFailedAlone({ view, builds }: Look, item: QueueItem, unit: UnitId): boolean {
  const left = (ids: readonly UnitId[]): readonly UnitId[] => ids.filter((id) => id !== unit && !view.hasLanded(id));
  const shown = view.builds.filter(({ key, verdict }) => verdict === 'failed' && builds.get(key)?.item === item);
  const spent = madeOf(item).filter(
    (made) => made.spent && left((made.guess?.under ?? []).map((link) => link.unit)).length === 0,
  );
  return spent.length > 0 || shown.some(({ included }) => left(included).length === 0);
}

/** Whatever a scheduler believes, the first that waits is tested on the tip where nothing else is. */
function atLeastOne({ view }: Look, starts: readonly NewBuild[]): readonly NewBuild[] {
  const [first] = view.units;
  if (starts.length > 0 || !first || view.builds.some(({ verdict }) => verdict !== 'failed')) return starts;
  return [{ heads: [first.id], included: [first.id], excluded: [] }];
}

/** What is first to land where the branch was before is made anew where it is. */
function moveFirst({ draft, facts, best, walkedOf }: Following, stored: StoredSchedule): void {
  // To ask the scheduler costs more than all else.
  const hasPassed = draft.record.items.some((item) => madeOf(item).some(({ verdict }) => verdict !== null));
  if (!best.lanes || !hasPassed) return;
  const look = lookAt(draft.record, stored, walkedOf, facts.now, false);
  const { landBy } = schedule(memoryFrom(stored), { ...look.view, slots: 0 }, settingsOf(stored));
  if (landBy === null || landingBy(draft.record, look, landBy) !== null) return;
  moveGreen(draft, facts, look, landBy, stored.forgotten + stored.landed.length);
}

/** Clashes with what landed are with less, and with nobody else once all of it has; those of who left are none. */
function withoutGone(stored: StoredSchedule, { view }: Look): StoredSchedule {
  if (stored.clashes.length === 0) return stored;
  const waits = new Set(view.units.map(({ id }) => id));
  const clashes = stored.clashes
    .filter(({ unit, on }) => waits.has(unit) && on.every((id) => waits.has(id) || view.hasLanded(id)))
    .map(({ unit, on }) => ({ unit, on: on.filter((id) => !view.hasLanded(id)) }))
    .filter(({ on }) => on.length > 0);
  return { ...stored, clashes };
}

/** A clash that is found lets the scheduler guess anew, in the same pass. */
const mostRounds = 20;

/**
 * Lets the best-first scheduler say which candidates are tested (scheduling.md §4), and puts them on their items. Whatever it says,
 * a candidate is a chain of commits of changes that are in the queue, no more are begun than there is room for, and nothing is
 * rejected that did not fail by itself.
 */
export function followScheduler(following: Following): void {
  const { draft, facts, best } = following;
  const branch = draft.record.branches.find(({ key }) => key === best.branch.key) ?? best.branch;
  let stored = noteMoves(draft.record, branch, storedOf(following));
  stopForeign(following);
  forgiveMoved(following);
  nameTouches(draft, facts, best);
  stopStepped(following, lookNow(following, stored));
  if (branch.tip === null) {
    put(following, stored);
    return;
  }
  moveFirst(following, stored);
  for (let round = 0; round < mostRounds; round += 1) {
    const look = lookNow(following, withoutGone(stored, lookNow(following, stored)));
    stored = withoutGone(stored, look);
    const plan = schedule(memoryFrom(stored), look.view, settingsOf(stored));
    stored = withMemory(stored, plan.memory);
    const came = plan.reject.map((each) => ({ unit: each.unit, taken: takeRejection(following, look, each) }));
    for (const { unit, taken } of came) {
      if (taken === 'rejected') stored = withOutcome(stored, 'bad');
      if (taken === 'anew') stored = { ...stored, evidence: withoutAlone(stored.evidence, unit) };
    }
    if (came.some(({ taken }) => taken !== 'left')) continue;
    for (const key of plan.drop) {
      const shown = look.builds.get(key);
      const item = shown && itemNow(following, shown.item);
      if (!shown || !item) continue;
      const verdict = look.view.builds.find((build) => build.key === key)?.verdict;
      putDropped(draft, item, shown.candidate, verdict === 'failed');
    }
    const clashes = stored.clashes.length;
    const running = look.view.builds.filter(({ verdict, key }) => verdict === 'pending' && !plan.drop.includes(key));
    const room = Math.max(0, look.view.slots - running.length);
    for (const build of atLeastOne(look, plan.start).slice(0, room)) stored = begin(following, look, stored, build);
    if (stored.clashes.length === clashes) break;
  }
  put(following, stored);
}
