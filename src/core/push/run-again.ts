import { externalIdFor } from '../../model/build.ts';
import type { JobRecord } from '../../model/presubmit.ts';
import type { PushRun } from '../../model/push.ts';
import { jobAt } from '../presubmit/advance-jobs.ts';
import type { RunFacts } from './facts.ts';
import { stemOf } from './own-checks.ts';
import { entryOf } from './run-builds.ts';

/** Why a job of a run is not run again, for people; null: it may be. */
export function whyNotJob({ status, because, readBack }: JobRecord): string | null {
  switch (status.kind) {
    case 'skipped':
      return status.byNeeds ? `${because}: press it there` : `it was skipped: ${because}`;
    case 'blocked':
    case 'building':
      return 'it has not ended yet';
    case 'ended':
      if (status.result === 'success') return 'it passed, and nothing is built twice';
      // Decided by the files of the commit, which stay as they are.
      if (status.result === 'failure' && status.builds.length === 0 && !readBack)
        return `it would end the same: ${because}`;
      return null;
  }
}

function checkIdOf({ subject }: Pick<RunFacts, 'subject'>, run: PushRun, record: JobRecord): string {
  const { job, definition, request } = record;
  return externalIdFor({ subject, entry: entryOf(run), commit: run.commit, job, definition, request });
}

/** The job of a run whose check run this is now; undefined: none, as of one that was asked for again since. */
export function jobPressed(facts: Pick<RunFacts, 'subject'>, run: PushRun, externalId: string): JobRecord | undefined {
  return run.jobs.find((record) => checkIdOf(facts, run, record) === externalId);
}

/** True when a check run is one of a run's jobs, whichever request of it. */
export function isOfRun(facts: Pick<RunFacts, 'subject'>, run: PushRun, externalId: string): boolean {
  return run.jobs.some((record) => stemOf(checkIdOf(facts, run, record)) === stemOf(externalId));
}

/** What waits for it by `needs`, however far, and was skipped for its sake. */
function withDependents(facts: RunFacts, run: PushRun, jobs: ReadonlySet<string>): ReadonlySet<string> {
  const again = new Set(jobs);
  for (let size = 0; size !== again.size; ) {
    size = again.size;
    for (const record of run.jobs) {
      const isSkipped = record.status.kind === 'skipped' && record.status.byNeeds;
      if (isSkipped && jobAt(facts, record)?.needs.some((need) => again.has(need.job))) again.add(record.job);
    }
  }
  return again;
}

/** The run with these jobs to be built once more, each under a request of its own; what passed stays as it is. */
export function runAgain(facts: RunFacts, run: PushRun, pressed: ReadonlySet<string>, login: string): PushRun {
  const again = withDependents(facts, run, pressed);
  const jobs = run.jobs.map((record): JobRecord => {
    if (!again.has(record.job)) return record;
    const because = `@${login} pressed Re-run`;
    return { ...record, because, request: record.request + 1, readBack: false, status: { kind: 'blocked' } };
  });
  const request = (run.request ?? 1) + (run.endedAt === null ? 0 : 1);
  return { ...run, jobs, request, endedAt: null };
}
