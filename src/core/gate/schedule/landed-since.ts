import type { LandedUnit, Touches, UnitId } from './unit.ts';

/**
 * The first that has landed from this place on, touches something of that and is none of `held`; undefined: nothing. Places are
 * those of the order of landing, from 0.
 */
export type MetSince = (from: number, touches: Touches, held: readonly UnitId[]) => LandedUnit | undefined;

/** Places by what is touched there, in the order in which they were noted; `everywhere`: of what touches everything. */
export interface PlacesTouched {
  readonly byClosure: Map<string, number[]>;
  readonly everywhere: number[];
}

/** Places by closure, the newest first; those before `from` are not looked at yet. */
interface Index extends PlacesTouched {
  from: number;
}

/** Adds a place, once, after those that are noted. */
export function notePlace({ byClosure, everywhere }: PlacesTouched, touches: Touches, at: number): void {
  if (touches === 'everything') everywhere.push(at);
  else
    for (const closure of touches) {
      const list = byClosure.get(closure);
      if (list) list.push(at);
      else byClosure.set(closure, [at]);
    }
}

/** Answers for any of these by what they touch: only as far back as it is asked are they looked through, and once. */
export function metSinceIn(landed: readonly LandedUnit[]): MetSince {
  const index: Index = { byClosure: new Map(), everywhere: [], from: landed.length };
  const isMet = (at: number, held: readonly UnitId[]): boolean => !held.includes(landed[at]?.id ?? '');
  const firstOf = (places: readonly number[], from: number, held: readonly UnitId[], found: number): number => {
    let first = found;
    for (const at of places) {
      if (at < from) break;
      if (at < first && isMet(at, held)) first = at;
    }
    return first;
  };
  return (from, touches, held) => {
    if (touches === 'everything') {
      for (let at = from; at < landed.length; at += 1)
        if (landed[at]?.touches.length !== 0 && isMet(at, held)) return landed[at];
      return undefined;
    }
    if (touches.length === 0) return undefined;
    while (index.from > from) {
      index.from -= 1;
      notePlace(index, landed[index.from]?.touches ?? [], index.from);
    }
    let first = firstOf(index.everywhere, from, held, landed.length);
    for (const closure of touches) first = firstOf(index.byClosure.get(closure) ?? [], from, held, first);
    return landed[first];
  };
}
