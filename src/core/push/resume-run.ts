import { type BuildResult, externalIdFor } from '../../model/build.ts';
import { type Conclusion, isFinal, type ObservedCheckRun } from '../../model/check-run.ts';
import type { JobRecord } from '../../model/presubmit.ts';
import type { PushRun } from '../../model/push.ts';
import type { RunFacts } from './facts.ts';
import { requestOf, stemOf } from './own-checks.ts';
import { versionCheckId } from './report-run.ts';
import { entryOf } from './run-builds.ts';

const results: Partial<Readonly<Record<Conclusion, BuildResult>>> = {
  success: 'success',
  failure: 'failure',
  timed_out: 'timeout',
  cancelled: 'aborted',
};

/** A final check run is never written again, so its result counts; only what was uploaded must be known by its digest. */
export function readBack(record: JobRecord, run: ObservedCheckRun | undefined, uploads: boolean): JobRecord {
  if (run?.state.status !== 'completed') return record;
  const result = results[run.state.conclusion];
  if (result === undefined || (result === 'success' && uploads)) return record;
  return { ...record, readBack: true, status: { kind: 'ended', result, builds: [] } };
}

/** Whether it uploads something that has tags, or keeps files: others go on with what that is. */
export function uploadsOf({ tags, jobs }: Pick<PushRun, 'tags' | 'jobs'>, job: string): boolean {
  if (jobs.some((record) => record.job === job && record.keeps)) return true;
  return Object.values(tags[job] ?? {}).some((own) => own.length > 0);
}

function newest(runs: readonly ObservedCheckRun[]): number {
  return Math.max(0, ...runs.map(({ externalId }) => requestOf(externalId)));
}

/**
 * Which request a push to a commit is that has these check runs: what is open is gone on with, and what is final never reopened
 * (commands.md §6). `isAgain`: it means what it meant before, and is told where that is.
 */
export function requestOfPush(
  { subject }: Pick<RunFacts, 'subject'>,
  commit: PushRun['commit'],
  own: readonly ObservedCheckRun[],
  isAgain: boolean,
): number {
  const open = own.filter((run) => !isFinal(run));
  if (open.length === 0) return isAgain ? Math.max(1, newest(own)) : newest(own) + 1;
  const stem = stemOf(versionCheckId(subject, commit));
  const version = own.filter(({ externalId }) => stemOf(externalId) === stem);
  return Math.max(1, newest(version.length > 0 ? version : open));
}

/** The same job as another request, whose builds are wanted anew. */
function asRequest(record: JobRecord, request: number): JobRecord {
  if (record.request === request) return record;
  return { ...record, request, ...(record.status.kind === 'building' ? { status: { kind: 'blocked' } } : {}) };
}

function resumeJob(record: JobRecord, own: readonly ObservedCheckRun[], uploads: boolean): JobRecord {
  const last = own.findLast((run) => !isFinal(run)) ?? own.find((run) => requestOf(run.externalId) === newest(own));
  if (last === undefined) return record;
  const request = requestOf(last.externalId);
  if (!isFinal(last) || record.status.kind === 'skipped') return asRequest(record, request);
  // It was judged when more was known.
  if (last.state.status === 'completed' && last.state.conclusion === 'skipped')
    return {
      ...record,
      request,
      readBack: true,
      because: 'it was skipped when it was pushed',
      status: { kind: 'skipped' },
    };
  const read = readBack({ ...record, request }, last, uploads);
  return read.readBack ? read : asRequest(record, request + 1);
}

/** A push that was under way when all was lost: each of its jobs goes on, or stays concluded, where its last check run is. */
export function resumePush(
  { subject }: Pick<RunFacts, 'subject'>,
  run: PushRun,
  own: readonly ObservedCheckRun[],
): PushRun {
  if (own.every(isFinal)) return run;
  const jobs = run.jobs.map((record) => {
    const { job, definition } = record;
    const parts = { subject, entry: entryOf(run), commit: run.commit, job, definition, request: 1 };
    const stem = stemOf(externalIdFor(parts));
    return resumeJob(
      record,
      own.filter(({ externalId }) => stemOf(externalId) === stem),
      uploadsOf(run, job),
    );
  });
  return { ...run, jobs };
}
