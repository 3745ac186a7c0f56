import type { LineEntry } from '../../model/line.ts';
import type { JobRecord } from '../../model/presubmit.ts';
import type { PromoteRecord } from '../../model/promotion.ts';
import { slotOfBuild } from '../line/slot.ts';
import { promotionJobs } from './promote-pod.ts';

/** Everything of a promote line that runs in pods: what is built again, and what promotes. */
export function jobsOfLine(record: Pick<PromoteRecord, 'landings' | 'rebuilds'>): readonly JobRecord[] {
  return [...(record.rebuilds ?? []).flatMap(({ jobs }) => jobs ?? []), ...promotionJobs(record)];
}

/** Where they stand in the wanted line: behind what somebody waits to land, before presubmits. */
export function lineOf(jobs: readonly JobRecord[], repository: number): Omit<LineEntry, 'subject'>[] {
  return jobs.flatMap((job) =>
    ('builds' in job.status ? job.status.builds : [])
      .filter(({ state }) => state.phase !== 'finished')
      .map((build) => ({
        build: build.id,
        ...slotOfBuild(job, build),
        priority: 60,
        since: 'since' in build.state ? build.state.since : 0,
        repository,
        author: 0,
        state: build.state.phase === 'wanted' ? ('waiting' as const) : ('active' as const),
      })),
  );
}
