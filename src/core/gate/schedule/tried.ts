import type { Evidence } from './evidence.ts';
import { isUseless, type LandingGround } from './land-units.ts';
import type { Unit, UnitBuild, UnitId } from './unit.ts';

/** What builds there are, as those see it who look for the next one. */
export interface Tried {
  /** A build stands for exactly this guess: it runs, passed, or failed and would fail again. */
  readonly knows: (head: UnitId, included: readonly UnitId[]) => boolean;
  /** A build whose verdict it was started for runs or passed. */
  readonly isTried: (id: UnitId) => boolean;
  /** A build that was started for it passed, and waits to land. */
  readonly hasPassed: (id: UnitId) => boolean;
  /** Held by a batch that runs. */
  readonly isInBatch: (id: UnitId) => boolean;
  /** When the oldest build began that runs or passed for it. */
  readonly since: (id: UnitId) => number;
  /** It is tested by itself, with nothing undecided. */
  readonly isRetried: (id: UnitId) => boolean;
}

/**
 * A build says nothing more that anybody could use. One that failed keeps others from building the same again, unless it has
 * turned out that it failed for no reason.
 */
export function isWorthless(build: UnitBuild, ground: LandingGround, evidence: Evidence): boolean {
  if (build.verdict !== 'failed') return isUseless(build, ground);
  const left = build.included.filter((id) => !ground.hasLanded(id));
  const stands = evidence.some(({ members }) => members.every((id) => left.includes(id)));
  return left.length <= 1 || !stands || isUseless({ ...build, verdict: 'pending' }, ground);
}

function nameOf(head: UnitId, included: readonly UnitId[]): string {
  return `${head}|${included.join('+')}`;
}

/** So likely must what a build holds besides be good, for its verdict to be one on its head. */
const soundEnough = 0.5;

interface TriedGround {
  /** The other is ahead of it and touches the same. */
  readonly dependsOn: (id: UnitId, other: UnitId) => boolean;
  readonly beliefIn: (id: UnitId) => number;
  /** What a build holds besides its heads may land with them. */
  readonly landsPrefixes: boolean;
}

interface Standing {
  readonly build: UnitBuild;
  /** What it holds that has not landed. */
  readonly left: readonly UnitId[];
}

/** That all of these are good, as far as it is believed. */
function likelihoodOf(ids: readonly UnitId[], beliefIn: (id: UnitId) => number): number {
  return ids.reduce((all, id) => all * beliefIn(id), 1);
}

/**
 * What of it a build stands for one of its heads: the dependencies that it holds. Null: what it holds besides is so likely bad
 * that it says nothing of the head, or it failed with more than the guess, which says nothing of the guess alone.
 */
function heldFor(head: UnitId, { build, left }: Standing, { dependsOn, beliefIn, landsPrefixes }: TriedGround) {
  const held = left.filter((id) => dependsOn(head, id));
  if (build.verdict === 'failed') return held.length + 1 < left.length ? null : held;
  const besides = left.filter((id) => id !== head && !held.includes(id) && !build.heads.includes(id));
  // What it holds besides never lands with its head, or has kept it from landing, and may wait for this very head.
  if ((!landsPrefixes || build.verdict === 'passed') && besides.length > 0) return null;
  return likelihoodOf(besides, beliefIn) < soundEnough ? null : held;
}

/**
 * What came ahead of some of a batch after it was begun keeps all of it from landing, though it passed, and may itself wait for those
 * of the batch that are ahead of it: true for these, which are tested as if there were no batch. So is whoever of it touches what has
 * landed since, as others of it do not; and once it passed all of it, as none of it lands without that one.
 */
function isCutOff(head: UnitId, build: UnitBuild, ground: LandingGround): boolean {
  const { heads, included, verdict } = build;
  const place = ground.places.get(head);
  if (heads.length < 2 || place === undefined) return false;
  const isMet = (id: UnitId): boolean => {
    const { touches = [] } = ground.order[ground.places.get(id) ?? -1] ?? {};
    return ground.metSince(build.onto, touches, included) !== undefined;
  };
  if (verdict !== 'passed') return isMet(head);
  if (heads.some(isMet)) return true;
  const isBetween = ({ id }: Unit): boolean =>
    !included.includes(id) && !ground.suspects.has(id) && (ground.places.get(id) ?? 0) > place;
  return heads.some((other) => {
    const unit = ground.order[ground.places.get(other) ?? -1];
    return unit !== undefined && [...ground.aheadOf(unit)].some(isBetween);
  });
}

/** `builds`: without the worthless ones. */
export function triedBy(builds: readonly UnitBuild[], ground: LandingGround, trying: TriedGround): Tried {
  const { beliefIn } = trying;
  const names = new Set<string>();
  const since = new Map<UnitId, number>();
  const batched = new Set<UnitId>();
  const retried = new Set<UnitId>();
  const passed = new Set<UnitId>();
  const note = (head: UnitId, standing: Standing): void => {
    const { heads, verdict, startedAt } = standing.build;
    const held = heldFor(head, standing, trying);
    if (verdict === 'passed') passed.add(head);
    if (held !== null) names.add(nameOf(head, held));
    if (verdict === 'failed' || (held === null && verdict === 'pending')) return;
    since.set(head, Math.min(startedAt, since.get(head) ?? startedAt));
    const others = standing.left.filter((id) => !heads.includes(id));
    if (heads.length > 1 && verdict === 'pending' && likelihoodOf(others, beliefIn) >= soundEnough) batched.add(head);
  };
  for (const build of builds) {
    const left = build.included.filter((id) => !ground.hasLanded(id));
    const [only] = left;
    if (build.verdict === 'pending' && left.length === 1 && only !== undefined) retried.add(only);
    for (const head of build.heads)
      if (!ground.hasLanded(head) && !isCutOff(head, build, ground)) note(head, { build, left });
  }
  return {
    knows: (head, included) => names.has(nameOf(head, included)),
    isTried: (id) => since.has(id),
    hasPassed: (id) => passed.has(id),
    isInBatch: (id) => batched.has(id),
    since: (id) => since.get(id) ?? Number.POSITIVE_INFINITY,
    isRetried: (id) => retried.has(id),
  };
}
