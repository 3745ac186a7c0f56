import { type Guess, type Head, worthOf } from './candidates.ts';
import type { Desk } from './desk.ts';
import type { UnitBuild, UnitId } from './unit.ts';

/** To know of a unit alone whether it is good counts as much as a guess that is so likely. */
export const scoutWorth = 0.25;

/** It tests one unit on what has landed, whatever becomes of what is ahead of it. */
export function isScout({ heads, included, excluded }: Pick<UnitBuild, 'heads' | 'included' | 'excluded'>): boolean {
  return heads.length === 1 && included.length === 1 && excluded.length > 0;
}

type Known = Pick<Desk, 'tried' | 'memory' | 'view' | 'together'>;

/** Nothing is known of it, and something ahead of it is undecided, which it does not need and with which it may stay. */
function isUnknown({ tried, memory, together, view: { clashes = [] } }: Known, { id, dependencies }: Head): boolean {
  if (dependencies.length === 0 || tried.isTried(id) || memory.passed.has(id) || together([], id) === 0) return false;
  return !clashes.some(({ unit }) => unit === id);
}

/**
 * The same guesses, and before those that count less than `scoutWorth` one for each head that had none till then and of which
 * nothing is known: it alone, on what has landed. Deep in a long line no guess of everything ahead is likely, so that what is bad
 * there would be found only once it is in front; and what is known to be good alone makes every guess behind it likelier. `least`:
 * no guess that counts less gets a build.
 */
export function* withScouts(
  desk: Known,
  heads: readonly Head[],
  guesses: Iterable<Guess>,
  least: number,
): Generator<Guess> {
  const guessed = new Set<UnitId>();
  function* scouts(): Generator<Guess> {
    for (const head of heads)
      if (!guessed.has(head.id) && isUnknown(desk, head))
        yield { head, included: [], excluded: head.dependencies, score: scoutWorth, isScout: true };
  }
  let isDone = least > scoutWorth;
  for (const guess of guesses) {
    if (!isDone && worthOf(guess) < scoutWorth) {
      isDone = true;
      yield* scouts();
    }
    guessed.add(guess.head.id);
    yield guess;
  }
  if (!isDone) yield* scouts();
}
