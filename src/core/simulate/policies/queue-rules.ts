import type { ScheduleView } from '../../gate/schedule/schedule-view.ts';
import type { Touches, UnitBuild, UnitId } from '../../gate/schedule/unit.ts';

/** What a queue holds its scheduler to, whose builds are candidates there (`core/gate/best-first/`). */
export interface QueueRules {
  /** `lanes: closure`, where each module is what one job reads. */
  readonly lanes: boolean;
}

type Begun = Pick<UnitBuild, 'included' | 'onto'>;

/** Nothing has landed since it began but what it holds, as it holds it. */
function isOnTip({ included, onto }: Begun, landed: ScheduleView['landed']): boolean {
  return landed.slice(onto).every(({ id }, at) => included[at] === id);
}

/** The jobs of these run for all that the other touches. */
function runsFor(heads: readonly Touches[], other: Touches): boolean {
  if (heads.includes('everything')) return true;
  return other !== 'everything' && other.every((job) => heads.some((own) => own.includes(job)));
}

/**
 * A candidate that passed speaks of those inside whose jobs it ran; in lanes of its own change alone once others have landed, as it
 * is made anew then (`look.ts`).
 */
export function asCandidate(
  build: UnitBuild,
  { lanes }: QueueRules,
  landed: ScheduleView['landed'],
  touchesOf: (id: UnitId) => Touches,
): UnitBuild {
  if (build.verdict !== 'passed' || !lanes) return build;
  const last = build.included.slice(-1);
  const tested = build.heads.map(touchesOf);
  const isOwn = (id: UnitId): boolean => last.includes(id);
  const covers = isOnTip(build, landed)
    ? build.included.filter((id) => isOwn(id) || runsFor(tested, touchesOf(id)))
    : last;
  return { ...build, covers, heads: build.heads.filter((id) => covers.includes(id)) };
}
