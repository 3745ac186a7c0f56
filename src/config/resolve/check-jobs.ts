import { listOf, type Path, quote } from '../problems/finding.ts';
import { nearestName } from '../problems/nearest-name.ts';
import type { WrittenJob } from '../schema/job.ts';
import { placeholdersOf, stagedImageOf } from '../schema/templates.ts';
import { checkMatrix } from './check-matrix.ts';
import { checkPipelines } from './check-pipelines.ts';
import { checkReusable } from './check-reusable.ts';
import { checkSemaphores } from './check-semaphores.ts';
import { defaultJobNames } from './default-jobs.ts';
import { hasKnownPipelines, imageNamesOf, isImageTemplate, pushes, templateOf, templateRules } from './job-template.ts';
import type { Entries, Report } from './read-entries.ts';
import { reportRepeated } from './report-repeated.ts';

/** What is wrong with each job of the file, and between jobs and images. */
export function checkJobs(entries: Entries, report: Report): void {
  const spellings = new Map<string, string>();
  for (const entry of entries.jobs) {
    const { name, written, isRemoved, damaged } = entry;
    checkSpelling(name, spellings, report);
    if (isRemoved) checkRemoved(name, report);
    if (written === null) continue;
    const path = ['jobs', name];
    checkSelection(written, path, report);
    checkStaged(written, path, entries, report);
    if (!damaged.has('matrix')) checkMatrix(written, path, report);
    // A mistyped key is most likely the one that seems to be missing.
    if (damaged.size === 0) checkMissing(written, path, report);
    if (!damaged.has('template')) checkMeaningless(written, path, report);
    if (hasKnownPipelines(entry)) checkPipelines(written, path, report);
    if (hasKnownPipelines(entry) && !damaged.has('template') && !damaged.has('image'))
      checkReusable(written, path, report);
    if (!damaged.has('template') && !damaged.has('images')) checkImagesOf(written, path, entries, report);
  }
  checkSemaphores(entries.jobs, report);
}

function checkSpelling(name: string, spellings: Map<string, string>, report: Report): void {
  const other = spellings.get(name.toLowerCase());
  spellings.set(name.toLowerCase(), name);
  if (other === undefined) return;
  const message = `${quote(name)} and ${quote(other)} are one check run: upper and lower case do not tell jobs apart`;
  report({ path: ['jobs', name], at: 'key', message, hint: 'give one of them another name' });
}

function checkRemoved(name: string, report: Report): void {
  if (defaultJobNames.includes(name)) return;
  const near = nearestName(name, defaultJobNames);
  const hint =
    near === null
      ? 'write what it does: `image` and `run`, or `template`'
      : `write what it does; did you mean to take away \`${near}\`?`;
  report({ path: ['jobs', name], at: 'key', message: `the job ${quote(name)} is empty`, hint });
}

function checkMissing(job: WrittenJob, path: Path, report: Report): void {
  const template = templateOf(job);
  if (template === null) {
    const message = 'the job says neither `run` nor `template`';
    report({ path, at: 'key', message, hint: 'write `image` and `run`, or `template: build-image`' });
  }
  if (template !== 'run') return;
  if (job.run === undefined) {
    report({ path, at: 'key', message: '`run` is missing', hint: 'write the command: `run: make test`' });
  }
  if (job.image === undefined) {
    const hint = 'write the image in which the command is executed: `image: docker.io/library/golang:1.24`';
    report({ path, at: 'key', message: '`run` needs `image`', hint });
  }
}

function checkMeaningless(job: WrittenJob, path: Path, report: Report): void {
  const template = templateOf(job);
  if (template === null) return;
  for (const key of templateRules[template].without) {
    const isWritten = job[key] !== undefined && job[key] !== false;
    if (!isWritten) continue;
    const hint = key === 'run' ? `remove \`${key}\`, or make it a job of its own` : `remove \`${key}\``;
    const who = template === 'run' ? 'a job with `run`' : `the template ${template}`;
    report({ path: [...path, key], at: 'key', message: `\`${key}\` means nothing to ${who}`, hint });
  }
}

function checkSelection(job: WrittenJob, path: Path, report: Report): void {
  if (job.onlyIf !== undefined && job.skipIf !== undefined) {
    report({
      path: [...path, 'skipIf'],
      at: 'key',
      message: '`onlyIf` and `skipIf` stand together',
      hint: 'keep one of them',
    });
  }
}

function checkImagesOf(job: WrittenJob, path: Path, entries: Entries, report: Report): void {
  const template = templateOf(job);
  if (!isImageTemplate(template)) return;
  if (entries.images.length === 0 && entries.allImagesNamed) {
    const message = `the template ${template ?? ''} has no image to work on`;
    report({ path: [...path, 'template'], at: 'value', message, hint: 'list what is built under `images:`' });
    return;
  }
  const names = imageNamesOf(job);
  reportRepeated(names ?? [], [...path, 'images'], report);
  for (const [index, name] of (names ?? []).entries()) {
    const at = Array.isArray(job.images) ? [...path, 'images', index] : [...path, 'images'];
    checkImageName(name, at, entries, report);
  }
  if (pushes(template)) checkRepositories(names, path, entries, report);
}

function checkImageName(name: string, path: Path, entries: Entries, report: Report): void {
  const known = entries.images.flatMap((image) => (image.name === null ? [] : [image.name]));
  if (known.includes(name) || !entries.allImagesNamed) return;
  const hint = (): string => {
    const near = nearestName(name, known);
    return near === null ? `images are ${listOf(known.slice(0, 20), 'and')}` : `did you mean \`${near}\`?`;
  };
  report({ path, at: 'value', message: `there is no image ${quote(name)}`, hint });
}

function checkRepositories(names: readonly string[] | null, path: Path, entries: Entries, report: Report): void {
  for (const { index, name, written, damaged } of entries.images) {
    if (damaged.size > 0) continue;
    if (written === null || written.repository !== undefined || name === null) continue;
    if (names !== null && !names.includes(name)) continue;
    const message = `the job ${quote(String(path[1]))} pushes the image ${quote(name)}, which has no \`repository\``;
    const hint = `write \`repository: quay.io/OWNER/${name}\``;
    report({ path: index === null ? path : ['images', index], at: index === null ? 'key' : 'value', message, hint });
  }
}

function checkStaged(job: WrittenJob, path: Path, entries: Entries, report: Report): void {
  for (const placeholder of placeholdersOf(job.image ?? '')) {
    const name = stagedImageOf(placeholder);
    if (name !== null) checkImageName(name, [...path, 'image'], entries, report);
  }
}
