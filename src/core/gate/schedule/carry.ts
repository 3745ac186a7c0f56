import type { Beliefs } from './beliefs.ts';
import type { Batch } from './fill-batch.ts';
import type { Tried } from './tried.ts';
import type { UnitId } from './unit.ts';

export interface CarryGround {
  readonly beliefs: Beliefs;
  readonly tried: Tried;
  /** What waits, first those that began to be tested first. */
  readonly tested: readonly UnitId[];
  readonly dependenciesOf: (id: UnitId) => readonly UnitId[];
  readonly isSuspect: (id: UnitId) => boolean;
  /** How likely all that is carried must be to pass, together. */
  readonly least: number;
}

/** No build is much harder to understand for what it carries. */
const mostCarried = 20;

/**
 * What a build holds besides, though it does not depend on it: when it passes, that lands with it, and what the build depends on
 * lands at once too. Only what has a build of its own, and what is trusted enough (scheduling.md §6, the first weak spot).
 */
export function carriedBy({ heads, included, excluded }: Batch, ground: CarryGround): readonly UnitId[] {
  const { beliefs, tried, tested, dependenciesOf, isSuspect, least } = ground;
  if (least >= 1) return [];
  const held = new Set([...heads, ...included]);
  const carried: UnitId[] = [];
  let success = 1;
  const add = (id: UnitId): void => {
    if (carried.length >= mostCarried || held.has(id) || excluded.includes(id)) return;
    if (!tried.isTried(id) || beliefs.isAccused(id) || isSuspect(id) || success * beliefs.of(id) < least) return;
    if (!dependenciesOf(id).every((need) => held.has(need) || isSuspect(need))) return;
    success *= beliefs.of(id);
    held.add(id);
    carried.push(id);
  };
  // First what those need that it depends on: without it they could not land with it.
  for (const id of included) for (const need of dependenciesOf(id)) add(need);
  for (const id of tested) add(id);
  return carried;
}
