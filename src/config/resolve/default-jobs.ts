import type { PipelineName } from '../../model/job.ts';
import { jobSchema, type WrittenJob } from '../schema/job.ts';
import { hasKnownPipelines, pipelinesOf, type TemplateName } from './job-template.ts';
import type { Entries, JobEntry } from './read-entries.ts';

interface DefaultJob {
  readonly name: string;
  readonly template: TemplateName;
  readonly on: readonly PipelineName[];
  readonly publish?: 'direct';
}

const build: DefaultJob = { name: 'build-image', template: 'build-image', on: ['presubmit'] };
const publish: DefaultJob = {
  name: 'publish',
  template: 'upload-image',
  on: ['postsubmit', 'tag', 'release'],
  publish: 'direct',
};

const gated: readonly DefaultJob[] = [
  build,
  { name: 'upload-image', template: 'upload-image', on: ['gate'] },
  { name: 'promote-image', template: 'promote-image', on: ['promote'] },
  publish,
];

/** What `images:` gives by itself, by the way images are promoted (images.md §2). */
const byMode: Readonly<Record<Entries['promotionMode'], readonly DefaultJob[]>> = {
  tag: gated,
  intermediate: gated,
  rebuild: [{ ...build, on: ['presubmit', 'gate'] }, publish],
};

/** Names that a file may take away with null. */
export const defaultJobNames: readonly string[] = [
  ...new Set(Object.values(byMode).flatMap((jobs) => jobs.map((job) => job.name))),
];

/**
 * The default jobs that a file leaves standing. One is dropped when the file has a job of its name (null too), or one of its
 * template in one of its pipelines. What pushes takes only images that have a repository, and is dropped when there are none;
 * promote-image also when nothing is uploaded in the gate.
 */
export function defaultJobs(entries: Entries): readonly JobEntry[] {
  const standing = byMode[entries.promotionMode].filter((job) => !isReplaced(job, entries.jobs));
  const uploads = [...entries.jobs, ...standing.map((job) => ({ written: toWritten(job, []) }))].some(
    ({ written }) => written?.template === 'upload-image' && pipelinesOf(written).includes('gate'),
  );
  const images = entries.images.filter((image) => image.name !== null);
  const withRepository = images.filter((image) => image.written === null || image.written.repository !== undefined);
  return standing.flatMap((job) => {
    const meant = job.template === 'build-image' ? images : withRepository;
    if (meant.length === 0 || (job.template === 'promote-image' && !uploads)) return [];
    const names = meant.map((image) => image.name ?? '');
    return [{ name: job.name, written: toWritten(job, names), isRemoved: false, damaged: new Set() }];
  });
}

function isReplaced(job: DefaultJob, written: readonly JobEntry[]): boolean {
  return written.some((entry) => {
    const other = hasKnownPipelines(entry) ? entry.written : null;
    if (entry.name === job.name) return true;
    return other?.template === job.template && pipelinesOf(other).some((pipeline) => job.on.includes(pipeline));
  });
}

function toWritten(job: DefaultJob, images: readonly string[]): WrittenJob {
  const { template, on, publish: how } = job;
  return { ...emptyJob, template, on: [...on], images: [...images], ...(how === undefined ? {} : { publish: how }) };
}

const emptyJob: WrittenJob = jobSchema.parse({});
