import type { Nightly } from '../../model/periodic.ts';
import type { PushRun } from '../../model/push.ts';
import { treeKey } from '../presubmit/facts.ts';
import { treeOfRun } from '../push/begin-run.ts';
import type { RerunPress } from '../push/facts.ts';
import { refusalReport, withAnswer } from '../push/press-answers.ts';
import { reportsOf } from '../push/report-run.ts';
import { isOfRun, jobPressed, runAgain, whyNotJob } from '../push/run-again.ts';
import type { PeriodicDraft, PeriodicFacts } from './facts.ts';
import { nameOfSchedule } from './nightlies-of.ts';

/** A nightly with whether the file still names it. */
export interface Listed {
  readonly nightly: Nightly;
  readonly isGone: boolean;
}

function lastRun({ run, last }: Nightly): PushRun | undefined {
  return run ?? last;
}

function withLastRun(nightly: Nightly, run: PushRun): Nightly {
  return nightly.run === null ? { ...nightly, last: run } : { ...nightly, run };
}

function isItsOwn(facts: PeriodicFacts, { nightly }: Listed, { said }: RerunPress): boolean {
  const run = lastRun(nightly);
  return run !== undefined && run.commit === said.commit && isOfRun(facts, run, said.externalId);
}

function whyNotAgain(
  facts: PeriodicFacts,
  branch: string,
  { whyNot, said }: RerunPress,
  of: Listed | undefined,
): string | null {
  if (whyNot !== null) return whyNot;
  const run = of && lastRun(of.nightly);
  if (of === undefined || run === undefined)
    return 'what ran there is not known any more, as only the last run of a nightly is run again; the next one comes by itself';
  if (of.isGone) return `it is not in the file of ${branch} any more`;
  if (run.endedAt === null) return 'the run that it belongs to has not ended yet';
  const job = jobPressed(facts, run, said.externalId);
  return job === undefined ? 'it ran again since' : whyNotJob(job);
}

/** All of a run gets the new request, so that its check runs tell the whole of it after a loss; only these are built. */
function beginAgain(
  facts: PeriodicFacts,
  { last, ...nightly }: Nightly,
  jobs: ReadonlySet<string>,
  login: string,
): Nightly {
  const ended = nightly.run ?? last;
  if (ended === undefined) return nightly;
  const run = runAgain(facts, ended, jobs, login);
  const { request = 1 } = run;
  return { ...nightly, run: { ...run, jobs: run.jobs.map((job) => ({ ...job, request })) } };
}

/**
 * What people pressed Re-run on: jobs of a nightly's last run that did not pass are built again at its commit, wherever the
 * branch is now, and what comes of it counts as one more run; every refusal is said on the check run that was pressed.
 */
export function takeNightlyPresses(
  draft: PeriodicDraft,
  facts: PeriodicFacts,
  listed: readonly Listed[],
): readonly Listed[] {
  let told = listed;
  const again = new Map<string, { readonly jobs: Set<string>; login: string }>();
  for (const press of facts.presses) {
    const { said, by } = press;
    const of = told.find((each) => isItsOwn(facts, each, press));
    const run = of && lastRun(of.nightly);
    if (run && !facts.trees.has(treeKey(treeOfRun(run)))) draft.wants.trees.push(treeOfRun(run));
    const because = whyNotAgain(facts, draft.record.branch, press, of);
    const what = `@${by.login} pressed Re-run on ${said.name} of ${said.commit.slice(0, 12)}`;
    if (because === null && of !== undefined && run !== undefined) {
      const taken = again.get(of.nightly.key) ?? { jobs: new Set<string>(), login: by.login };
      taken.jobs.add(jobPressed(facts, run, said.externalId)?.job ?? '');
      again.set(of.nightly.key, taken);
      draft.reasons.push(`${nameOfSchedule(of.nightly.schedule)}: ${what}`);
      continue;
    }
    draft.reasons.push(`${what}: ${because}`);
    const answered = run && withAnswer(run, reportsOf(facts, run), press, because ?? '');
    if (answered)
      told = told.map((each) => (each === of ? { ...each, nightly: withLastRun(each.nightly, answered) } : each));
    const own = answered && reportsOf(facts, answered).find(({ externalId }) => externalId === said.externalId);
    draft.effects.push({ kind: 'report', report: own ?? refusalReport(press, because ?? '') });
  }
  return told.map((each) => {
    const taken = again.get(each.nightly.key);
    return taken === undefined ? each : { ...each, nightly: beginAgain(facts, each.nightly, taken.jobs, taken.login) };
  });
}
