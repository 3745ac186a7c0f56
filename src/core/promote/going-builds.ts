import type { Build } from '../../model/build.ts';
import type { JobRecord } from '../../model/presubmit.ts';
import type { PromoteRecord } from '../../model/promotion.ts';
import { stopBuild } from '../presubmit/advance-build.ts';
import type { PromoteFacts } from './facts.ts';
import { jobsOfLine } from './line-of-promotion.ts';

const because = 'nothing waits for it any more';

/** The builds of a job, whatever became of it. */
export function buildsIn({ status }: Pick<JobRecord, 'status'>): readonly Build[] {
  return 'builds' in status ? status.builds : [];
}

/** The record with what is still going of it; nothing is: without. */
export function withGoing({ going: _, ...record }: PromoteRecord, going: readonly JobRecord[]): PromoteRecord {
  return going.length === 0 ? record : { ...record, going };
}

/** False for one that has not got a slot yet, or whose pod has ended or is gone; true as long as nobody can tell. */
function lives({ pods }: Pick<PromoteFacts, 'pods'>, { id, state }: Build): boolean {
  if (state.phase === 'wanted' || state.phase === 'finished') return false;
  if (pods === null) return true;
  const pod = pods.find(({ name }) => name === id);
  return pod !== undefined && pod.phase !== 'succeeded' && pod.phase !== 'failed';
}

/**
 * What a record had in pods and the one that follows it does not name any more, as far as those pods live: whoever tells them to
 * go may die before, and until they are gone nobody else may start in their slots (design.md §5, limits of a pool and an author).
 */
export function stillGoing(
  facts: Pick<PromoteFacts, 'pods' | 'now'>,
  before: Pick<PromoteRecord, 'landings' | 'rebuilds' | 'going'>,
  next: Pick<PromoteRecord, 'landings' | 'rebuilds'>,
): readonly JobRecord[] {
  const named = new Set<string>(
    jobsOfLine(next)
      .flatMap(buildsIn)
      .map(({ id }) => id),
  );
  return [...jobsOfLine(before), ...(before.going ?? [])].flatMap((job): readonly JobRecord[] => {
    const builds = buildsIn(job).filter((build) => !named.has(build.id) && lives(facts, build));
    if (builds.length === 0) return [];
    // Whatever its pod comes to counts for nothing.
    const stopped = builds.map((build) => stopBuild({ effects: [] }, build, because, facts.now));
    return [{ ...job, status: { kind: 'building', builds: stopped } }];
  });
}
