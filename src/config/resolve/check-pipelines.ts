import type { PipelineName } from '../../model/job.ts';
import { type Path, quote } from '../problems/finding.ts';
import type { WrittenJob } from '../schema/job.ts';
import { placeholdersOf, stagedImageOf } from '../schema/templates.ts';
import { pipelinesOf, templateOf } from './job-template.ts';
import type { Report } from './read-entries.ts';
import { reportRepeated } from './report-repeated.ts';

function keyThatDecides(job: WrittenJob): string {
  if (job.publish !== undefined) return 'publish';
  return job.template === undefined ? 'image' : 'template';
}

const publishing: readonly PipelineName[] = ['postsubmit', 'tag', 'release', 'periodic'];

/** Whether a job's template has a meaning in each pipeline that the job names (images.md §2). */
export function checkPipelines(job: WrittenJob, path: Path, report: Report): void {
  const triggers = Array.isArray(job.on) ? job.on : [];
  reportRepeated(
    triggers.filter((trigger) => typeof trigger === 'string'),
    [...path, 'on'],
    report,
  );
  if (job.labels !== undefined && !pipelinesOf(job).includes('presubmit'))
    report({
      path: [...path, 'labels'],
      at: 'key',
      message: '`labels` are those of a pull request, and the job does not run on presubmit',
      hint: 'add `presubmit` to its `on`, or remove `labels`',
    });
  for (const pipeline of pipelinesOf(job)) {
    const fault = faultIn(job, pipeline);
    if (fault !== null) report({ path: placeOf(job, pipeline, path), at: 'value', ...fault });
  }
}

function placeOf(job: WrittenJob, pipeline: PipelineName, path: Path): Path {
  if (job.on === undefined) return [...path, keyThatDecides(job)];
  const index = Array.isArray(job.on) ? job.on.indexOf(pipeline) : -1;
  return index === -1 ? [...path, 'on'] : [...path, 'on', index];
}

function faultIn(job: WrittenJob, pipeline: PipelineName): { message: string; hint: string | null } | null {
  if (pipeline === 'periodic' && !hasTime(job)) {
    return { message: 'periodic needs a time', hint: 'write `on: { cron: "H 2 * * *" }`' };
  }
  const template = templateOf(job);
  if (template === 'upload-image') return uploadFault(job, pipeline);
  if (template === 'promote-image' && pipeline !== 'promote') {
    return { message: `promote-image does not run on ${pipeline}`, hint: 'write `on: promote`' };
  }
  if (template === 'build-image' && pipeline === 'promote') {
    return { message: 'nothing is built on promote', hint: 'write `template: promote-image`' };
  }
  if (template === 'run') return commandFault(job, pipeline);
  return null;
}

function hasTime(job: WrittenJob): boolean {
  const triggers = Array.isArray(job.on) ? job.on : [job.on];
  return !triggers.includes('periodic');
}

function uploadFault(job: WrittenJob, pipeline: PipelineName): { message: string; hint: string | null } | null {
  if (pipeline === 'presubmit') return { message: 'presubmit pushes nothing', hint: 'write `template: build-image`' };
  if (pipeline === 'promote')
    return { message: 'nothing is built on promote', hint: 'write `template: promote-image`' };
  const isDirect = job.publish === 'direct';
  if (pipeline === 'gate' && isDirect) {
    return { message: 'the gate does not publish: its change has not landed', hint: 'remove `publish: direct`' };
  }
  if (publishing.includes(pipeline) && !isDirect) {
    return { message: `an upload on ${pipeline} would never be promoted`, hint: 'write `publish: direct`' };
  }
  return null;
}

// Only the gate uploads what its jobs may then try (images.md §2).
function commandFault(job: WrittenJob, pipeline: PipelineName): { message: string; hint: string | null } | null {
  if (pipeline === 'presubmit' && job.secrets !== undefined)
    return { message: 'presubmit holds no secret', hint: 'write `on: gate`, and a job of its own without `secrets`' };
  const staged = placeholdersOf(job.image ?? '').find((name) => stagedImageOf(name) !== null);
  if (staged === undefined || pipeline === 'gate') return null;
  const message = `${quote(`{{ ${staged} }}`)} is not there on ${pipeline}: only the gate uploads images before they are released`;
  return { message, hint: 'write `on: gate`' };
}
