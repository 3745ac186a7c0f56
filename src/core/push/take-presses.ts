import type { JobRecord } from '../../model/presubmit.ts';
import type { PushRun } from '../../model/push.ts';
import type { Sha } from '../../model/sha.ts';
import type { PushDraft } from './draft.ts';
import type { PushedFacts, RerunPress } from './facts.ts';
import { refusalReport, withAnswer } from './press-answers.ts';
import { reportsOf } from './report-run.ts';
import { jobPressed, runAgain, whyNotJob } from './run-again.ts';

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
    const run = runs.findLast(({ commit }) => commit === said.commit);
    const job = run === undefined ? undefined : jobPressed(facts, run, said.externalId);
    const because = whyNotAgain(press, { run, job }, tip, draft.record.branch);
    const what = `@${by.login} pressed Re-run on ${said.name} of ${said.commit.slice(0, 12)}`;
    draft.reasons.push(because === null ? what : `${what}: ${because}`);
    if (because === null && run !== undefined && job !== undefined) {
      const again = runAgain(facts, run, new Set([job.job]), by.login);
      runs = runs.map((each) => (each === run ? again : each));
      continue;
    }
    const told = run && withAnswer(run, reportsOf(facts, run), press, because ?? '');
    if (run && told) runs = runs.map((each) => (each === run ? told : each));
    const own = told && reportsOf(facts, told).find(({ externalId }) => externalId === said.externalId);
    draft.effects.push({ kind: 'report', report: own ?? refusalReport(press, because ?? '') });
  }
  return runs;
}
