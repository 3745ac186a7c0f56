import type { Fate } from './calls.ts';
import { familyNames, type Knobs, without } from './knobs.ts';
import type { Product } from './product.ts';
import type { Action } from './story.ts';
import { type Plan, playWorld } from './world.ts';

/** Worlds that shrinking may play, at most. */
const mostPlays = 400;

interface Search {
  readonly product: Product;
  readonly invariant: string;
  plays: number;
  best: Plan;
}

async function stillFails(search: Search, plan: Plan): Promise<boolean> {
  if (search.plays >= mostPlays) return false;
  search.plays += 1;
  const { violation } = await playWorld(plan, search.product);
  if (violation?.invariant !== search.invariant) return false;
  search.best = plan;
  return true;
}

/** Leaves out ever smaller parts of a list while the world still fails without them (delta debugging). */
async function shrinkList<T>(
  search: Search,
  list: (plan: Plan) => readonly T[],
  replace: (plan: Plan, kept: readonly T[]) => Plan,
): Promise<void> {
  for (let size = Math.ceil(list(search.best).length / 2); size >= 1; size = size === 1 ? 0 : Math.ceil(size / 2)) {
    for (let from = 0; from < list(search.best).length; ) {
      const items = list(search.best);
      const kept = [...items.slice(0, from), ...items.slice(from + size)];
      if (!(await stillFails(search, replace(search.best, kept)))) from += size;
    }
  }
}

async function dropFamilies(search: Search): Promise<void> {
  for (const family of familyNames) {
    const { knobs, story } = search.best;
    if (knobs.rates[family] === 0) continue;
    const left = story.filter((action) => action.family !== family);
    await stillFails(search, { ...search.best, knobs: without(knobs, new Set([family])), story: left });
  }
}

async function fewer(search: Search): Promise<void> {
  const change = (knobs: Partial<Knobs>): Promise<boolean> =>
    stillFails(search, { ...search.best, knobs: { ...search.best.knobs, ...knobs } });
  await change({ workers: 1 });
  await change({ failingBuilds: 0 });
  await change({ redis: 'always' });
  for (const pull of new Set(search.best.story.map((action) => action.pull)))
    if (pull !== 0)
      await stillFails(search, { ...search.best, story: search.best.story.filter((action) => action.pull !== pull) });
}

/** A smaller plan that breaks the same promise; the given one when none was found. */
export async function shrink(plan: Plan, product: Product, invariant: string): Promise<Plan> {
  const { happened } = await playWorld(plan, product);
  const search: Search = { product, invariant, plays: 0, best: plan };
  // From now on only what happened may happen, so that parts of it can be left out.
  await stillFails(search, { ...plan, faults: happened });
  await dropFamilies(search);
  await fewer(search);
  await shrinkList<Action>(
    search,
    ({ story }) => story,
    (before, story) => ({ ...before, story }),
  );
  await shrinkList<readonly [string, Fate]>(
    search,
    ({ faults }) => [...(faults ?? [])],
    (before, faults) => (before.faults === null ? before : { ...before, faults: new Map(faults) }),
  );
  await dropFamilies(search);
  return search.best;
}
