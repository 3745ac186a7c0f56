import type { LineEntry, LineLimits } from '../../model/line.ts';
import type { RunnerPool, RunnerWish } from '../../model/runner-pool.ts';
import { chooseRunner } from '../pod/choose-runner.ts';

/** What decides where the pod of an entry is made; null: an earlier version wrote it, and did not say. */
export function wishOfEntry({ trust, architecture, pool }: LineEntry): RunnerWish | null {
  if (trust === undefined) return null;
  return { trust, architecture: architecture ?? null, pool: pool === 'default' ? null : pool };
}

/** Counts who holds a slot of which place, as far as an operator limits them (`atOnce`). */
export interface RunnerSlots {
  /** Why this one may not start now, in words; null: it may. */
  whyNot(entry: LineEntry): string | null;
  take(entry: LineEntry): void;
}

/** In words, what waits for a slot where there are so many. */
export function slotWords(slots: number, pool: string): string {
  return slots === 1 ? `the one slot of the pool ${pool}` : `one of the ${slots} slots of the pool ${pool}`;
}

/** Whether builds of several lines have a place in common that an operator limits. */
export function sharesRunners({ runners = [] }: Pick<LineLimits, 'runners'>): boolean {
  return runners.some(({ byName, atOnce }) => !byName && atOnce !== null);
}

/** The places of these lines' builds, as their entries hold them: a full one passes over, it does not block others. */
export function runnerSlotsOf(holding: readonly LineEntry[], { runners = [] }: LineLimits): RunnerSlots {
  const chosen = new Map<string, RunnerPool | null>();
  const held = new Map<RunnerPool, number>();
  const placeOf = (entry: LineEntry): RunnerPool | null => {
    const wish = runners.length === 0 ? null : wishOfEntry(entry);
    if (wish === null) return null;
    const key = JSON.stringify(wish);
    const known = chosen.get(key);
    if (known !== undefined) return known;
    const choice = chooseRunner(runners, wish);
    const place = choice.kind === 'pool' ? choice.pool : null;
    chosen.set(key, place);
    return place;
  };
  const take = (entry: LineEntry): void => {
    const place = placeOf(entry);
    if (place !== null) held.set(place, (held.get(place) ?? 0) + 1);
  };
  for (const entry of holding) take(entry);
  return {
    take,
    whyNot(entry) {
      const place = placeOf(entry);
      if (place === null || place.atOnce === null) return null;
      return (held.get(place) ?? 0) < place.atOnce ? null : slotWords(place.atOnce, place.name);
    },
  };
}
