import type { ChangedFiles } from '../../../model/matcher.ts';
import type { JobRecord } from '../../../model/presubmit.ts';
import { inlineCode } from '../../text/safe-markdown.ts';
import { type JobGraph, whyRead } from './why-read.ts';

/**
 * The rule of closure mode (scheduling.md §5 "Base moved by a disjoint landing"): why a pass on one tree is none on another, between
 * which these files differ; null: every job and image that was tested has the very same input closure in both. What jobs do, and
 * which apply, is compared by the caller.
 */
export function whyOther(
  records: readonly JobRecord[],
  graph: JobGraph,
  difference: ChangedFiles | null,
): string | null {
  if (difference === null) return 'which files differ could not be read';
  if (!difference.known) return `which files differ is not known: ${difference.because}`;
  for (const { job: name, images = null, status } of records) {
    if (status.kind === 'skipped') continue;
    const job = graph.jobs.find((each) => each.name === name);
    const because =
      job === undefined ? `${inlineCode(name)} could not be read` : whyRead(job, images, graph, difference.paths);
    if (because !== null) return because;
  }
  return null;
}
