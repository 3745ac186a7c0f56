import type { StoredSchedule } from '../../../model/best-first.ts';
import type { MadeCandidate, QueueItem, QueueRecord } from '../../../model/queue.ts';
import { tipsOf, walked } from '../candidates.ts';
import { changeIdOf } from '../draft.ts';
import { madeOf } from '../made-of.ts';
import { schedule } from '../schedule/schedule.ts';
import type { UnitId } from '../schedule/unit.ts';
import type { Step, WalkedItem } from '../walk-queue.ts';
import { batchOf } from './batches.ts';
import { type Landing, landingBy } from './landing-by.ts';
import { type Look, lookAt, type Standing } from './look.ts';
import { memoryFrom } from './remember.ts';
import { settingsOf } from './settings.ts';
import { shownUnit } from './unit-id.ts';

type Decision = Step['decision'];

function namesOf(ids: readonly UnitId[]): string {
  return ids.map(shownUnit).join(', ');
}

/** What a failure is worth that is not final. */
function heldVerdict(candidate: MadeCandidate, { view }: Look): Decision {
  const left = (candidate.guess?.under ?? []).map(({ unit }) => unit).filter((unit) => !view.hasLanded(unit));
  if (left.length > 0)
    return { kind: 'hold-verdict', because: `it failed together with what is ahead: ${namesOf(left)}` };
  const because =
    'it failed by itself; as that may be a flake, what failed is run once more, and those behind do not wait for it';
  return { kind: 'hold-verdict', because };
}

/** Of one whose batch failed and that is not tested again yet; null: that is not so. */
function failedTogether({ schedule }: QueueRecord, unit: UnitId): string | null {
  const set = schedule?.evidence.find(({ members }) => members.length > 1 && members.includes(unit));
  if (!set) return null;
  const others = namesOf(set.members.filter((id) => id !== unit));
  return `it failed together with ${others}; nobody is rejected for that, and which of them it is will be found out by smaller builds`;
}

function decisionOf(
  record: QueueRecord,
  look: Look,
  { item, unit, walked: seen, needs }: Standing,
  landing: Landing | null,
): Decision {
  const { candidate, rejecting } = item;
  if (seen.leaves !== null) return { kind: 'leave', departure: seen.leaves };
  if (seen.waits !== null) return { kind: 'step-over', because: seen.waits, ends: seen.stops === true };
  if (needs === null)
    return { kind: 'step-over', because: 'it depends on what is not ahead of it, or waits itself', ends: true };
  if (candidate?.kind === 'unmade')
    return { kind: 'step-over', because: 'its commit could not be made yet', ends: false };
  if (candidate !== null && candidate.kind !== 'made') return { kind: candidate.kind };
  if (candidate === null && batchOf(record, item) !== null) return { kind: 'test' };
  if (candidate === null) {
    const failed = failedTogether(record, unit);
    if (failed !== null) return { kind: 'beyond-window', because: failed, ends: false };
    const { slots = 0 } = record.schedule ?? {};
    const many =
      slots === 1 ? 'one candidate is tested at a time, that one' : `${slots} candidates are tested at once, those`;
    const because = `${many} first that will most likely count`;
    return { kind: 'beyond-window', because, ends: false };
  }
  if (rejecting !== undefined) return { kind: walked(candidate).ended ? 'reject' : 'finish' };
  if (landing?.unit === unit) return { kind: 'land', by: { commit: landing.commit, inside: landing.inside } };
  if (batchOf(record, item) !== null) return { kind: 'test' };
  const tested = madeOf(item).filter((made) => made.spent !== true && walked(made).verdict !== 'failed');
  return tested.length === 0 ? heldVerdict(candidate, look) : { kind: 'test' };
}

/**
 * What becomes of each item where candidates are built best first, as `walkQueue` says it for the window. Only what the scheduler
 * and the one rule of landing let land does, and only a candidate that passed and stands on the tip with all that it holds.
 */
export function bestFirstSteps(
  record: QueueRecord,
  stored: StoredSchedule,
  walkedOf: (item: QueueItem) => WalkedItem,
  now: number,
): readonly Step[] {
  const look = lookAt(record, stored, walkedOf, now, false);
  // Nothing is begun here.
  const { landBy } = schedule(memoryFrom(stored), { ...look.view, slots: 0 }, settingsOf(stored));
  const landing = landBy === null ? null : landingBy(record, look, landBy);
  const parents = tipsOf(record);
  return look.standings.map((standing) => ({
    id: changeIdOf(standing.item),
    parents,
    ahead: [],
    decision: decisionOf(record, look, standing, landing),
  }));
}
