import type { Touches, UnitBuild, UnitId } from '../../gate/schedule/unit.ts';

/** What a queue holds its scheduler to, whose builds are candidates there (`core/gate/best-first/`). */
export interface QueueRules {
  /** `lanes: closure`, where each module is what one job reads. */
  readonly lanes: boolean;
}

/** The jobs of these run for all that the other touches. */
function runsFor(heads: readonly Touches[], other: Touches): boolean {
  if (heads.includes('everything')) return true;
  return other !== 'everything' && other.every((job) => heads.some((own) => own.includes(job)));
}

/** In lanes a candidate that passed speaks of those inside whose jobs it ran (`covers.ts`). */
export function asCandidate(build: UnitBuild, { lanes }: QueueRules, touchesOf: (id: UnitId) => Touches): UnitBuild {
  if (build.verdict !== 'passed' || !lanes) return build;
  const last = build.included.slice(-1);
  const tested = build.heads.map(touchesOf);
  const isOwn = (id: UnitId): boolean => last.includes(id);
  const covers = build.included.filter((id) => isOwn(id) || runsFor(tested, touchesOf(id)));
  return { ...build, covers, heads: build.heads.filter((id) => covers.includes(id)) };
}
