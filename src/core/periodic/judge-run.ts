import type { BuildResult } from '../../model/build.ts';
import type { FailedJob, GreenRun, Nightly, RedRun, RedStreak } from '../../model/periodic.ts';
import type { JobRecord } from '../../model/presubmit.ts';
import type { PushRun } from '../../model/push.ts';

const words: Readonly<Record<Exclude<BuildResult, 'success'>, string>> = {
  failure: 'failed',
  timeout: 'timed out',
  aborted: 'was stopped',
  error: 'Sluice itself failed',
};

function failedJob({ job, status, because }: JobRecord): readonly FailedJob[] {
  if (status.kind !== 'ended' || status.result === 'success') return [];
  const states = status.builds.map(({ state }) => state);
  const told = states.find((state) => state.phase === 'finished' && state.result !== 'success');
  const why = told?.phase === 'finished' ? told.because : because;
  return [{ job, result: words[status.result], because: why }];
}

/** What a run that has ended came to by its required jobs; null: none of them ran, which is no pass. */
export function judgeRun(run: PushRun, at: number): { readonly green: GreenRun } | { readonly red: RedRun } | null {
  const required = run.jobs.filter((job) => job.required);
  const failed = required.flatMap(failedJob);
  const { commit, tree } = run;
  if (failed.length > 0) return { red: { commit, at, failed } };
  const passed = required.some(({ status }) => status.kind === 'ended');
  return passed ? { green: { commit, tree, at } } : null;
}

/** The runs that failed one after the other, with one more. */
export function lengthen(red: RedStreak | null, green: GreenRun | null, last: RedRun): RedStreak {
  if (red !== null) return { ...red, last, count: red.count + 1 };
  const { commit, at } = last;
  return { first: { commit, at }, last, count: 1, before: green?.commit ?? null };
}

/** A nightly whose run has ended. */
export function withOutcome(nightly: Nightly, run: PushRun, at: number): Nightly {
  const outcome = judgeRun(run, at);
  if (outcome === null) return { ...nightly, run };
  if ('green' in outcome) {
    const { red } = nightly;
    return { ...nightly, run, green: outcome.green, red: null, ...(red === null ? {} : { recovered: red }) };
  }
  return { ...nightly, run, red: lengthen(nightly.red, nightly.green, outcome.red) };
}
