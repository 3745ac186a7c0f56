import type { CheckRunReport } from '../../model/check-run.ts';
import type { PushRun } from '../../model/push.ts';
import { cutText, escapeMarkdown } from '../text/safe-markdown.ts';
import type { RerunPress } from './facts.ts';

function refusalLine({ by }: Pick<RerunPress, 'by'>, because: string): string {
  return `* @${escapeMarkdown(by.login)} pressed Re-run: ${escapeMarkdown(because)}.`;
}

/** Appended to what stands there: a final check run keeps its end, and whoever pressed reads why nothing came of it. */
export function refusalReport(press: Pick<RerunPress, 'by' | 'said'>, because: string): CheckRunReport {
  const { id: _id, ...plain } = press.said;
  const summary = cutText(`${plain.summary}\n\n${refusalLine(press, because)}`);
  return { ...plain, summary, annotations: [], actions: [], detailsUrl: null };
}

/** So many answers are kept on one check run: who goes on pressing reads the newest. */
const mostAnswers = 5;

/**
 * The run with an answer beneath the check run that was pressed, which is told with every report of it from now on; null: the
 * check run is none of its reports now, and `refusalReport` tells it.
 */
export function withAnswer(
  run: PushRun,
  reports: readonly CheckRunReport[],
  press: Pick<RerunPress, 'by' | 'said'>,
  because: string,
): PushRun | null {
  const { externalId } = press.said;
  if (!reports.some((report) => report.externalId === externalId)) return null;
  const line = refusalLine(press, because);
  const known = run.answers ?? [];
  const others = known.filter((answer) => answer.externalId !== externalId);
  const same = known.filter((answer) => answer.externalId === externalId && answer.line !== line);
  return { ...run, answers: [...others, ...same.slice(1 - mostAnswers), { externalId, line }] };
}

/** A report of a run with what was answered there. */
export function answered({ answers = [] }: Pick<PushRun, 'answers'>, report: CheckRunReport): CheckRunReport {
  const lines = answers.filter(({ externalId }) => externalId === report.externalId).map(({ line }) => line);
  return lines.length === 0 ? report : { ...report, summary: cutText([report.summary, lines.join('\n')].join('\n\n')) };
}
