import type { BuildResult } from '../../model/build.ts';
import type { Conclusion, ObservedCheckRun } from '../../model/check-run.ts';
import type { JobRecord } from '../../model/presubmit.ts';
import type { PushRun } from '../../model/push.ts';
import type { Sha } from '../../model/sha.ts';
import type { PlannedJob } from '../postsubmit/planned-job.ts';
import type { TreeFacts } from '../presubmit/facts.ts';
import { beginJobs } from '../push/begin-run.ts';
import type { RunFacts } from '../push/facts.ts';
import { entryOfNightly } from './nightlies-of.ts';

/** Where and when a nightly starts. */
export interface NightlyPlace {
  readonly key: string;
  readonly commit: Sha;
  readonly tree: Sha;
  readonly request: number;
  readonly at: number;
  readonly shadow: boolean;
}

/** A run of a nightly as it begins; the same place gives the same builds and check runs, after any loss. */
export function beginNightlyRun(
  facts: Pick<RunFacts, 'subject' | 'now'>,
  { key, commit, tree, request, at, shadow }: NightlyPlace,
  planned: readonly PlannedJob[],
  read: TreeFacts,
): PushRun {
  const plain = { commit, tree, entry: entryOfNightly(key), request };
  const jobs = beginJobs(facts, plain, planned, read);
  return { ...plain, ...jobs, before: null, at, by: null, version: null, shadow, endedAt: null };
}

const results: Partial<Readonly<Record<Conclusion, BuildResult>>> = {
  success: 'success',
  failure: 'failure',
  timed_out: 'timeout',
  cancelled: 'aborted',
};

/** A final check run is never written again, so its result counts; only what was uploaded must be known by its digest. */
function readBack(record: JobRecord, run: ObservedCheckRun | undefined, uploads: boolean): JobRecord {
  if (run?.state.status !== 'completed') return record;
  const result = results[run.state.conclusion];
  if (result === undefined || (result === 'success' && uploads)) return record;
  return { ...record, readBack: true, status: { kind: 'ended', result, builds: [] } };
}

/** A run that was under way when all was lost: what it concluded stays, and the rest goes on with the pods that it has. */
export function resumeRun(begun: PushRun, seen: ReadonlyMap<string, ObservedCheckRun>): PushRun {
  const uploads = (job: string): boolean => Object.values(begun.tags[job] ?? {}).some((tags) => tags.length > 0);
  return { ...begun, jobs: begun.jobs.map((record) => readBack(record, seen.get(record.job), uploads(record.job))) };
}
