import type { PatternText } from '../matching/compile-pattern.ts';
import { printable, quote } from '../problems/finding.ts';
import { jobName } from '../schema/job.ts';
import { unsafeKeys } from '../yaml/locate-nodes.ts';
import type { CollectedImages, ImageUse } from './collect-images.ts';
import type { ZuulJob } from './inherit-job.ts';
import { type ImportedMode, shapeOf } from './job-shape.ts';
import type { JobUse, Trigger } from './read-uses.ts';
import { translateBranches, translatePatterns } from './translate-patterns.ts';
import { flagOf, type Tell, textOf } from './written.ts';

/** A job of the file that is written. */
export interface ImportedJob {
  readonly name: string;
  /** The one that it comes from. */
  readonly from: string;
  readonly uses: readonly JobUse[];
  readonly body: JobBody;
  readonly on: readonly Trigger[];
}

/** Its keys, but `on` and `needs`. */
export interface JobBody {
  readonly template: 'build-image' | 'upload-image' | 'promote-image' | 'noop';
  readonly publish?: 'direct';
  readonly images?: readonly string[];
  readonly branches?: readonly PatternText[];
  readonly skipBranches?: readonly PatternText[];
  readonly onlyIf?: { readonly paths: readonly PatternText[] };
  readonly skipIf?: { readonly only: readonly PatternText[] };
  readonly trigger?: 'manual';
  readonly optional?: true;
  readonly timeout?: string;
}

interface Draft {
  readonly name: string;
  readonly from: string;
  readonly uses: JobUse[];
  readonly body: JobBody;
  readonly on: Trigger[];
}

/** A job of ours for each of Zuul's and each way in which pipelines use it; the same in several pipelines is one. */
export function translateJobs(
  uses: readonly ImageUse[],
  noops: readonly JobUse[],
  collected: CollectedImages,
  mode: ImportedMode,
  tell: Tell,
): readonly ImportedJob[] {
  const drafts: Draft[] = [];
  const names = new Set<string>();
  for (const use of noops) addUse(use, { template: 'noop', ...selectionOf(use, tell) }, drafts, names, tell);
  for (const use of uses) {
    const shape = shapeOf(use, uses, mode, tell);
    if (shape === null) continue;
    const images = imagesFor(use, shape.body.template, collected, tell);
    if (images === null) continue;
    addUse(use, { ...shape.body, ...images, ...selectionOf(use, tell) }, drafts, names, tell, shape.on);
  }
  return drafts;
}

/** Which images; nothing to say where all are meant, null where none can be. */
function imagesFor(use: ImageUse, template: JobBody['template'], collected: CollectedImages, tell: Tell) {
  const pushes = template !== 'build-image';
  const byName = new Map(collected.images.map((image) => [image.name, image]));
  const named = collected.namesOf.get(use) ?? [];
  const able = named.filter((name) => !pushes || byName.get(name)?.repository !== undefined);
  if (able.length === 0) {
    tell(
      use.job.defined,
      `the job ${quote(printable(use.job.name))} has no image that could be imported for it: not imported`,
    );
    return null;
  }
  return able.length === collected.images.length ? {} : { images: able };
}

function selectionOf({ job, pipeline }: JobUse, tell: Tell): Omit<JobBody, 'template'> {
  return {
    ...branchesOf(job, tell),
    ...filesOf(job, tell),
    ...(pipeline.manual ? { trigger: 'manual' as const } : {}),
    ...votingOf(job, tell),
    ...timeoutOf(job, tell),
  };
}

function branchesOf({ attributes }: ZuulJob, tell: Tell) {
  const at = attributes.get('branches');
  const found = at === undefined ? null : translateBranches(at, tell);
  if (found === null) return {};
  return found.kind === 'these' ? { branches: found.patterns } : { skipBranches: found.patterns };
}

function filesOf({ attributes }: ZuulJob, tell: Tell) {
  const [files, irrelevant] = [attributes.get('files'), attributes.get('irrelevant-files')];
  if (files !== undefined && irrelevant !== undefined)
    tell(
      irrelevant,
      'irrelevant-files: a job has either `onlyIf` or `skipIf`, and `files` became `onlyIf`: not imported, so that it runs more often',
    );
  const at = files ?? irrelevant;
  const found = at === undefined ? null : translatePatterns(at, files ? 'files' : 'irrelevant-files', tell);
  if (found === null) return {};
  return (found.kind === 'these') === (files !== undefined)
    ? { onlyIf: { paths: found.patterns } }
    : { skipIf: { only: found.patterns } };
}

function votingOf({ attributes }: ZuulJob, tell: Tell) {
  const at = attributes.get('voting');
  const voting = flagOf(at);
  if (at !== undefined && voting === null) tell(at, 'voting: neither true nor false: the job counts');
  return voting === false ? { optional: true as const } : {};
}

const longest = 24 * 3600;

function timeoutOf({ attributes }: ZuulJob, tell: Tell) {
  const at = attributes.get('timeout');
  if (at === undefined) return {};
  const written = textOf(at) ?? '';
  const seconds = /^\d{1,9}$/.test(written) ? Number(written) : Number.NaN;
  if (Number.isNaN(seconds)) {
    tell(at, `timeout: ${quote(printable(written))} is no number of seconds: not imported`);
    return {};
  }
  const within = Math.min(Math.max(seconds, 10), longest);
  if (within !== seconds) tell(at, `timeout: ${seconds} s is not between 10 s and 24 h: ${within} s was taken`);
  return { timeout: within % 3600 === 0 ? `${within / 3600}h` : within % 60 === 0 ? `${within / 60}m` : `${within}s` };
}

function addUse(
  use: JobUse,
  body: JobBody,
  drafts: Draft[],
  names: Set<string>,
  tell: Tell,
  on: readonly Trigger[] = use.pipeline.on,
): void {
  const key = JSON.stringify(body);
  const from = use.job.name;
  const same = drafts.find((draft) => draft.from === from && JSON.stringify(draft.body) === key);
  const draft = same ?? { name: freeName(use, names, tell), from, uses: [], body, on: [] };
  if (same === undefined) drafts.push(draft);
  draft.uses.push(use);
  const known = draft.on.map((trigger) => JSON.stringify(trigger));
  draft.on.push(...on.filter((trigger) => !known.includes(JSON.stringify(trigger))));
}

/** The same name where it can be, as rules of the branch may name it. */
function freeName({ job, pipeline, at }: JobUse, names: Set<string>, tell: Tell): string {
  const plain = job.name
    .replace(/[^A-Za-z0-9._/-]+/g, '-')
    .replace(/^[^A-Za-z0-9]+/, '')
    .slice(0, 80);
  const fits = jobName.safeParse(plain).success && !unsafeKeys.has(plain) && plain !== '<<';
  const base = fits ? plain : `zuul-${plain}`.replace(/-+$/, '');
  const isFree = (name: string) => !names.has(name.toLowerCase());
  let name = [base, `${base}-${pipeline.name}`].find(isFree);
  for (let number = 2; name === undefined; number += 1) if (isFree(`${base}-${number}`)) name = `${base}-${number}`;
  names.add(name.toLowerCase());
  if (name !== job.name)
    tell(at, `the job ${quote(printable(job.name))} in ${pipeline.name} is called ${quote(name)} here`);
  return name;
}
