import type { ObservedCheckRun } from '../../model/check-run.ts';
import type { PushRun } from '../../model/push.ts';
import type { Sha } from '../../model/sha.ts';
import type { PlannedJob } from '../postsubmit/planned-job.ts';
import type { TreeFacts } from '../presubmit/facts.ts';
import { beginJobs } from '../push/begin-run.ts';
import type { RunFacts } from '../push/facts.ts';
import { readBack, uploadsOf } from '../push/resume-run.ts';
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

/** A run that was under way when all was lost: what it concluded stays, and the rest goes on with the pods that it has. */
export function resumeRun(begun: PushRun, seen: ReadonlyMap<string, ObservedCheckRun>): PushRun {
  const jobs = begun.jobs.map((record) => readBack(record, seen.get(record.job), uploadsOf(begun, record.job)));
  return { ...begun, jobs };
}
