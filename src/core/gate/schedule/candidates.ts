import { heapBy } from './heap.ts';
import type { UnitId } from './unit.ts';

/** A unit for which a build may be started, with what it depends on: units ahead that touch the same, in their order. */
export interface Head {
  readonly id: UnitId;
  readonly dependencies: readonly UnitId[];
  /** How much it goes before others of the same probability; 1 is usual. */
  readonly weight: number;
}

/** A guess of what becomes of everything that a head depends on. */
export interface Guess {
  readonly head: Head;
  /** Assumed to land, in order. */
  readonly included: readonly UnitId[];
  /** Assumed not to. */
  readonly excluded: readonly UnitId[];
  /** That the guess comes true. */
  readonly score: number;
  /** It is no guess of what becomes of the others: the head is to be tested by itself, for what that says of it; left out: it is one. */
  readonly isScout?: true;
}

/** What a guess counts: the one that counts most gets a build first. */
export function worthOf({ score, head }: Guess): number {
  return score * head.weight;
}

/** The probabilities by which guesses are ranked. */
export interface Odds {
  readonly of: (id: UnitId) => number;
  /** What the score of a guess is multiplied with, at most 1: what is known of its units together. */
  readonly together: (included: readonly UnitId[], head: UnitId) => number;
}

interface Flip {
  readonly at: number;
  readonly rest: Flip | null;
}

/** One point of a head's own search: the likeliest guess with some of its assumptions turned round. */
interface Point {
  readonly lane: Lane;
  readonly flips: Flip | null;
  readonly score: number;
  /** What it comes to; null: its score is only a bound yet. */
  readonly guess: Guess | null;
}

/** One head with its assumptions in the order in which turning them round costs least. */
interface Lane {
  readonly head: Head;
  /** Worked out when it is asked for first: most heads are never looked at so closely. */
  readonly ratios: () => readonly { readonly id: UnitId; readonly ratio: number }[];
  readonly isLikely: (id: UnitId) => boolean;
}

function laneOf(head: Head, odds: Odds, least: number): { lane: Lane; score: number } | null {
  let score = 1;
  for (const id of head.dependencies) {
    const lands = odds.of(id);
    score *= Math.max(lands, 1 - lands);
    if (score < least) return null;
  }
  let sorted: ReturnType<Lane['ratios']> | null = null;
  const ratios: Lane['ratios'] = () => {
    sorted ??= head.dependencies
      .map((id) => {
        const lands = odds.of(id);
        return { id, ratio: Math.min(lands, 1 - lands) / Math.max(lands, 1 - lands) };
      })
      .sort((one, other) => other.ratio - one.ratio);
    return sorted;
  };
  return { lane: { head, ratios, isLikely: (id) => odds.of(id) >= 0.5 }, score };
}

function guessAt({ lane, flips, score }: Point): Guess {
  const turned = new Set<UnitId>();
  for (let flip = flips; flip !== null; flip = flip.rest) turned.add(lane.ratios()[flip.at]?.id ?? '');
  const lands = (id: UnitId): boolean => lane.isLikely(id) !== turned.has(id);
  const { dependencies } = lane.head;
  return {
    head: lane.head,
    included: dependencies.filter(lands),
    excluded: dependencies.filter((id) => !lands(id)),
    score,
  };
}

/** The guesses that come next after one: each is less likely than it, and every guess comes after exactly one other. */
function pointsAfter({ lane, flips, score }: Point): readonly Point[] {
  const last = flips === null ? -1 : flips.at;
  const next = lane.ratios()[last + 1];
  if (!next) return [];
  const more = { lane, flips: { at: last + 1, rest: flips }, score: score * next.ratio, guess: null };
  const own = flips === null ? undefined : lane.ratios()[flips.at];
  if (flips === null || own === undefined) return [more];
  const instead = { at: last + 1, rest: flips.rest };
  return [more, { lane, flips: instead, score: (score / own.ratio) * next.ratio, guess: null }];
}

/**
 * Guesses over all heads, best first by score and weight of the head, none less likely than `least`, at most `limit`
 * (scheduling.md §4 Candidates): a heap over the heads, each of which makes its next guess only when the one before was taken.
 */
export function* bestGuesses(heads: readonly Head[], odds: Odds, least: number, limit: number): Generator<Guess> {
  const heap = heapBy<Point>(({ lane, score }) => score * lane.head.weight);
  for (const head of heads) {
    const found = laneOf(head, odds, least);
    if (found) heap.push({ ...found, flips: null, guess: null });
  }
  for (let taken = 0; taken < limit; ) {
    const point = heap.pop();
    if (!point) return;
    if (point.guess !== null) {
      taken += 1;
      yield point.guess;
      continue;
    }
    for (const next of pointsAfter(point)) if (next.score >= least) heap.push(next);
    const guess = guessAt(point);
    const score = point.score * odds.together(guess.included, point.lane.head.id);
    // Less likely than it looked: others may come first.
    if (score >= least) heap.push({ ...point, score, guess: { ...guess, score } });
  }
}
