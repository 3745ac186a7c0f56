import { externalIdFor } from '../../model/build.ts';
import type { ObservedCheckRun } from '../../model/check-run.ts';
import type { Job } from '../../model/job.ts';
import type { Sha } from '../../model/sha.ts';
import { versionCheckId } from './report-run.ts';

/** An external id without the count of how often it was asked for. */
export function stemOf(externalId: string): string {
  return externalId.replace(/\/\d+$/, '');
}

/** How often it was asked for, by its external id; 0: it has no such count. */
export function requestOf(externalId: string): number {
  return Number(/\/(\d+)$/.exec(externalId)?.[1] ?? 0);
}

/** Whose check runs the jobs at a commit have there, whichever request (`BuildParts.entry`). */
export function stemsOfJobs(
  subject: string,
  entry: string,
  commit: Sha,
  jobs: readonly Pick<Job, 'name' | 'definition'>[],
): ReadonlySet<string> {
  return new Set(
    jobs.map(({ name, definition }) =>
      stemOf(externalIdFor({ subject, entry, commit, job: name, definition, request: 1 })),
    ),
  );
}

/** The same of a push: those of its jobs, and `sluice/version`. */
export function stemsOfPush(
  subject: string,
  commit: Sha,
  jobs: readonly Pick<Job, 'name' | 'definition'>[],
): ReadonlySet<string> {
  return new Set([...stemsOfJobs(subject, 'push', commit, jobs), stemOf(versionCheckId(subject, commit))]);
}

const failed = new Set(['failure', 'timed_out', 'cancelled']);

/** What "Re-run all" asks for: the last of each that did not pass. */
export function failedLast(runs: readonly ObservedCheckRun[]): readonly ObservedCheckRun[] {
  const last = new Map<string, ObservedCheckRun>();
  for (const run of runs) {
    const other = last.get(stemOf(run.externalId));
    if (other === undefined || requestOf(other.externalId) < requestOf(run.externalId))
      last.set(stemOf(run.externalId), run);
  }
  return [...last.values()].filter(({ name, state }) => {
    return name !== 'sluice/version' && state.status === 'completed' && failed.has(state.conclusion);
  });
}
