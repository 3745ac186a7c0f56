import type { StoredSchedule } from '../../../model/best-first.ts';
import type { MadeCandidate, QueueItem, QueueRecord } from '../../../model/queue.ts';
import type { Sha } from '../../../model/sha.ts';
import { walked } from '../candidates.ts';
import { changeIdOf } from '../draft.ts';
import { madeOf } from '../made-of.ts';
import type { ScheduleView } from '../schedule/schedule-view.ts';
import type { Unit, UnitBuild, UnitId } from '../schedule/unit.ts';
import type { WalkedItem } from '../walk-queue.ts';
import { coveredBy, insideAs } from './covers.ts';
import { priorOf } from './remember.ts';
import { unitIdOf } from './unit-id.ts';

/** One item with what keeps it from being tested. */
export interface Standing {
  readonly item: QueueItem;
  readonly unit: UnitId;
  readonly walked: WalkedItem;
  /** Units that it depends on, all of them tested ahead of it; null: one is not, and it is stepped over. */
  readonly needs: readonly UnitId[] | null;
  /** The scheduler may have builds of it. */
  readonly isTested: boolean;
}

/** One of the candidates that the scheduler is shown. */
export interface ShownBuild {
  readonly item: QueueItem;
  readonly candidate: MadeCandidate;
}

/** What a queue looks like to the scheduler. */
export interface Look {
  readonly standings: readonly Standing[];
  readonly view: ScheduleView;
  /** By key. */
  readonly builds: ReadonlyMap<string, ShownBuild>;
}

const minute = 60_000;
/** Less than what lies between two that are asked for, minutes. */
const justBefore = 1e-6;

/** Names a candidate among all of a queue. */
export function keyOf(unit: UnitId, { commit, guess }: MadeCandidate): string {
  return `${unit} ${commit.slice(0, 12)}/${guess?.make ?? 0}`;
}

function standingsOf(items: readonly QueueItem[], walkedOf: (item: QueueItem) => WalkedItem): readonly Standing[] {
  const tested = new Map<string, UnitId>();
  return items.map((item) => {
    const seen = walkedOf(item);
    const found = seen.needs.map((id) => tested.get(id) ?? null);
    const needs = found.includes(null) ? null : (found as readonly UnitId[]);
    const { kind } = item.candidate ?? {};
    const isOver = kind === 'conflict' || kind === 'contained' || kind === 'forbidden' || kind === 'unmade';
    const isTested =
      seen.leaves === null && seen.waits === null && needs !== null && !isOver && item.rejecting === undefined;
    const unit = unitIdOf(item);
    if (isTested) tested.set(changeIdOf(item), unit);
    return { item, unit, walked: seen, needs, isTested };
  });
}

/** The queue is in its order already: whoever is ahead was, to the scheduler, asked for earlier. */
function unitsOf(standings: readonly Standing[], stored: StoredSchedule): readonly Unit[] {
  const prior = priorOf(stored);
  const units: Unit[] = [];
  let behind = Number.POSITIVE_INFINITY;
  for (const { item, unit, needs, isTested } of standings.toReversed()) {
    if (!isTested) continue;
    const askedAt = Math.min(item.request.at / minute, behind - justBefore);
    behind = askedAt;
    // Where whole trees are tested, each change may matter to every other (scheduling.md §5 "strict-tree").
    const touches = stored.lanes ? (item.touches ?? 'everything') : 'everything';
    const plain = { id: unit, touches, prior, askedAt, needs: needs ?? [], lane: 'normal' } as const;
    units.push(item.lane === 'normal' ? plain : { ...plain, priority: item.lane });
  }
  return units.reverse();
}

/** How many slots what is stepped over still takes: its tests go on. */
function takenBesides(standings: readonly Standing[]): number {
  const running = standings.flatMap(({ item, isTested }) =>
    isTested ? [] : madeOf(item).filter((made) => made.spent !== true && isRunning(made)),
  );
  return running.length;
}

function isRunning(made: MadeCandidate): boolean {
  const { verdict, ended } = walked(made);
  return verdict === 'pending' && (!ended || made.jobs === null);
}

interface Ground {
  readonly stored: StoredSchedule;
  readonly tip: Sha | null;
  readonly hasLanded: (unit: UnitId) => boolean;
  readonly itemOf: (unit: UnitId) => QueueItem | undefined;
}

/**
 * False where what it holds has landed in another order, as other commits: then it stands on nothing that will be there. In lanes
 * it is made anew on what is there.
 */
function isGrounded({ guess }: MadeCandidate, { tip, hasLanded, stored }: Ground): boolean {
  const last = (guess?.under ?? []).findLast((link) => hasLanded(link.unit));
  return last === undefined || last.commit === tip || stored.lanes === true;
}

function coversOf(unit: UnitId, included: readonly UnitId[], candidate: MadeCandidate, ground: Ground) {
  if (!isGrounded(candidate, ground)) return [];
  // What still runs may come to stand for all of it.
  if (walked(candidate).verdict !== 'passed') return included;
  return [...coveredBy(candidate, ground.itemOf), unit];
}

/** Whom else a batch speaks of: not of those whose jobs it did not run, or whose configuration cannot be used there: they have builds of their own then. */
function headsOf({ guess, ...candidate }: MadeCandidate, covers: readonly UnitId[], ground: Ground): readonly UnitId[] {
  const { heads = [], under = [] } = guess ?? {};
  if (walked({ ...candidate }).verdict === 'passed') return heads.filter((head) => covers.includes(head));
  return under.flatMap((link) => {
    const item = heads.includes(link.unit) ? ground.itemOf(link.unit) : undefined;
    return item === undefined || insideAs(item, link)?.broken !== null ? [] : [link.unit];
  });
}

function buildOf(unit: UnitId, candidate: MadeCandidate, ground: Ground): UnitBuild {
  const { guess, madeAt = 0 } = candidate;
  const included = [...(guess?.under ?? []).map((link) => link.unit), unit];
  const covers = coversOf(unit, included, candidate, ground);
  return {
    key: keyOf(unit, candidate),
    included,
    excluded: guess?.excluded ?? [],
    heads: [...headsOf(candidate, covers, ground), unit],
    covers,
    verdict: walked(candidate).verdict,
    startedAt: madeAt / minute,
    onto: (guess?.onto ?? 0) - ground.stored.forgotten,
  };
}

/** Shows the queue to the scheduler; `isShut`: nothing is to land now. */
export function lookAt(
  record: QueueRecord,
  stored: StoredSchedule,
  walkedOf: (item: QueueItem) => WalkedItem,
  now: number,
  isShut: boolean,
): Look {
  const standings = standingsOf(record.items, walkedOf);
  const builds = new Map<string, ShownBuild>();
  const shown: UnitBuild[] = [];
  const landed = stored.landed.map(({ unit, askedAt, prior, touches }) => ({
    id: unit,
    touches: (stored.lanes && touches) || ('everything' as const),
    askedAt,
    prior,
  }));
  const landedIds = new Set(landed.map(({ id }) => id));
  const items = new Map(standings.map(({ unit, item }) => [unit, item]));
  const hasLanded = (unit: UnitId): boolean => landedIds.has(unit);
  const ground = { stored, tip: record.branches[0]?.tip ?? null, hasLanded, itemOf: (unit: UnitId) => items.get(unit) };
  for (const { item, unit, isTested } of standings)
    for (const candidate of isTested ? madeOf(item) : []) {
      if (candidate.spent || candidate.guess === undefined) continue;
      const build = buildOf(unit, candidate, ground);
      builds.set(build.key, { item, candidate });
      shown.push(build);
    }
  const view: ScheduleView = {
    now: now / minute,
    slots: Math.max(0, stored.slots - takenBesides(standings)),
    units: unitsOf(standings, stored),
    landed,
    hasLanded,
    builds: shown,
    clashes: stored.clashes,
    isShut,
  };
  return { standings, view, builds };
}
