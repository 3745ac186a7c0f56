import { externalIdFor } from '../../model/build.ts';
import type { CheckRunReport } from '../../model/check-run.ts';
import type { JobRecord } from '../../model/presubmit.ts';
import type { PushRun } from '../../model/push.ts';
import type { Sha } from '../../model/sha.ts';
import { jobAt } from '../presubmit/advance-jobs.ts';
import { cutText, escapeMarkdown } from '../text/safe-markdown.ts';
import type { PushDraft } from './draft.ts';
import type { PushedFacts, RerunPress } from './facts.ts';
import { reportsOf } from './report-run.ts';
import { entryOf } from './run-builds.ts';

function whyNotJob({ status, because }: JobRecord): string | null {
  switch (status.kind) {
    case 'skipped':
      return status.byNeeds ? `${because}: press it there` : `it was skipped: ${because}`;
    case 'blocked':
    case 'building':
      return 'it has not ended yet';
    case 'ended':
      if (status.result === 'success') return 'it passed, and nothing is built twice';
      // Decided by the files of the commit, which stay as they are.
      if (status.result === 'failure' && status.builds.length === 0) return `it would end the same: ${because}`;
      return null;
  }
}

function jobPressed(facts: PushedFacts, run: PushRun, externalId: string): JobRecord | undefined {
  const place = { subject: facts.subject, entry: entryOf(run), commit: run.commit };
  return run.jobs.find(
    ({ job, definition, request }) => externalIdFor({ ...place, job, definition, request }) === externalId,
  );
}

/** Appended to what stands there: a final check run keeps its end, and whoever pressed reads why nothing came of it. */
export function refusalReport(
  { by, said }: Pick<RerunPress, 'by' | 'said'>,
  because: string,
  own: CheckRunReport | undefined,
): CheckRunReport {
  const { id: _id, ...plain } = said;
  const report = own ?? { ...plain, annotations: [], actions: [], detailsUrl: null };
  const line = `* @${escapeMarkdown(by.login)} pressed Re-run: ${escapeMarkdown(because)}.`;
  return { ...report, summary: cutText(`${own?.summary ?? said.summary}\n\n${line}`) };
}

/** What waits for it by `needs`, however far, and was skipped for its sake. */
function withDependents(facts: PushedFacts, run: PushRun, job: string): ReadonlySet<string> {
  const again = new Set([job]);
  for (let size = 0; size !== again.size; ) {
    size = again.size;
    for (const record of run.jobs) {
      const isSkipped = record.status.kind === 'skipped' && record.status.byNeeds;
      if (isSkipped && jobAt(facts, record)?.needs.some((need) => again.has(need.job))) again.add(record.job);
    }
  }
  return again;
}

function runAgain(facts: PushedFacts, run: PushRun, pressed: string, login: string): PushRun {
  const again = withDependents(facts, run, pressed);
  const jobs = run.jobs.map((record): JobRecord => {
    if (!again.has(record.job)) return record;
    const because = `@${login} pressed Re-run`;
    return { ...record, because, request: record.request + 1, readBack: false, status: { kind: 'blocked' } };
  });
  const request = (run.request ?? 1) + (run.endedAt === null ? 0 : 1);
  return { ...run, jobs, request, endedAt: null };
}

interface Pressed {
  readonly run: PushRun | undefined;
  readonly job: JobRecord | undefined;
}

function whyNotAgain(
  { whyNot, said }: RerunPress,
  { run, job }: Pressed,
  tip: Sha | null,
  branch: string,
): string | null {
  if (whyNot !== null) return whyNot;
  if (tip === null) return 'the branch was deleted';
  if (said.commit !== tip)
    return `${branch} has moved on to ${tip.slice(0, 12)}, and what is missing of it is built there`;
  if (said.name === 'sluice/version') return 'it only tells what the push means; press it on the job that did not pass';
  if (run === undefined) return 'what was planned there is not known any more; the next push builds what is missing';
  return job === undefined ? 'it was asked for again since' : whyNotJob(job);
}

/**
 * What people pressed Re-run on (commands.md §2): a job of the push that the branch stands at is built again when it did not
 * pass, with a check run of its own; every refusal is said on the check run that was pressed.
 */
export function takePresses(draft: PushDraft, facts: PushedFacts, given: readonly PushRun[], tip: Sha | null) {
  let runs = given;
  for (const press of facts.presses) {
    const { said, by } = press;
    const run = runs.find(({ commit }) => commit === said.commit);
    const job = run === undefined ? undefined : jobPressed(facts, run, said.externalId);
    const because = whyNotAgain(press, { run, job }, tip, draft.record.branch);
    const what = `@${by.login} pressed Re-run on ${said.name} of ${said.commit.slice(0, 12)}`;
    draft.reasons.push(because === null ? what : `${what}: ${because}`);
    if (because === null && run !== undefined && job !== undefined) {
      const again = runAgain(facts, run, job.job, by.login);
      runs = runs.map((each) => (each === run ? again : each));
      continue;
    }
    const own = run && reportsOf(facts, run).find(({ externalId }) => externalId === said.externalId);
    draft.effects.push({ kind: 'report', report: refusalReport(press, because ?? '', own) });
  }
  return runs;
}
