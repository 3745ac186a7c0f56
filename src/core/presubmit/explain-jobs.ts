import type { Job } from '../../model/job.ts';
import { inlineCode, tableCell } from '../text/safe-markdown.ts';
import { type Draft, isJudged, jobRecordOf } from './draft.ts';
import type { Standing } from './standing.ts';
import { decideJob, presubmitJobs } from './start-jobs.ts';

type Ready = Extract<Standing, { kind: 'ready' }>;

function describe(draft: Draft, standing: Ready, job: Job): string {
  const kind = job.selection.trigger === 'manual' ? 'manual' : job.selection.optional ? 'optional' : 'required';
  const decision = decideJob(draft, job, { kind: 'automatic' }, standing);
  const all = decision.decision === 'run' ? 'yes' : `no: ${decision.because}`;
  return `| ${inlineCode(job.name)} | ${kind} | ${tableCell(all)} |`;
}

/** The answer to `/test ?`: what can be run here, and what `/test all` would start and why not the others. */
export function listJobs(draft: Draft, standing: Standing): string {
  if (standing.kind !== 'ready') return `Nothing can be started now: ${standing.because}.`;
  const jobs = presubmitJobs(standing);
  if (jobs.length === 0) return 'No presubmit job is configured here.';
  const rows = jobs.map((job) => describe(draft, standing, job));
  return `What \`/test NAME\` can start here:\n\n| job | kind | started by \`/test all\` |\n|---|---|---|\n${rows.join('\n')}`;
}

function explainJob(draft: Draft, name: string): string {
  const record = jobRecordOf(draft, name);
  if (!record || !isJudged(record)) return `${inlineCode(name)}: nothing was decided for it on this head.`;
  const { status } = record;
  if (status.kind === 'skipped') return `${inlineCode(name)} was skipped: ${record.because}.`;
  if (status.kind === 'ended' && status.builds.length === 0)
    return `${inlineCode(name)} ended with ${status.result}: ${record.because}.`;
  if (status.kind === 'ended')
    return `${inlineCode(name)} ended with ${status.result}; it was started because ${record.because}.`;
  return `${inlineCode(name)} is ${status.kind === 'blocked' ? 'waiting for the jobs it needs' : 'being built'}: ${record.because}.`;
}

/** The answer to `/why`: the reasons as they stand. */
export function explainJobs(draft: Draft, standing: Standing, name: string | null): string {
  const names = name === null ? (draft.record.change?.jobs ?? []).filter(isJudged).map((job) => job.job) : [name];
  const lines = names.map((each) => `* ${explainJob(draft, each)}`);
  const whole =
    standing.kind === 'ready'
      ? `This head may run: ${standing.because}.`
      : `Nothing is started by itself: ${standing.because}.`;
  return [whole, ...lines].join('\n');
}
