import type { Clash, ScheduleView } from './schedule-view.ts';
import type { UnitId } from './unit.ts';

/** Says of a guess whether such a tree can be there: nothing in it clashes, and all that its units need is in it or has landed. */
export type CanBeMade = (included: readonly UnitId[], head: UnitId) => boolean;

function clashesBy(clashes: readonly Clash[]): ReadonlyMap<UnitId, readonly (readonly UnitId[])[]> {
  const found = new Map<UnitId, (readonly UnitId[])[]>();
  for (const { unit, on } of clashes) found.set(unit, [...(found.get(unit) ?? []), on]);
  return found;
}

export function canBeMade({ units, clashes = [], hasLanded }: ScheduleView): CanBeMade {
  const clashing = clashesBy(clashes);
  const needs = new Map(units.flatMap(({ id, needs: all }) => (all.length > 0 ? [[id, all] as const] : [])));
  if (clashing.size === 0 && needs.size === 0) return () => true;
  return (included, head) => {
    const holds = (id: UnitId): boolean => included.includes(id);
    const fits = (id: UnitId): boolean =>
      (needs.get(id) ?? []).every((need) => holds(need) || hasLanded(need)) &&
      (clashing.get(id) ?? []).every((on) => !on.every(holds));
    return fits(head) && included.every(fits);
  };
}
