import { batchSizeFor, largestBatch } from './batch-size.ts';
import { bestGuesses, type Guess, type Head, worthOf } from './candidates.ts';
import { carriedBy } from './carry.ts';
import { type Desk, deskFor, freeSlots, type SpendGround } from './desk.ts';
import { type Batch, fillBatch } from './fill-batch.ts';
import { leastNow } from './least-now.ts';
import { conflictRate } from './memory.ts';
import { roomMaker, scoreOf } from './preempt.ts';
import type { ScheduleSettings, ScheduleView } from './schedule-view.ts';
import { withScouts } from './scouts.ts';
import { supplyNow } from './shortage.ts';
import type { Unit, UnitBuild, UnitId } from './unit.ts';

/** A build that should start now, on the tip. */
export type NewBuild = Pick<UnitBuild, 'included' | 'excluded' | 'heads'>;

export interface Spending {
  readonly starts: readonly NewBuild[];
  /** Keys of builds that end to make room for them. */
  readonly stops: readonly string[];
}

const laneWeights: Readonly<Record<Unit['lane'], number>> = { hotfix: 100, normal: 1, bulk: 0.25 };

/** Who waits longer, and whose lane is faster, goes first at the same probability (scheduling.md §4 Priority and fairness). */
function weightOf({ now }: ScheduleView, { halfLife }: ScheduleSettings, { askedAt, lane }: Unit): number {
  return laneWeights[lane] * (1 + Math.max(0, now - askedAt) / halfLife);
}

/** Those that failed with nobody else to blame are tried once more on the same ground; the one that counts most first. */
function retries({ memory, landing, tried, beliefs, probation, view, settings }: Desk): readonly Guess[] {
  const guesses = [...probation.keys()].flatMap((id): Guess[] => {
    const unit = landing.order[landing.places.get(id) ?? -1];
    if (!unit || tried.isRetried(id)) return [];
    const passedBy = (memory.overtaken.get(id) ?? 0) / settings.mostOvertakings;
    // Nobody may be overtaken for ever: the more have passed it, the more it counts, and a barrier counts most.
    const score = passedBy >= 1 ? 1_000 : Math.min(1, beliefs.of(id) + passedBy);
    const head = { id, dependencies: [], weight: weightOf(view, settings, unit) };
    return [{ head, included: [], excluded: [], score }];
  });
  return guesses.sort((one, other) => worthOf(other) - worthOf(one));
}

/** The guesses of both kinds, the one that counts most first. */
function* inTurn(retried: readonly Guess[], guesses: Iterable<Guess>): Generator<Guess> {
  let at = 0;
  for (const guess of guesses) {
    for (let next = retried[at]; next && worthOf(next) >= worthOf(guess); next = retried[at]) {
      at += 1;
      yield next;
    }
    yield guess;
  }
  yield* retried.slice(at);
}

function batchFor(desk: Desk, guess: Guess, isTaken: (id: UnitId) => boolean): Batch {
  const { queue, dependenciesOf, beliefs, tried, together, settings, isScarce, memory } = desk;
  if (!settings.batches || !isScarce || tried.isTried(guess.head.id))
    return { heads: [guess.head.id], included: guess.included, excluded: guess.excluded };
  const supply = settings.sizesByRate ? supplyNow({ ...desk, beliefs }) : null;
  const size = supply === null ? largestBatch : batchSizeFor(supply);
  return fillBatch(guess, size, {
    waiting: queue.map(({ id }) => id).filter((id) => !tried.isTried(id) && !isTaken(id)),
    dependenciesOf,
    beliefIn: beliefs.of,
    isTried: (id) => tried.isTried(id) || isTaken(id),
    together,
    conflict: settings.conflict ?? conflictRate(memory.rates),
  });
}

function buildFor(desk: Desk, guess: Guess, isTaken: (id: UnitId) => boolean): NewBuild {
  const { beliefs, tried, tested, dependenciesOf, landing, settings, probation } = desk;
  const { head } = guess;
  if (probation.has(head.id)) return { heads: [head.id], included: [head.id], excluded: [] };
  if (guess.isScout) return { heads: [head.id], included: [head.id], excluded: guess.excluded };
  const batch = batchFor(desk, guess, isTaken);
  const isSuspect = (id: UnitId): boolean => landing.suspects.has(id);
  // One that passed and waits may be kept by what it carried.
  const mayCarry = settings.landsPrefixes && !desk.isScarce && !tried.hasPassed(head.id);
  const least = mayCarry ? settings.carries : 1;
  const carried = carriedBy(batch, { beliefs, tried, tested, dependenciesOf, isSuspect, least });
  const placeOf = (id: UnitId): number => landing.places.get(id) ?? 0;
  const included = [...batch.included, ...carried, ...batch.heads].sort((one, other) => placeOf(one) - placeOf(other));
  return { heads: batch.heads, included, excluded: batch.excluded };
}

/** Says of a unit that one more build of it would be for another outcome than is expected: none is begun while load is shed. */
function hedgeIn(desk: Desk): (id: UnitId) => boolean {
  const { memory, settings, builds } = desk;
  if (!settings.sheds || memory.short?.isAnnounced !== true) return () => false;
  const likely = builds.filter((build) => build.verdict !== 'failed' && scoreOf(desk, build) >= 0.5);
  const tested = new Set(likely.flatMap(({ heads }) => heads));
  return (id) => tested.has(id);
}

/** Starts builds while there is room, for the guesses that count most (scheduling.md §4 Spending slots). */
export function spendSlots(ground: SpendGround): Spending {
  const { view, settings, beliefs } = ground;
  let free = freeSlots(ground);
  if (free <= 0 && !settings.preempts) return { starts: [], stops: [] };
  const desk = deskFor(ground);
  const { tried, queue, dependenciesOf, together, probation } = desk;
  const heads = queue
    .filter(({ id }) => !tried.isInBatch(id))
    .map(
      (unit): Head => ({ id: unit.id, dependencies: dependenciesOf(unit.id), weight: weightOf(view, settings, unit) }),
    );
  const least = leastNow(desk);
  const likely = bestGuesses(heads, { of: beliefs.of, together }, least, 4 * view.slots + 200);
  const guesses = settings.scouts ? withScouts(desk, heads, likely, least) : likely;
  const makeRoom = roomMaker(desk);
  const hedges = hedgeIn(desk);
  const starts: NewBuild[] = [];
  const stops: string[] = [];
  const taken = new Set<UnitId>(ground.ready);
  for (const guess of inTurn(retries(desk), guesses)) {
    const { id } = guess.head;
    if (taken.has(id) || (!probation.has(id) && (tried.knows(id, guess.included) || hedges(id)))) continue;
    const stopped = free > 0 ? null : makeRoom(guess.score);
    if (free <= 0 && stopped === null) break;
    if (stopped !== null) stops.push(stopped);
    else free -= 1;
    const build = buildFor(desk, guess, (other) => taken.has(other));
    starts.push(build);
    if (build.heads.length > 1) for (const head of build.heads) taken.add(head);
  }
  return { starts, stops };
}
