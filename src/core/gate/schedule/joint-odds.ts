import type { Beliefs } from './beliefs.ts';
import type { CanBeMade } from './can-be-made.ts';
import type { Evidence, FailedSet } from './evidence.ts';
import type { UnitId } from './unit.ts';

/** How often a set that failed is good all the same: each of its failures was for no reason. */
function goodAfter(good: number, { count }: FailedSet, flake: number): number {
  const failsAnyway = flake ** count;
  return (good * failsAnyway) / (1 - good * (1 - failsAnyway));
}

/**
 * What a guess is worth besides its single units: where it holds all of a failed set, the units of that set are good together far
 * less often than each by itself; and a head that failed with exactly these would only fail again. What cannot be made is worth nothing.
 */
export function jointOdds(evidence: Evidence, beliefs: Beliefs, flake: number, can: CanBeMade = () => true) {
  const product = (ids: readonly UnitId[], of: (id: UnitId) => number): number =>
    ids.reduce((all, id) => all * of(id), 1);
  const byMember = new Map<UnitId, FailedSet[]>();
  for (const set of evidence) for (const id of set.members) byMember.set(id, [...(byMember.get(id) ?? []), set]);
  return (included: readonly UnitId[], head: UnitId): number => {
    if (!can(included, head)) return 0;
    let factor = 1;
    const seen = new Set<FailedSet>();
    for (const id of [...included, head]) {
      for (const set of byMember.get(id) ?? []) {
        if (seen.has(set)) continue;
        seen.add(set);
        if (!set.members.every((member) => member === head || included.includes(member))) continue;
        const together = goodAfter(product(set.members, beliefs.before), set, flake);
        const others = set.members.filter((member) => member !== head);
        const apart = set.members.includes(head) ? product(others, beliefs.of) : product(set.members, beliefs.of);
        factor *= Math.min(1, together / Math.max(apart, 1e-9));
      }
    }
    return factor;
  };
}
