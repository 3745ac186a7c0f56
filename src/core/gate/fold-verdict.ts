import type { JobRecord } from '../../model/presubmit.ts';

/** What a candidate's jobs come to, and why. */
export type FoldedVerdict =
  | { readonly verdict: 'pending'; readonly because: string }
  | { readonly verdict: 'passed'; readonly because: string }
  | { readonly verdict: 'failed'; readonly because: string; readonly jobs: readonly string[] }
  /** Ours, three times: never the author's failure. */
  | { readonly verdict: 'error'; readonly because: string; readonly jobs: readonly string[] };

type Outcome = 'pending' | 'passed' | 'skipped' | 'barred' | 'failed' | 'error';

function outcomeOf({ status }: JobRecord): Outcome {
  if (status.kind === 'skipped') return status.definite === true ? 'skipped' : 'barred';
  if (status.kind !== 'ended') return 'pending';
  if (status.result === 'success') return 'passed';
  return status.result === 'error' ? 'error' : 'failed';
}

function names(jobs: readonly JobRecord[], ...outcomes: readonly Outcome[]): readonly string[] {
  return jobs.filter((job) => outcomes.includes(outcomeOf(job))).map(({ job }) => job);
}

/** Jobs that could not be run and count: by themselves, or because one that counts was skipped beside them. */
function errorsOf(jobs: readonly JobRecord[], voting: readonly JobRecord[]): readonly string[] {
  return names(names(voting, 'barred').length > 0 ? jobs : voting, 'error');
}

/**
 * Folds the results of a candidate's jobs (gate.md §3). No jobs at all is pending, never passed; only jobs that do not count
 * is failed: `sluice check` reports such a configuration. All skipped for certain is passed.
 */
export function foldVerdict(jobs: readonly JobRecord[]): FoldedVerdict {
  if (jobs.length === 0) return { verdict: 'pending', because: 'no job is configured for the gate' };
  const voting = jobs.filter(({ required }) => required);
  if (voting.length === 0)
    return { verdict: 'failed', because: 'no job of the gate counts: all of them are optional', jobs: [] };
  const pending = names(voting, 'pending');
  const errors = errorsOf(jobs, voting);
  // What is skipped because we could not run what it needs is no more its author's failure than that is.
  const failed = names(voting, ...(errors.length > 0 ? (['failed'] as const) : (['failed', 'barred'] as const)));
  if (failed.length > 0) return { verdict: 'failed', because: `${failed.join(', ')} did not pass`, jobs: failed };
  if (errors.length > 0 && pending.length === 0)
    return {
      verdict: 'error',
      because: `${errors.join(', ')} could not be run: that is not the change's fault`,
      jobs: errors,
    };
  if (pending.length > 0) return { verdict: 'pending', because: `${pending.join(', ')} not done yet` };
  const passed = names(voting, 'passed');
  if (passed.length === 0) return { verdict: 'passed', because: 'no job applies' };
  return { verdict: 'passed', because: `${passed.join(', ')} passed` };
}
