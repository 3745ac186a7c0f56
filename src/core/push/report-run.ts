import { definitionDigest } from '../../model/build.ts';
import type { CheckRunReport, CheckStatus, Conclusion } from '../../model/check-run.ts';
import type { BranchCut, PushRun, PushWords } from '../../model/push.ts';
import type { Sha } from '../../model/sha.ts';
import { type JobPlace, reportJob } from '../presubmit/report-job.ts';
import { cutText, inlineCode } from '../text/safe-markdown.ts';
import { isReleasing } from './ask-releases.ts';
import { isClosing } from './close-branches.ts';
import { isCutting } from './cut-branch.ts';
import type { RunDraft } from './draft.ts';
import type { PushedFacts, RunFacts } from './facts.ts';
import { answered } from './press-answers.ts';
import { isProposing } from './propose-next.ts';
import { entryOf } from './run-builds.ts';

/** Finds `sluice/version` on a pushed commit again. */
export function versionCheckId(subject: string, commit: Sha, request = 1): string {
  return `sluice-version-${definitionDigest([subject, commit])}/${request}`;
}

function conclusionOf(
  { jobs, releases = [], cut, proposals = [], closes = [] }: PushRun,
  { state }: PushWords,
): Conclusion {
  const kinds = [...releases, ...proposals, ...closes].map(({ ended }) => ended?.kind);
  const failed = jobs.some(({ status }) => status.kind === 'ended' && status.result !== 'success');
  if (state === 'failure' || failed || kinds.includes('failed') || cut?.ended?.kind === 'failed') return 'failure';
  if (state === 'action_required' || kinds.includes('held')) return 'action_required';
  const isMore = releases.length > 0 || cut !== undefined || [...proposals, ...closes].some(isDone);
  return state === 'skipped' && !isMore ? 'skipped' : 'success';
}

/** What stays as it was is nothing that was done. */
function isDone({ ended }: { readonly ended: { readonly kind: string } | null }): boolean {
  return ended?.kind !== 'kept';
}

/** Whether it does something by itself besides that has not ended (`version.automation`). */
export function isTending(run: PushRun): boolean {
  return isCutting(run) || isClosing(run) || isProposing(run);
}

/** What is released is found again by it after a loss: it stays open as long as that is under way. */
function stateOf(run: PushRun, words: PushWords): CheckStatus {
  const isOpen = words.state === 'building' ? run.endedAt === null : isReleasing(run) || isTending(run);
  return isOpen ? { status: 'in_progress' } : { status: 'completed', conclusion: conclusionOf(run, words) };
}

/** In one sentence: what went wrong, if anything did. */
function titleOf({ releases = [], ...run }: PushRun, { title }: PushWords): string {
  const ends = releases.flatMap(({ ended }) => ended ?? []);
  const worst = ends.find(({ kind }) => kind === 'failed') ?? ends.find(({ kind }) => kind === 'held');
  if (worst !== undefined) return worst.because;
  const closes = (run.closes ?? []).filter(isDone);
  return [title, ...wordsOfMore({ ...run, closes })].join('; ');
}

/** What is done by itself besides. */
function wordsOfMore({
  cut,
  proposals = [],
  closes = [],
}: Pick<PushRun, 'cut' | 'proposals' | 'closes'>): readonly string[] {
  const proposed = proposals.map(({ ended, version }) => ended?.because ?? `${version} is proposed`);
  const closed = closes.map(({ ended, branch }) => ended?.because ?? `the branch ${branch} is closed`);
  return [...(cut === undefined ? [] : [wordsOfCut(cut)]), ...proposed, ...closed];
}

function wordsOfCut({ branch, at, version, ended }: BranchCut): string {
  return ended?.because ?? `the branch ${branch} is created at ${at.slice(0, 12)}, where ${version} ends here`;
}

function versionReport(facts: RunFacts, run: PushRun, words: PushWords): CheckRunReport {
  const { commit, at, endedAt, shadow } = run;
  const state = stateOf(run, words);
  const isOver = state.status === 'completed';
  return {
    commit,
    name: 'sluice/version',
    externalId: versionCheckId(facts.subject, commit, run.request),
    state: isOver && shadow ? { status: 'completed', conclusion: 'neutral' } : state,
    title: titleOf(run, words).slice(0, 240),
    summary: cutText(
      [words.summary === '' ? `${words.title}.` : words.summary, ...wordsOfMore(run).map((each) => `${each}.`)].join(
        '\n\n',
      ),
    ),
    text: '',
    annotations: [],
    actions: [],
    detailsUrl: null,
    startedAt: at,
    completedAt: isOver ? (endedAt ?? at) : null,
  };
}

/**
 * Every check run of a pushed commit: one for each job, and what the push means to versions (commands.md §6). What was found
 * concluded after a loss stands there, and knows more.
 */
export function reportsOf(facts: RunFacts, run: PushRun): readonly CheckRunReport[] {
  const place: JobPlace = {
    subject: facts.subject,
    head: run.commit,
    entry: entryOf(run),
    shadow: run.shadow,
    retired: null,
  };
  // Nobody can press a button that nothing hears.
  const open = run.jobs.filter(({ readBack }) => !readBack);
  const jobs = open.map((job) => ({ ...reportJob(job, place, facts), actions: [] }));
  const reports = run.version === null ? jobs : [versionReport(facts, run, run.version), ...jobs];
  return reports.map((report) => answered(run, report));
}

/** Says all of it, but for where a person is answered in this pass: that says the same, and more. */
export function tellAll({ effects }: Pick<RunDraft, 'effects'>, reports: readonly CheckRunReport[]): void {
  const answered = new Set(effects.flatMap((effect) => (effect.kind === 'report' ? [effect.report.externalId] : [])));
  for (const report of reports) if (!answered.has(report.externalId)) effects.push({ kind: 'report', report });
}

/** All of it is built, and the ledger, from where it is promoted, does not have it yet. */
function isUnrecorded(run: PushRun): boolean {
  const { endedAt, jobs, tags, shadow } = run;
  if (endedAt !== null || shadow || isReleasing(run) || isTending(run)) return false;
  const isOver = jobs.every(({ status }) => status.kind === 'ended' || status.kind === 'skipped');
  return isOver && jobs.some(({ job }) => Object.values(tags[job] ?? {}).some((own) => own.length > 0));
}

/** It stays open until what was built is recorded: it is found again by it after a loss, and nobody is told of more than there is. */
function heldOpen(report: CheckRunReport, { reading }: Pick<PushedFacts, 'reading'>): CheckRunReport {
  if (report.state.status !== 'completed') return report;
  const why =
    reading?.ledger.kind === 'broken'
      ? `Nothing can be published from this branch for now, as its ledger cannot be trusted: ${inlineCode(reading.ledger.because)}.`
      : 'What was built is published once the ledger of the branch has it.';
  const title = `${report.title}; not published yet`.slice(0, 240);
  const summary = cutText(`${why}\n\n${report.summary}`);
  return { ...report, state: { status: 'in_progress' }, title, summary, actions: [], completedAt: null };
}

/** Says how it stands; true once the forge has the end of all of it. */
export function tellRun(
  draft: RunDraft,
  facts: RunFacts & Pick<PushedFacts, 'told' | 'reading'>,
  run: PushRun,
): boolean {
  const untold = reportsOf(facts, run).filter(({ externalId }) => !facts.told.has(externalId));
  tellAll(draft, isUnrecorded(run) ? untold.map((report) => heldOpen(report, facts)) : untold);
  return run.endedAt !== null && untold.length === 0;
}
