import { listOf, type Path, quote } from '../problems/finding.ts';
import type { WrittenJob } from '../schema/job.ts';
import { placeholdersOf, stagedImageOf } from '../schema/templates.ts';
import { hasKnownPipelines, imageNamesOf, needsOf, pipelinesOf, templateOf } from './job-template.ts';
import type { Entries, JobEntry, Report } from './read-entries.ts';

/** Whether jobs that run in an image of this file wait for the job that uploads it; `jobs` are all, the default ones included. */
export function checkStaged(entries: Entries, jobs: readonly JobEntry[], report: Report): void {
  for (const entry of entries.jobs) {
    const { name, written, damaged } = entry;
    if (written === null || damaged.has('image') || damaged.has('needs') || !hasKnownPipelines(entry)) continue;
    const text = written.image ?? '';
    const image = placeholdersOf(text).flatMap((each) => stagedImageOf(each) ?? [])[0];
    if (image === undefined || !pipelinesOf(written).includes('gate')) continue;
    if (!entries.images.some((each) => each.name === image)) continue;
    const fault = shapeFault(text, image, entries) ?? needFault(name, written, image, jobs);
    if (fault !== null) report({ path: ['jobs', name, 'image'] satisfies Path, at: 'value', ...fault });
  }
}

type Fault = { readonly message: string; readonly hint: string };

function shapeFault(text: string, image: string, { images, promotionMode }: Entries): Fault | null {
  const whole = `{{ images.${image}.staged }}`;
  if (text.replace(/\{\{[^{}]*\}\}/, '').trim() !== '')
    return {
      message: `${quote(whole)} is a whole image already`,
      hint: `write \`image: "${whole}"\` and nothing beside it`,
    };
  if (promotionMode === 'rebuild')
    return {
      message: `${quote(whole)} is never there: with \`mode: rebuild\` the gate uploads nothing`,
      hint: 'take another `promotion.mode`, or another image',
    };
  const targets = images.find(({ name }) => name === image)?.written?.targets ?? [];
  if (targets.length < 2) return null;
  const message = `${quote(whole)} could be any of the stages ${listOf(targets, 'and')}`;
  return { message, hint: 'make the stage that is meant an image of its own, with `target`' };
}

function uploads({ written, damaged, isRemoved }: JobEntry, image: string): boolean {
  if (written === null || isRemoved || !hasKnownPipelines({ damaged })) return false;
  if (templateOf(written) !== 'upload-image' || !pipelinesOf(written).includes('gate')) return false;
  return imageNamesOf(written)?.includes(image) ?? true;
}

function needFault(name: string, job: WrittenJob, image: string, jobs: readonly JobEntry[]): Fault | null {
  if (jobs.some(({ written }) => written === null)) return null;
  const uploading = jobs.filter((entry) => uploads(entry, image)).map((entry) => entry.name);
  const [first] = uploading;
  if (first === undefined)
    return {
      message: `no job uploads the image ${quote(image)} in the gate`,
      hint: `give the image a \`repository\`, or add a job { template: upload-image, on: gate, images: [${image}] }`,
    };
  // A soft need waits as well: where the upload is skipped, the job runs in the image of a change ahead or of a landed one.
  if (needsOf(job).some((need) => uploading.includes(need.job))) return null;
  const message = `${quote(name)} runs in the image ${quote(image)} and does not wait for the job that uploads it`;
  return { message, hint: `write \`needs: [${first}]\`` };
}
