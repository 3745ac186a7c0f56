import type { Image } from '../model/image.ts';
import type { Job } from '../model/job.ts';
import type { ChangedFiles } from '../model/matcher.ts';
import { judgePaths } from './match-paths.ts';
import { inlineCode } from './text/safe-markdown.ts';

/** Who or what asks for jobs. */
export type StartRequest =
  | { readonly kind: 'automatic' }
  | { readonly kind: 'named'; readonly names: readonly string[] }
  | { readonly kind: 'retest'; readonly optionalToo: boolean };

/** How a job stands on this head: `none` has no result and nothing running; `skipped` was decided not to apply. */
export type LastResult = 'none' | 'skipped' | 'running' | 'passed' | 'failed';

export interface SelectionFacts {
  readonly baseRef: string;
  readonly changed: ChangedFiles;
  readonly last: LastResult;
  /** Those of the pull request; left out: it is not asked of one, and labels decide nothing. */
  readonly labels?: readonly string[];
}

/** run: build it; skip: conclude it as skipped; leave: this request does not concern it. */
export interface JobDecision {
  readonly decision: 'run' | 'skip' | 'leave';
  /** The row of commands.md §1 that decided. */
  readonly row: 1 | 2 | 3 | 4 | 5 | 6;
  readonly because: string;
  /** Skipped because the pull request has none of its labels. */
  readonly lacksLabel?: true;
}

function judgeBranch(job: Job, baseRef: string): string | null {
  const { branches, skipBranches } = job.selection;
  const excluded = skipBranches.find((matcher) => matcher.matches(baseRef));
  if (excluded)
    return `the base branch ${inlineCode(baseRef)} matches ${inlineCode(excluded.source)} of its skipBranches`;
  if (branches.length === 0 || branches.some((matcher) => matcher.matches(baseRef))) return null;
  return `the base branch ${inlineCode(baseRef)} is none of ${branches.map((matcher) => inlineCode(matcher.source)).join(', ')}`;
}

function judgeRetest(job: Job, request: { optionalToo: boolean }, last: LastResult): JobDecision | null {
  if (!request.optionalToo && job.selection.optional) {
    return { decision: 'leave', row: 3, because: 'it is optional, and only required jobs were asked for' };
  }
  if (last === 'failed') return { decision: 'run', row: 3, because: 'its last result on this head was not a success' };
  if (last === 'running') return { decision: 'leave', row: 3, because: 'it is running' };
  if (last === 'passed') return { decision: 'leave', row: 3, because: 'it passed on this head' };
  if (last === 'skipped') return { decision: 'leave', row: 3, because: 'it was skipped on this head' };
  return null;
}

/** Decides like the row above it: without its label a job is started by hand. Labels are compared as the forge does. */
function judgeLabels({ name, selection }: Job, labels: readonly string[] | undefined): JobDecision | null {
  const { labels: wanted = [] } = selection;
  if (wanted.length === 0 || labels === undefined) return null;
  if (labels.some((label) => wanted.some((matcher) => matcher.matches(label.toLowerCase())))) return null;
  const names = wanted.map((matcher) => inlineCode(matcher.source)).join(', ');
  const because = `the pull request has no label ${names}: put one on, or comment \`/test ${name}\` to start it`;
  return { decision: 'skip', row: 4, because, lacksLabel: true };
}

function judgeMatcher(job: Job, changed: ChangedFiles): JobDecision {
  const own = judgePaths(job.selection, changed);
  if (own.answer === 'miss') return { decision: 'skip', row: 5, because: own.because };
  const images = imagesOf(job);
  const answers = images.map((image) => ({ image, answer: judgePaths(image, changed) }));
  if (answers.length > 0 && answers.every(({ answer }) => answer.answer === 'miss')) {
    const why = answers.map(({ image, answer }) => `${inlineCode(image.name)}: ${answer.because}`).join('; ');
    return { decision: 'skip', row: 5, because: `no image is concerned (${why})` };
  }
  const hit = own.answer === 'none' ? answers.find(({ answer }) => answer.answer !== 'none')?.answer : own;
  if (hit) return { decision: 'run', row: 5, because: hit.because };
  return { decision: 'run', row: 6, because: 'it is automatic and has no path matcher' };
}

/** Decides one job for one request; the first line of commands.md §1 that decides wins. */
export function selectJob(job: Job, request: StartRequest, facts: SelectionFacts): JobDecision {
  const branch = judgeBranch(job, facts.baseRef);
  if (branch !== null) return { decision: request.kind === 'named' ? 'leave' : 'skip', row: 1, because: branch };
  if (request.kind === 'named') {
    return request.names.includes(job.name)
      ? { decision: 'run', row: 2, because: 'asked for by name' }
      : { decision: 'leave', row: 2, because: 'another job was asked for by name' };
  }
  const again = request.kind === 'retest' ? judgeRetest(job, request, facts.last) : null;
  if (again) return again;
  if (job.selection.trigger === 'manual') {
    return { decision: 'skip', row: 4, because: `it is manual: comment \`/test ${job.name}\` to start it` };
  }
  return judgeLabels(job, facts.labels) ?? judgeMatcher(job, facts.changed);
}

/** The images that a template job is for; none for the others. */
export function imagesOf(job: Job): readonly Image[] {
  return 'images' in job.content ? job.content.images : [];
}

/**
 * The images of a job that are to be built: of one that was asked for by name all, else those whose matchers do not miss.
 * All too where none is concerned and the job is started all the same. Empty: it has none.
 */
export function selectImages(job: Job, request: StartRequest, changed: ChangedFiles): readonly Image[] {
  const images = imagesOf(job);
  if (request.kind === 'named') return images;
  const concerned = images.filter((image) => judgePaths(image, changed).answer !== 'miss');
  return concerned.length === 0 ? images : concerned;
}
