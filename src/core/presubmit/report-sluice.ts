import type { SourceAnnotation } from '../../model/build.ts';
import type { CheckAction, CheckRunReport, Conclusion } from '../../model/check-run.ts';
import { configFile } from '../../model/config.ts';
import type { ChangeRecord } from '../../model/presubmit.ts';
import type { SubjectId } from '../../model/subject.ts';
import { approvalOf } from '../may-run.ts';
import { problemLine } from '../text/problem-line.ts';
import { cutText, inlineCode, tableCell } from '../text/safe-markdown.ts';
import { approveLine } from './answer-command.ts';
import { type Draft, isJudged, setChange } from './draft.ts';
import { type PresubmitFacts, plannedTree, treeKey } from './facts.ts';
import { approvalMark, sluiceIdentity } from './read-back.ts';
import type { Standing } from './standing.ts';
import { presubmitJobs, subjectOf } from './start-jobs.ts';

interface Line {
  readonly conclusion: Conclusion;
  readonly title: string;
  readonly summary: string;
  readonly annotations: readonly SourceAnnotation[];
  readonly actions: readonly CheckAction[];
}

const approve: CheckAction = { identifier: 'approve', label: 'Approve & run', description: 'Build exactly this head' };

function actionRequired(title: string, summary: string, actions: readonly CheckAction[] = []): Line {
  return { conclusion: 'action_required', title, summary, annotations: [], actions };
}

function configLine(standing: Extract<Standing, { kind: 'config' }>): Line {
  const { problems, where } = standing.refused;
  const annotations =
    where === 'head'
      ? problems
          .filter(({ file }) => file === configFile)
          .map((problem) => ({
            path: problem.file,
            line: problem.line,
            endLine: problem.line,
            message: `${problem.message}${problem.hint === null ? '' : ` ${problem.hint}`}`,
          }))
      : [];
  const summary = `Nothing is built: ${standing.because}.\n\n${problems.map(problemLine).join('\n')}`;
  const count = problems.length === 1 ? 'one mistake' : `${problems.length} mistakes`;
  return { conclusion: 'action_required', title: `Configuration: ${count}`, summary, annotations, actions: [] };
}

function planLine(draft: Draft, facts: PresubmitFacts, standing: Extract<Standing, { kind: 'ready' }>): Line {
  const jobs = (draft.record.change?.jobs ?? []).filter(isJudged);
  if (presubmitJobs(standing).length === 0)
    return actionRequired(
      'Nothing to build is configured',
      `No presubmit job is configured here, and nothing that ran is no pass (${standing.because}). A job with \`template: noop\` says that there is nothing to test.`,
    );
  const skipped = jobs.filter((job) => job.status.kind === 'skipped').length;
  const running = jobs.length - skipped;
  const rows = jobs.map(
    (job) =>
      `| ${inlineCode(job.job)} | ${job.status.kind === 'skipped' ? 'skip' : 'run'} | ${tableCell(job.because)} |`,
  );
  const notes = standing.notes.map((note) => `\n* ${note}`).join('');
  const { tagsOfOthers = [] } = facts;
  const count = `${running} job${running === 1 ? '' : 's'} to build, ${skipped} skipped`;
  const table = `\n\n| job | decision | reason |\n|---|---|---|\n${rows.join('\n')}`;
  if (tagsOfOthers.length > 0) {
    const list = tagsOfOthers.slice(0, 10).map((words) => `\n* ${inlineCode(words)}`);
    return actionRequired(
      'Its configuration names tags of others',
      `It is built (${count}), and cannot land like this:${list.join('')}${notes}${table}`,
    );
  }
  return {
    conclusion: 'success',
    title: count,
    summary: `This head may be built: ${standing.because}.${notes}${table}`,
    annotations: [],
    actions: [],
  };
}

function lineOf(draft: Draft, facts: PresubmitFacts, standing: Standing): Line | null {
  const { pull, change, awake } = draft.record;
  if (!pull || !change) return null;
  switch (standing.kind) {
    case 'unapproved':
      return actionRequired(
        'Awaiting approval',
        `Nothing is built yet: ${standing.because}. Somebody with write permission can look at the change and then approve exactly this head, by the button or by this comment:\n\n${approveLine(change.head)}`,
        [approve],
      );
    case 'conflict':
      return actionRequired(
        `Conflicts with ${pull.baseRef}`,
        `Nothing is built: ${standing.because}.\n\n${standing.paths
          .slice(0, 100)
          .map((path) => `* ${inlineCode(path)}`)
          .join('\n')}`,
      );
    case 'config':
      return configLine(standing);
    case 'ready':
      if (change.planned) return planLine(draft, facts, standing);
      if (pull.draft)
        return actionRequired(
          'Draft',
          'Nothing is built by itself while this is a draft. `/test NAME` works, `/test ?` lists the jobs; marking it ready for review starts the automatic ones.',
        );
      return awake ? planLine(draft, facts, standing) : null;
    default:
      return null;
  }
}

function approvalText(draft: Draft): string {
  const change = draft.record.change;
  const approval = change ? approvalOf(change.head, draft.record.approvals) : null;
  if (!approval) return '';
  return `Approved by ${inlineCode(approval.by.login)} (${approval.permission}) for exactly this head.\n\n${approvalMark(approval)}`;
}

/** The external id of the last check run `sluice` of this head. Revision 0: none was written yet. */
export function sluiceReportId(subject: SubjectId, change: ChangeRecord): string {
  return `${sluiceIdentity(subject, change)}/${change.revision}`;
}

/** The mode that was decided with the head's first job; before that, the one that the configuration asks for now. */
function isShadow(facts: PresubmitFacts, change: ChangeRecord): boolean {
  const { prepared } = facts;
  if (change.jobs.some(isJudged) || prepared?.merge.kind !== 'merged') return change.shadow;
  const config = facts.trees.get(treeKey(plannedTree(prepared, prepared.merge.tree)))?.config;
  return config?.kind === 'usable' ? config.config.mode === 'shadow' : change.shadow;
}

/** The check run `sluice`: one line on what was planned, or why nothing is. Null when there is nothing new to say. */
export function reportSluice(draft: Draft, facts: PresubmitFacts, standing: Standing): CheckRunReport | null {
  const line = lineOf(draft, facts, standing);
  const change = draft.record.change;
  if (!line || !change) return null;
  const conclusion = isShadow(facts, change) ? 'neutral' : line.conclusion;
  const told = `${conclusion}\n${line.title}`;
  const next = told === change.told ? change : { ...change, told, revision: change.revision + 1 };
  if (next !== change) setChange(draft, next);
  const text = approvalText(draft);
  return {
    commit: change.head,
    name: 'sluice',
    externalId: sluiceReportId(subjectOf(draft), next),
    state: { status: 'completed', conclusion },
    title: line.title,
    summary: cutText(line.summary),
    text,
    annotations: line.annotations,
    actions: line.actions,
    detailsUrl: null,
    startedAt: null,
    completedAt: null,
  };
}
