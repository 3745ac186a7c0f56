import type { TouchSet } from '../../../model/best-first.ts';
import type { Job } from '../../../model/job.ts';
import type { ChangedFiles } from '../../../model/matcher.ts';
import { imagesOf, selectImages, selectJob } from '../../select-jobs.ts';
import { gateJobsOf } from '../gate-jobs.ts';
import { whyOpen } from '../reuse/verdict-key.ts';
import { isBarrier } from './barriers.ts';
import { type JobGraph, whyRead } from './why-read.ts';

/** A touch set, with the reason where it is everything. */
export interface NamedTouches {
  readonly touches: TouchSet;
  readonly because: string;
}

const automatic = { kind: 'automatic' } as const;

/** Of a job with images, those that are built for these files, or read one of them. */
function imagesTouched(job: Job, graph: JobGraph, paths: readonly string[], runs: boolean): readonly string[] {
  const built = new Set(runs ? selectImages(job, automatic, { known: true, paths }).map(({ name }) => name) : []);
  return imagesOf(job).flatMap(({ name }) =>
    built.has(name) || whyRead(job, [name], graph, paths) !== null ? [name] : [],
  );
}

/** What of one job is concerned; `runs`: it is tested for this change. */
function partsTouched(job: Job, graph: JobGraph, paths: readonly string[], runs: boolean): readonly string[] {
  if (job.content.template === 'noop') return [];
  if (imagesOf(job).length > 0) return imagesTouched(job, graph, paths, runs).map((name) => `${job.name}:${name}`);
  return runs || whyRead(job, null, graph, paths) !== null ? [job.name] : [];
}

/**
 * What a change touches: each job of the gate, or image of one, that is tested for it or reads a file that it changes
 * (scheduling.md §5). Everything where that cannot be said, where it changes a barrier, or where a pass of what is tested for it
 * could not be carried to another tree. Wrong, it costs time alone: what lands is compared anew.
 */
export function touchesOf(graph: JobGraph, baseRef: string, changed: ChangedFiles): NamedTouches {
  const everything = (because: string): NamedTouches => ({ touches: 'everything', because });
  if (!changed.known) return everything(changed.because);
  const { paths } = changed;
  const barrier = paths.find(isBarrier);
  if (barrier !== undefined) return everything(`it changes ${barrier}, which counts as read by every job`);
  const jobs = gateJobsOf(graph);
  const tested = jobs.map((job) => ({
    job,
    runs: selectJob(job, automatic, { baseRef, changed, last: 'none' }).decision === 'run',
  }));
  const staged = new Set(tested.flatMap(({ job, runs }) => (runs ? imagesOf(job).map(({ name }) => name) : [])));
  for (const { job, runs } of tested) {
    const open = runs ? whyOpen(job, staged) : null;
    if (open !== null) return everything(open);
  }
  const touches = tested.flatMap(({ job, runs }) => partsTouched(job, graph, paths, runs));
  return { touches, because: touches.length === 0 ? 'no job reads what it changes' : touches.join(', ') };
}
