import { type LandedUnit, overlaps, type Touches, type Unit, type UnitBuild, type UnitId } from './unit.ts';

/** What has to be known of a queue to say what may land. */
export interface LandingGround {
  /** What waits, in the order in which it should land. */
  readonly order: readonly Unit[];
  /** Where each of them is in that order, from 0. */
  readonly places: ReadonlyMap<UnitId, number>;
  /** Everything that has landed, oldest first. */
  readonly landed: readonly LandedUnit[];
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

/** What has landed since a build started, is not held by it and touches the same; undefined: nothing. */
function metSince({ build, landed }: Grounds, touches: Touches): LandedUnit | undefined {
  for (let at = build.onto; at < landed.length; at += 1) {
    const other = landed[at];
    if (other && overlaps(other.touches, touches) && !build.included.includes(other.id)) return other;
  }
  return undefined;
}

/** Why this build says nothing of this unit any more; null: it does. */
function whyHopeless(grounds: Grounds, { id, touches }: Unit): string | null {
  if (!grounds.build.covers.includes(id)) return `not every job of ${id} ran in this build`;
  const met = metSince(grounds, touches);
  return met ? `${met.id} has landed since this build started, and touches what ${id} touches` : null;
}

function firstReason(units: readonly Unit[], why: (unit: Unit) => string | null): string | null {
  for (const unit of units) {
    const because = why(unit);
    if (because !== null) return because;
  }
  return null;
}

function whyWaits({ build, order, places, suspects, hasLanded }: Grounds, part: readonly Unit[]): string | null {
  const ids = part.map(({ id }) => id);
  for (const unit of part) {
    const place = places.get(unit.id) ?? 0;
    const lacks = unit.needs.find((need) => !hasLanded(need) && !isAhead(build.included, ids, need, unit.id));
    if (lacks !== undefined) return `${unit.id} needs ${lacks}, which has not landed`;
    const ahead = order.find(
      ({ id, touches }, at) => at < place && overlaps(touches, unit.touches) && !suspects.has(id) && !ids.includes(id),
    );
    if (ahead) return `${ahead.id} is ahead of ${unit.id}, and nothing is known of it yet`;
  }
  return null;
}

function isAhead(included: readonly UnitId[], landing: readonly UnitId[], one: UnitId, other: UnitId): boolean {
  return landing.includes(one) && included.indexOf(one) < included.indexOf(other);
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
  const lands: UnitId[] = [];
  const reasons: string[] = [];
  for (const part of build.verdict === 'passed' ? partsOf(units) : []) {
    const because = firstReason(part, (unit) => whyHopeless(grounds, unit)) ?? whyWaits(grounds, part);
    if (because === null) lands.push(...part.map(({ id }) => id));
    else reasons.push(because);
  }
  if (lands.length > 0) return { kind: 'land', units: build.included.filter((id) => lands.includes(id)) };
  const heads = units.filter(({ id }) => build.heads.includes(id)).map((unit) => whyHopeless(grounds, unit));
  // What it holds besides its heads may land by other builds, and then no longer stands in their way.
  if (heads.includes(null))
    return { kind: 'wait', because: build.verdict === 'pending' ? 'the build runs' : reasons.join('; ') };
  return { kind: 'useless', because: heads.length === 0 ? 'all that it was started for has landed' : heads.join('; ') };
}
