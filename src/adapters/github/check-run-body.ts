import type { SourceAnnotation } from '../../model/build.ts';
import type { CheckRunReport } from '../../model/check-run.ts';
import { cutMarkdown } from './cut-markdown.ts';

/** GitHub's bounds of one request (github-limits.md a). */
const maxText = 65_535;
const maxAnnotations = 50;
/** Below the bound whatever a character counts there, up to four bytes each. */
const shortText = 16_000;

/** What is sent about one check run: the body of the first request, and outputs that only add annotations. */
export interface CheckRunRequests {
  readonly first: CheckRunBody;
  readonly more: readonly CheckRunOutput[];
}

export type CheckRunBody = ReturnType<typeof bodyOf>;
export type CheckRunOutput = ReturnType<typeof outputOf>;

/** `sent`: so many of the annotations are there already; GitHub adds to them and takes none away. */
export function requestsFor(report: CheckRunReport, sent: number): CheckRunRequests {
  const portions = inPortions(report.annotations.slice(sent));
  const [first = [], ...more] = portions;
  return { first: bodyOf(report, first, maxText), more: more.map((portion) => outputOf(report, portion, maxText)) };
}

/** For a report that was refused as it was: texts as short as is surely taken, no annotations, both said. */
export function shortenedRequests(report: CheckRunReport): CheckRunRequests {
  const count = report.annotations.length;
  const said =
    count === 0 ? '' : `${count} ${count === 1 ? 'annotation was' : 'annotations were'} not taken by GitHub.\n\n`;
  return { first: bodyOf({ ...report, summary: `${said}${report.summary}` }, [], shortText), more: [] };
}

function bodyOf(report: CheckRunReport, annotations: readonly SourceAnnotation[], maximum: number) {
  const { state } = report;
  return {
    name: report.name,
    external_id: report.externalId,
    status: state.status,
    ...(state.status === 'completed' && { conclusion: state.conclusion }),
    ...(report.detailsUrl !== null && { details_url: report.detailsUrl }),
    ...(report.startedAt !== null && { started_at: new Date(report.startedAt).toISOString() }),
    ...(state.status === 'completed' &&
      report.completedAt !== null && { completed_at: new Date(report.completedAt).toISOString() }),
    output: outputOf(report, annotations, maximum),
    actions: report.actions.slice(0, 3).map((action) => ({ ...action })),
  };
}

function outputOf(report: CheckRunReport, annotations: readonly SourceAnnotation[], maximum: number) {
  const title = report.title === '' ? report.name : report.title;
  return {
    title: [...title].slice(0, 250).join(''),
    summary: cutMarkdown(report.summary === '' ? title : report.summary, maximum),
    text: cutMarkdown(report.text, maximum),
    ...(annotations.length > 0 && { annotations: annotations.map(toRestAnnotation) }),
  };
}

function toRestAnnotation({ path, line, endLine, message }: SourceAnnotation) {
  return {
    path,
    start_line: line,
    end_line: Math.max(line, endLine),
    annotation_level: 'failure' as const,
    message: cutMarkdown(message === '' ? path : message, shortText),
  };
}

function inPortions(annotations: readonly SourceAnnotation[]): SourceAnnotation[][] {
  const count = Math.ceil(annotations.length / maxAnnotations);
  return Array.from({ length: count }, (_, index) =>
    annotations.slice(index * maxAnnotations, (index + 1) * maxAnnotations),
  );
}
