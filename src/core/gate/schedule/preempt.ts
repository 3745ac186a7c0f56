import type { Desk } from './desk.ts';
import { meanMinutes } from './memory.ts';
import { isScout, scoutWorth } from './scouts.ts';
import type { UnitBuild } from './unit.ts';

/** No build is so nearly done that it counts as less of one. */
const leastLeft = 0.15;
/** A new build must be worth so much more than the one that ends for it. */
const advantage = 2;

/** That what a build assumes comes true, as it is believed now. */
export function scoreOf({ beliefs, dependenciesOf, landing }: Desk, { heads, included }: UnitBuild): number {
  let score = 1;
  for (const id of included) if (!heads.includes(id) && !landing.hasLanded(id)) score *= beliefs.of(id);
  const needs = new Set(heads.flatMap(dependenciesOf));
  for (const id of needs) if (!included.includes(id)) score *= 1 - beliefs.of(id);
  return score;
}

/** What tests one unit by itself is worth what it says of it, at the least. */
function runningWorth(desk: Desk, build: UnitBuild): number {
  const score = scoreOf(desk, build);
  return desk.settings.scouts && isScout(build) ? Math.max(score, scoutWorth) : score;
}

/**
 * Says which build should end for one of this score, a different one each time; null: none is worth so much less, or builds are
 * not to end for others (scheduling.md §4 Spending slots). One that is nearly done is worth more than it was.
 */
export function roomMaker(desk: Desk): (score: number) => string | null {
  const { settings, builds, view, memory, probation } = desk;
  if (!settings.preempts) return () => null;
  const minutes = meanMinutes(memory.rates);
  const running = builds
    .filter(
      ({ verdict, included }) =>
        verdict === 'pending' && !included.some((id) => probation.has(id) && included.length === 1),
    )
    .map((build) => {
      const left = Math.max(leastLeft, 1 - (view.now - build.startedAt) / minutes);
      return { key: build.key, worth: runningWorth(desk, build) / left };
    })
    .sort((one, other) => other.worth - one.worth);
  return (score) => {
    const last = running.at(-1);
    if (!last || last.worth * advantage >= score) return null;
    running.pop();
    return last.key;
  };
}
