import type { QueueRecord } from '../../../model/queue.ts';
import { standsOn, tipsOf, walked } from '../candidates.ts';
import { changeIdOf } from '../draft.ts';
import { unitsToLand } from '../schedule/land-units.ts';
import { groundOf } from '../schedule/order.ts';
import type { UnitId } from '../schedule/unit.ts';
import type { LandingBy } from '../walk-queue.ts';
import { insideAs } from './covers.ts';
import type { Look, ShownBuild } from './look.ts';
import { unitIdOf } from './unit-id.ts';

/** A candidate that may land now, as the item that it is of is told to. */
export interface Landing extends LandingBy {
  readonly unit: UnitId;
}

/** What of a build has not landed, each as the commit that it would land as, oldest first; null: it is not of the queue any more. */
function chainOf({ standings }: Look, { item, candidate }: ShownBuild, left: readonly UnitId[]) {
  const links = (candidate.guess?.under ?? []).filter(({ unit }) => left.includes(unit));
  const inside = links.map((link) => {
    const found = standings.find(({ unit, isTested }) => isTested && unit === link.unit)?.item;
    const made = found && insideAs(found, link);
    return made ? { item: found, made } : null;
  });
  return inside.includes(null) ? null : [...inside.flatMap((each) => each ?? []), { item, made: candidate }];
}

/**
 * What one build lets land; null: nothing. Asked of whatever build a scheduler names: nothing that it believes is taken for granted
 * but who may go ahead of whom. All that the candidate holds beyond the tip lands with it, or nothing does (scheduling.md §4).
 */
export function landingBy(record: QueueRecord, look: Look, key: string): Landing | null {
  const { view, builds } = look;
  const shown = builds.get(key);
  const build = view.builds.find((each) => each.key === key);
  if (!shown || !build || walked(shown.candidate).verdict !== 'passed') return null;
  const anybody = new Set(view.units.map(({ id }) => id));
  const found = unitsToLand(build, groundOf(view, view.units, anybody));
  const left = build.included.filter((id) => !view.hasLanded(id));
  if (found.kind !== 'land' || found.units.length !== left.length) return null;
  const chain = chainOf(look, shown, left);
  if (chain?.length !== left.length) return null;
  let ground = tipsOf(record);
  for (const { item, made } of chain) {
    if (!standsOn(record, made.parents, ground)) return null;
    ground = { ...ground, [item.branch]: made.commit };
  }
  const inside = chain.slice(0, -1).map(({ item }) => changeIdOf(item));
  if (inside.length > 0 && record.schedule?.prefixes !== true) return null;
  return { unit: unitIdOf(shown.item), commit: shown.candidate.commit, inside };
}
