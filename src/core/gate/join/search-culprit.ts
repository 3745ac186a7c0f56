import type { Culprit, CulpritSearch, JoinPoint } from '../../../model/join.ts';
import type { Sha } from '../../../model/sha.ts';
import type { LandedOne } from './landings.ts';

/** What the branch was at from `below` (null: that is not known) to `joined`, oldest first: landings, and what somebody pushed between them. */
export function pointsBetween(below: Sha | null, landings: readonly LandedOne[], joined: Sha): readonly JoinPoint[] {
  const points: JoinPoint[] = [];
  let at = below;
  const pushed = (commit: Sha): void => {
    if (at !== commit) points.push({ commit, by: null });
  };
  if (below !== null) points.push({ commit: below, by: null });
  for (const { from, commit, number, head } of landings) {
    pushed(from);
    points.push({ commit, by: { number, head } });
    at = commit;
  }
  pushed(joined);
  return points;
}

export type NextOfSearch =
  | { readonly kind: 'test'; readonly commit: Sha }
  | { readonly kind: 'found'; readonly culprit: Culprit };

/**
 * What is tested next, halving what is left; or whose doing it is: the one of which the commit is red and the one below it was seen green
 * in this search. What was green before it began is asked as well: it may be red for what lies outside the tree.
 */
export function nextOfSearch({ points, seen, begunGreen }: Omit<CulpritSearch, 'run'>): NextOfSearch {
  const red = points.findIndex(({ commit }) => seen[commit] === 'red');
  const bad = points[red];
  if (bad === undefined) return { kind: 'found', culprit: { kind: 'unknown', because: 'nothing was seen failing' } };
  const { commit, by } = bad;
  if (red === 0) return { kind: 'found', culprit: { kind: 'before', commit, wasGreen: begunGreen } };
  const green = points.slice(0, red).findLastIndex((point) => seen[point.commit] === 'green');
  const good = points[green];
  if (good !== undefined && red - green === 1) {
    const below = good.commit;
    return {
      kind: 'found',
      culprit: by === null ? { kind: 'push', commit, below } : { kind: 'landing', ...by, commit, below },
    };
  }
  const middle = points[Math.floor((Math.max(0, green) + red) / 2)];
  return { kind: 'test', commit: middle?.commit ?? commit };
}
