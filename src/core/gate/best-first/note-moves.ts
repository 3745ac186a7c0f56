import type { RememberedLanding, StoredSchedule, TouchSet } from '../../../model/best-first.ts';
import type { LandedChange, QueueBranch, QueueRecord } from '../../../model/queue.ts';
import { madeOf } from '../made-of.ts';
import type { UnitId } from '../schedule/unit.ts';
import { priorOf, withOutcome } from './remember.ts';
import { unitIdOf } from './unit-id.ts';

/** At least so many of the last landings are kept. */
const kept = 50;

/** The scheduler's name for what landed: as the chains of candidates have it, or as it left; null: nobody here knows it. */
function nameOf({ items, leaving }: QueueRecord, { commit, tested, number, head }: LandedChange): UnitId | null {
  const chains = items.flatMap((item) => madeOf(item).flatMap(({ guess }) => guess?.under ?? []));
  const link = chains.find((each) => each.commit === commit || each.commit === tested);
  if (link) return link.unit;
  const left = leaving.findLast(({ change }) => change.number === number && change.request.head === head);
  if (left) return unitIdOf(left.change);
  const queued = items.find((item) => item.number === number && item.request.head === head);
  return queued ? unitIdOf(queued) : null;
}

/** As it was told when it was queued; undefined: it was not. */
function touchedBy({ items, leaving }: QueueRecord, { number, head }: LandedChange): TouchSet | undefined {
  const known = [...leaving.map(({ change }) => change), ...items];
  return known.findLast((change) => change.number === number && change.request.head === head)?.touches;
}

function rememberedOf(record: QueueRecord, stored: StoredSchedule, landed: LandedChange): RememberedLanding {
  const left = record.leaving.findLast(({ change }) => change.number === landed.number);
  const askedAt = (left?.change.request.at ?? 0) / 60_000;
  const touches = touchedBy(record, landed);
  const known = touches === undefined ? {} : { touches };
  return { unit: nameOf(record, landed) ?? `landed ${landed.commit}`, askedAt, prior: priorOf(stored), ...known };
}

/** The landings that led from the tip that was seen last to this one, oldest first; null: somebody else moved the branch. */
function newLandings({ landed, tip }: QueueBranch, seen: StoredSchedule['tip']): readonly LandedChange[] | null {
  const found: LandedChange[] = [];
  for (let at = tip; at !== seen; ) {
    const landing = found.length < landed.length ? landed.findLast(({ commit }) => commit === at) : undefined;
    if (landing?.from === undefined) return null;
    found.unshift(landing);
    at = landing.from;
  }
  return found;
}

/** Forgets the oldest landings, as far as no candidate was begun before them. */
function forgetOld(record: QueueRecord, stored: StoredSchedule): StoredSchedule {
  const begun = record.items.flatMap((item) => madeOf(item).flatMap(({ guess }) => guess?.onto ?? []));
  const most = stored.landed.length - kept;
  const count = Math.min(most, stored.landings, ...begun.map((onto) => onto - stored.forgotten));
  if (count <= 0) return stored;
  const { landed, forgotten, landings } = stored;
  return { ...stored, landed: landed.slice(count), forgotten: forgotten + count, landings: landings - count };
}

/**
 * Takes up where the branch went since the pass before. What somebody else did to it counts as a landing that touches everything:
 * no candidate stands for it, and what failed before says nothing any more.
 */
export function noteMoves(record: QueueRecord, branch: QueueBranch, given: StoredSchedule): StoredSchedule {
  const { tip } = branch;
  if (tip === null || given.tip === tip) return forgetOld(record, given);
  const landings = newLandings(branch, given.tip);
  if (landings === null) {
    const outside = { unit: `moved to ${tip}`, askedAt: 0, prior: 1 };
    const landed = [...given.landed, outside];
    return forgetOld(record, { ...given, tip, landed, clashes: [], evidence: [], passed: [] });
  }
  let stored: StoredSchedule = { ...given, tip };
  for (const landed of landings)
    stored = withOutcome({ ...stored, landed: [...stored.landed, rememberedOf(record, stored, landed)] }, 'good');
  return forgetOld(record, stored);
}
