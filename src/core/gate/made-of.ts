import type { BuildId } from '../../model/build.ts';
import type { JobRecord } from '../../model/presubmit.ts';
import type { MadeCandidate, QueueItem } from '../../model/queue.ts';

/** All that is tested of an item: what it is told by first. */
export function madeOf({ candidate, hedges = [] }: Pick<QueueItem, 'candidate' | 'hedges'>): readonly MadeCandidate[] {
  return candidate?.kind === 'made' ? [candidate, ...hedges] : hedges;
}

/** The same, and as what it is inside of batches. */
export function knownAs(item: Pick<QueueItem, 'candidate' | 'hedges' | 'batched'>): readonly MadeCandidate[] {
  return [...madeOf(item), ...(item.batched ?? [])];
}

/** The jobs of a candidate; while it is not decided what is run of it, those that it goes on with. */
export function jobsOf({ jobs, kept = [] }: Pick<MadeCandidate, 'jobs' | 'kept'>): readonly JobRecord[] {
  return jobs ?? kept;
}

/** The Build whose log people read of a job: one of its own, or of the run that stands for it; null: there is none. */
export function shownBuildOf({ status, before }: Pick<JobRecord, 'status' | 'before'>): BuildId | null {
  return before ?? ('builds' in status ? (status.builds[0]?.id ?? null) : null);
}
