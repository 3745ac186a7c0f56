import type { MetSince } from './landed-since.ts';
import { overlaps, type Unit, type UnitBuild, type UnitId } from './unit.ts';

/** What has to be known of a queue to say what may land. */
export interface LandingGround {
  /** What waits, in the order in which it should land. */
  readonly order: readonly Unit[];
  /** Where each of them is in that order, from 0. */
  readonly places: ReadonlyMap<UnitId, number>;
  /** Of each, those ahead of it in that order that touch the same, the first first. */
  readonly aheadOf: (unit: Unit) => Iterable<Unit>;
  /** Asked of everything that has landed. */
  readonly metSince: MetSince;
  readonly hasLanded: (id: UnitId) => boolean;
  /** Failed, and less likely good than not: what is behind may land ahead of it. */
  readonly suspects: ReadonlySet<UnitId>;
}

/** What may land now because of one build, in order; or why nothing may. */
export type UnitsToLand =
  | { readonly kind: 'land'; readonly units: readonly UnitId[] }
  | { readonly kind: 'wait' | 'useless'; readonly because: string };

interface Grounds extends LandingGround {
  readonly build: UnitBuild;
}

function belongTogether(one: Unit, other: Unit): boolean {
  return overlaps(one.touches, other.touches) || one.needs.includes(other.id) || other.needs.includes(one.id);
}

/** What of a build has not landed, in parts of which none touches or needs what is in another. */
function partsOf(units: readonly Unit[]): readonly (readonly Unit[])[] {
  let parts: (readonly Unit[])[] = [];
  for (const unit of units) {
    const joined = parts.filter((part) => part.some((other) => belongTogether(unit, other)));
    parts = [...parts.filter((part) => !joined.includes(part)), [...joined.flat(), unit]];
  }
  return parts;
}

/** Why this build says nothing of this unit any more; null: it does. */
function whyHopeless({ build, metSince }: Grounds, { id, touches }: Unit): string | null {
  if (!build.covers.includes(id)) return `not every job of ${id} ran in this build`;
  const met = metSince(build.onto, touches, build.included);
  return met ? `${met.id} has landed since this build started, and touches what ${id} touches` : null;
}

/** Why a unit may not land yet, though the build says that it is good; null: it may. */
function whyWaits(
  { build, hasLanded, suspects, aheadOf }: Grounds,
  unit: Unit,
  left: readonly UnitId[],
): string | null {
  for (const need of unit.needs)
    if (!hasLanded(need) && !left.slice(0, left.indexOf(unit.id)).includes(need))
      return `${unit.id} needs ${need}, which has not landed`;
  for (const { id } of aheadOf(unit))
    if (!suspects.has(id) && !build.included.includes(id))
      return `${id} is ahead of ${unit.id}, and nothing is known of it yet`;
  return null;
}

/** Units of a green build that may land: those of whose part none has a reason against it. */
function unitsWithout(reasons: readonly (string | null)[], units: readonly Unit[]): readonly UnitId[] {
  if (reasons.every((because) => because === null)) return units.map(({ id }) => id);
  if (!reasons.includes(null)) return [];
  const blocked = new Set(units.filter((_, at) => reasons[at] !== null));
  const free = partsOf(units).filter((part) => !part.some((unit) => blocked.has(unit)));
  const lands = new Set(free.flat());
  return units.filter((unit) => lands.has(unit)).map(({ id }) => id);
}

/**
 * The one rule of what lands, whatever a scheduler started, stopped or believed (scheduling.md §4 Landing, gate.md §6). A green
 * build lands what it holds, part by part, where a part is all that touches something in common. Three conditions: what is ahead
 * of the part is in it, has landed or is suspect; nothing outside of the build that touches what the part touches has landed
 * since it started; every job of every unit in the part ran. A part with a unit that is not in the queue any more never lands.
 * `wait`: it may land later. `useless`: this build can land nothing any more.
 */
export function unitsToLand(build: UnitBuild, ground: LandingGround): UnitsToLand {
  if (build.verdict === 'failed') return { kind: 'useless', because: 'the build failed' };
  const left = build.included.filter((id) => !ground.hasLanded(id));
  const gone = left.find((id) => !ground.places.has(id));
  // Nothing says any more which parts it would have belonged to.
  if (gone !== undefined) return { kind: 'useless', because: `it holds ${gone}, which left the queue` };
  const grounds = { ...ground, build };
  const units = left.map((id) => ground.order[ground.places.get(id) ?? 0]).filter((unit) => unit !== undefined);
  const hopeless = units.map((unit) => whyHopeless(grounds, unit));
  const reasons = units.map((unit, at) => hopeless[at] ?? whyWaits(grounds, unit, left));
  const lands = build.verdict === 'passed' ? unitsWithout(reasons, units) : [];
  if (lands.length > 0) return { kind: 'land', units: lands };
  // What it holds besides its heads may land by other builds, and then no longer stands in their way.
  const heads = hopeless.filter((_, at) => build.heads.includes(units[at]?.id ?? ''));
  const why = (all: readonly (string | null)[]): string => all.filter((because) => because !== null).join('; ');
  if (heads.includes(null))
    return { kind: 'wait', because: build.verdict === 'pending' ? 'the build runs' : why(reasons) };
  return { kind: 'useless', because: heads.length === 0 ? 'all that it was started for has landed' : why(heads) };
}

/** That `unitsToLand` calls a build useless, told without what else it would have to look at. */
export function isUseless(build: UnitBuild, ground: LandingGround): boolean {
  if (build.verdict === 'failed') return true;
  const left = build.included.filter((id) => !ground.hasLanded(id));
  if (left.some((id) => !ground.places.has(id))) return true;
  const grounds = { ...ground, build };
  const isHopeful = (id: UnitId): boolean => {
    const unit = build.heads.includes(id) ? ground.order[ground.places.get(id) ?? -1] : undefined;
    return unit !== undefined && whyHopeless(grounds, unit) === null;
  };
  if (left.some(isHopeful)) return false;
  return build.verdict === 'pending' || unitsToLand(build, ground).kind === 'useless';
}
