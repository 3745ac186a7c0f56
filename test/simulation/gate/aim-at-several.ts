import type { LandingPush } from '../../../src/model/ledger.ts';
import type { Aim, Calls } from '../calls.ts';
import type { Process, Sim } from '../sim.ts';

/** Calls by which a landing is carried out, noted, and told, each with how many of these may come before. */
const steps: readonly (readonly [string | null, number])[] = [
  ['landing.land', 1],
  ['landing.land', 1],
  [null, 20],
  ['landing.read', 2],
  ['documents.save', 6],
  ['reporter.want', 20],
  ['checks.update', 8],
  ['gateForge.close', 4],
];

/**
 * Where several land by one push, the worker may die at it, or at any of its calls from there until all of them are noted
 * and told (scheduling.md §4, I6).
 */
export function aimAtSeveral(
  { sim, calls }: { readonly sim: Sim; readonly calls: Calls },
  process: Process,
  { inside = [] }: LandingPush,
): void {
  const { severalCrash, severalLoss } = sim.knobs.rates;
  const draws = sim.chance.stream('several land');
  if (inside.length === 0 || !sim.faultsOn() || !draws.happens(severalCrash)) return;
  const [where, most] = draws.pick(steps);
  const fate = draws.happens(severalLoss)
    ? draws.pick<Aim['fate']>(['before, Redis emptied', 'before, Redis set back'])
    : draws.pick<Aim['fate']>(['before', 'after', 'on return']);
  calls.aim(process, { where, skipped: draws.between(0, most), fate });
}
