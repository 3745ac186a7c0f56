import type { BuildId } from '../../model/build.ts';
import type { LineEntry, LineLimits } from '../../model/line.ts';
import { runnerSlotsOf, slotWords } from './runner-slots.ts';
import { semaphoresOf } from './slot.ts';

function countBy(entries: readonly LineEntry[], key: (entry: LineEntry) => number): Map<number, number> {
  const counts = new Map<number, number>();
  for (const entry of entries) counts.set(key(entry), (counts.get(key(entry)) ?? 0) + 1);
  return counts;
}

function isBefore(a: LineEntry, b: LineEntry): boolean {
  if (a.since !== b.since) return a.since < b.since;
  return a.build < b.build;
}

/** What waits of one priority, by repository, the oldest last: it is taken from the end. */
function queuesOf(waiting: readonly LineEntry[]): LineEntry[][] {
  const queues = new Map<number, LineEntry[]>();
  for (const entry of waiting) {
    const queue = queues.get(entry.repository);
    if (queue) queue.push(entry);
    else queues.set(entry.repository, [entry]);
  }
  for (const queue of queues.values()) queue.sort((a, b) => (isBefore(a, b) ? 1 : -1));
  return [...queues.values()];
}

/** The oldest entry of the repository that holds fewest; undefined when nothing waits. */
function takeNext(queues: readonly LineEntry[][], held: ReadonlyMap<number, number>): LineEntry | undefined {
  let best: { readonly queue: LineEntry[]; readonly front: LineEntry; readonly holds: number } | undefined;
  for (const queue of queues) {
    const front = queue.at(-1);
    if (!front) continue;
    const holds = held.get(front.repository) ?? 0;
    if (!best || holds < best.holds || (holds === best.holds && isBefore(front, best.front)))
      best = { queue, front, holds };
  }
  return best?.queue.pop();
}

const orders = new WeakMap<readonly LineEntry[], readonly LineEntry[]>();

/**
 * The order in which the waiting builds of one pool get slots: priority, then the repository that holds fewest slots
 * (its waiting ones that come before counted in), then age. Deterministic for the same entries; of the same list it is made
 * once, as many look at it between two changes.
 */
export function orderLine(entries: readonly LineEntry[]): readonly LineEntry[] {
  const known = orders.get(entries);
  if (known !== undefined) return known;
  const ordered = orderAll(entries);
  orders.set(entries, ordered);
  return ordered;
}

function orderAll(entries: readonly LineEntry[]): readonly LineEntry[] {
  const waiting = entries.filter((entry) => entry.state === 'waiting');
  const held = countBy(
    entries.filter((entry) => entry.state !== 'waiting'),
    (entry) => entry.repository,
  );
  const ordered: LineEntry[] = [];
  for (const priority of [...new Set(waiting.map((entry) => entry.priority))].sort((a, b) => a - b)) {
    const queues = queuesOf(waiting.filter((entry) => entry.priority === priority));
    for (let next = takeNext(queues, held); next; next = takeNext(queues, held)) {
      ordered.push(next);
      held.set(next.repository, (held.get(next.repository) ?? 0) + 1);
    }
  }
  return ordered;
}

/** Of these entries those that hold a slot. */
function holders(entries: readonly LineEntry[]): readonly LineEntry[] {
  return entries.filter(({ state }) => state !== 'waiting');
}

/** Slots of the pool in whose line these are. */
function slotsFor([first]: readonly LineEntry[], limits: LineLimits): number {
  return (first === undefined ? undefined : limits.pools?.[first.pool]) ?? limits.pool;
}

/**
 * Which waiting builds may have a slot now, in order; a limit that is reached passes over, it does not block others.
 * `isOff`: what may have none now, so that it takes none from the others while it waits. `beside`: other lines' entries, which
 * count where pods of several lines are made in one place.
 */
export function pickStarts(
  entries: readonly LineEntry[],
  limits: LineLimits,
  isOff: (entry: LineEntry) => boolean = () => false,
  beside: readonly LineEntry[] = [],
): readonly BuildId[] {
  const holding = entries.filter((entry) => entry.state !== 'waiting');
  const perRepository = countBy(holding, (entry) => entry.repository);
  const perAuthor = countBy(holding, (entry) => entry.author);
  const [semaphores, places] = [semaphoresOf(holding), runnerSlotsOf([...holding, ...holders(beside)], limits)];
  const slots = slotsFor(entries, limits);
  const picked: BuildId[] = [];
  for (const entry of orderLine(entries)) {
    if (holding.length + picked.length >= slots) break;
    const [repository, author] = [perRepository.get(entry.repository) ?? 0, perAuthor.get(entry.author) ?? 0];
    if (repository >= limits.perRepository || author >= limits.perAuthor) continue;
    if (semaphores.whyNot(entry) !== null || places.whyNot(entry) !== null || isOff(entry)) continue;
    semaphores.take(entry);
    places.take(entry);
    perRepository.set(entry.repository, repository + 1);
    perAuthor.set(entry.author, author + 1);
    picked.push(entry.build);
  }
  return picked;
}

/** Where a waiting build stands. */
export interface LinePlace {
  readonly granted: boolean;
  readonly ahead: number;
  /** What it waits for besides a slot, in words; left out: nothing. */
  readonly waitsFor?: string;
}

/** In words, where a pool of its own size has none left; null: it has, or is the one of all. */
function whyFull(entries: readonly LineEntry[], limits: LineLimits): string | null {
  const [first] = entries;
  const slots = first === undefined ? undefined : limits.pools?.[first.pool];
  if (first === undefined || slots === undefined) return null;
  if (entries.filter(({ state }) => state !== 'waiting').length < slots) return null;
  return slotWords(slots, first.pool);
}

/**
 * The places of all entries of one pool's line; those that wait are told what holds them back now, `whyOff` first of all. `beside`
 * as for `pickStarts`.
 */
export function placesIn(
  entries: readonly LineEntry[],
  limits: LineLimits,
  whyOff: (entry: LineEntry) => string | null = () => null,
  beside: readonly LineEntry[] = [],
): ReadonlyMap<BuildId, LinePlace> {
  const ahead = new Map(orderLine(entries).map(({ build }, index) => [build, index]));
  const holding = holders(entries);
  const [semaphores, runners] = [semaphoresOf(holding), runnerSlotsOf([...holding, ...holders(beside)], limits)];
  const full = whyFull(entries, limits);
  return new Map(
    entries.map((entry) => {
      const granted = entry.state !== 'waiting';
      const held = granted ? null : (semaphores.whyNot(entry) ?? runners.whyNot(entry) ?? full);
      const waitsFor = whyOff(entry) ?? held;
      const place = { granted, ahead: ahead.get(entry.build) ?? 0 };
      return [entry.build, waitsFor === null ? place : { ...place, waitsFor }];
    }),
  );
}
