import { type ConfigProblem, configFile } from '../../model/config.ts';
import { parseProjectConfig } from '../parse-project-config.ts';
import { printable, quote } from '../problems/finding.ts';
import { gateSchema } from '../schema/later.ts';
import { collectImages, type ImageUse } from './collect-images.ts';
import { collectNeeds } from './collect-needs.ts';
import { kindOf } from './image-kind.ts';
import { modeOf } from './job-shape.ts';
import { type JobUse, type ProjectReading, readUses } from './read-uses.ts';
import { readZuulFiles, type ZuulFile, type ZuulObjects } from './read-zuul-files.ts';
import { describeMissing, tellRest } from './tell-rest.ts';
import { translateJobs } from './translate-jobs.ts';
import { type ImportedParts, writeConfig } from './write-config.ts';
import { entriesOf, flagOf, placeOf, type Tell, type Told, textOf, type Written } from './written.ts';

/** A repository's Zuul configuration as `.sluice.yaml`. */
export interface ZuulImport {
  readonly text: string;
  /** How much there is in it. */
  readonly counts: { readonly images: number; readonly jobs: number };
  /** Everything that was not taken over as it was, in the order of the files. */
  readonly told: readonly Told[];
  /** What our own check finds wrong with the text, as more images than one file may have; mostly empty. */
  readonly problems: readonly ConfigProblem[];
}

/**
 * Translates what a repository's files say of container images into a configuration that does the same (images.md §1). `project`
 * is the `owner/name` that is meant; null: the one that the files are of. Never throws for any content.
 */
export function importZuul(files: readonly ZuulFile[], project: string | null): ZuulImport {
  const { told, tell } = listener();
  const objects = readZuulFiles(files, tell);
  const reading = readUses(objects, project, tell);
  const { images: uses, noops, missing } = sortUses(reading.uses, tell);
  tellUnused(objects, reading.uses, tell);
  const mode = modeOf(uses);
  const collected = collectImages(uses, project, tell);
  const jobs = translateJobs(uses, noops, collected, mode, tell);
  const needs = collectNeeds(jobs, tell);
  tellRest(uses, collected.images, collected.namesOf, objects, tell);
  tellStaging(mode, uses, tell);
  const sources = files.map(({ name }) => name);
  const gate = gateOf(reading, tell);
  const parts = { sources, images: collected.images, jobs, needs, mode, gate, without: [], missing };
  const counts = { images: collected.images.length, jobs: jobs.length };
  return { ...finish(parts, project), counts, told: inOrder(told, sources) };
}

function listener(): { told: Told[]; tell: Tell } {
  const told: Told[] = [];
  const known = new Set<string>();
  const tell: Tell = ({ file, offset }, message) => {
    const each = { file: file.name, line: file.lineOf(offset), message: printable(message) };
    const key = JSON.stringify(each);
    if (!known.has(key)) told.push(each);
    known.add(key);
  };
  return { told, tell };
}

function inOrder(told: readonly Told[], sources: readonly string[]): readonly Told[] {
  const rank = (each: Told) => sources.indexOf(each.file);
  return [...told].sort((one, other) => rank(one) - rank(other) || one.line - other.line);
}

/** What `images` alone would give besides is taken away: Zuul did not have it. */
function finish(parts: ImportedParts, project: string | null): Pick<ZuulImport, 'text' | 'problems'> {
  const context = { file: configFile, repositoryName: project?.split('/').at(-1) ?? 'repository' };
  const first = writeConfig(parts);
  const state = parseProjectConfig(first, context);
  if (state.kind !== 'valid') return { text: first, problems: state.kind === 'invalid' ? state.problems : [] };
  const own = new Set(parts.jobs.map(({ name }) => name));
  const added = state.config.jobs.map(({ name }) => name).filter((name) => !own.has(name));
  const needsPromotion = parts.jobs.some(
    ({ from, body }) => body.template === 'upload-image' && isSetByUs(parts, from),
  );
  const without = added.filter((name) => name !== 'promote-image' || !needsPromotion);
  const text = writeConfig({ ...parts, without });
  const again = parseProjectConfig(text, context);
  return { text, problems: again.kind === 'invalid' ? again.problems : [] };
}

/** An upload of the gate that set the final tags itself: here promote-image does. */
function isSetByUs({ jobs }: ImportedParts, from: string): boolean {
  const uses = jobs.filter((job) => job.from === from).flatMap((job) => job.uses);
  return uses.some(
    ({ job, pipeline }) =>
      pipeline.name === 'gate' &&
      ['upload_container_image_promote', 'upload_docker_image_promote'].some(
        (name) => flagOf(job.vars.get(name)) === false,
      ),
  );
}

interface SortedUses {
  readonly images: readonly ImageUse[];
  readonly noops: readonly JobUse[];
  readonly missing: readonly string[];
}

function sortUses(uses: readonly JobUse[], tell: Tell): SortedUses {
  const images: ImageUse[] = [];
  const noops: JobUse[] = [];
  const others = new Map<string, JobUse[]>();
  for (const use of uses) {
    const kind = kindOf(use.job);
    if (kind === 'build' || kind === 'upload' || kind === 'promote') images.push({ ...use, kind });
    else if (kind === 'noop') noops.push(use);
    else others.set(use.job.name, [...(others.get(use.job.name) ?? []), use]);
  }
  return { images, noops, missing: [...others.values()].flatMap((each) => describeOther(each, tell)) };
}

function describeOther(uses: readonly JobUse[], tell: Tell): readonly string[] {
  const [first] = uses;
  if (first === undefined) return [];
  const { job } = first;
  const kind = kindOf(job);
  const name = quote(printable(job.name));
  const pipelines = [...new Set(uses.map(({ pipeline }) => pipeline.name))];
  if (kind === 'registry') {
    tell(
      job.defined,
      `the job ${name} is not needed: a job of the gate runs in a staged image by \`image: "{{ images.NAME.staged }}"\``,
    );
    return [`not imported: ${job.name}, because jobs of the gate take what was staged by digest; write nothing for it`];
  }
  if (kind === 'unknown') {
    const parent = job.lineage.at(-1) ?? '';
    tell(
      job.defined,
      `the job ${name} names images, and its parent ${quote(printable(parent))}, which is not in what was read, does not say whether they are built, uploaded or promoted: not imported`,
    );
    return [
      `not imported: ${job.name} (${pipelines.join(', ')}; ${placeOf(job.defined)}), because its parent ${parent} is not known; write what it does:`,
      `  ${quote(job.name)}: { template: build-image, on: [presubmit, gate] }`,
    ];
  }
  tell(
    job.defined,
    `the job ${name} (${pipelines.join(', ')}) runs playbooks: not imported; the end of the file says what to write`,
  );
  const on = [
    ...new Set(
      uses.flatMap(({ pipeline }) =>
        pipeline.on.map((each) => (typeof each === 'string' ? each : `{ cron: "${each.cron}" }`)),
      ),
    ),
  ];
  return describeMissing(job, pipelines, on.join(', '), placeOf(job.defined));
}

/** What is defined, and neither used nor a parent of what is. */
function tellUnused({ jobs }: ZuulObjects, uses: readonly JobUse[], tell: Tell): void {
  const needed = new Set(uses.flatMap(({ job }) => job.lineage));
  for (const [name, at] of jobs) {
    const isAbstract = flagOf(entriesOf(at).get('abstract')) === true;
    if (!needed.has(name) && !isAbstract)
      tell(at, `the job ${quote(printable(name))}: no imported pipeline names it: not imported`);
  }
}

function tellStaging(mode: ReturnType<typeof modeOf>, uses: readonly ImageUse[], tell: Tell): void {
  const at = uses.map(({ job }) => job.vars.get('promote_container_image_method')).find((each) => each !== undefined);
  if (mode === 'intermediate' && at !== undefined)
    tell(
      at,
      'intermediate-registry: where images wait is not said here: write `staging: HOST/PLACE` beside `mode: intermediate`, or set SLUICE_STAGING on the server',
    );
}

const methods: Readonly<Record<string, string>> = {
  merge: 'merge',
  'merge-resolve': 'merge',
  'squash-merge': 'squash',
  rebase: 'rebase',
};

function gateOf({ queue, mergeMode, failFast }: ProjectReading, tell: Tell): ImportedParts['gate'] {
  const name = textOf(queue ?? undefined);
  const fits = name !== null && gateSchema.shape.queue.safeParse(name).success;
  if (queue !== null && !fits) tell(queue, 'queue: no name of a queue: not imported');
  const isFast = flagOf(failFast ?? undefined);
  return {
    ...(fits ? { queue: name } : {}),
    ...methodOf(mergeMode, tell),
    ...(isFast === null ? {} : { failFast: isFast }),
  };
}

function methodOf(mergeMode: Written | null, tell: Tell): Readonly<Record<string, string>> {
  if (mergeMode === null) return {};
  const mode = textOf(mergeMode) ?? '';
  const method = Object.hasOwn(methods, mode) ? methods[mode] : undefined;
  if (method !== undefined) return { method };
  tell(
    mergeMode,
    `merge-mode: there is no ${quote(printable(mode))}: write \`method: merge\`, squash or rebase in \`gate\``,
  );
  return {};
}
