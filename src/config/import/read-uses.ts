import { compilePattern } from '../matching/compile-pattern.ts';
import { printable, quote } from '../problems/finding.ts';
import { inheritJob, type ZuulJob } from './inherit-job.ts';
import type { ZuulObjects } from './read-zuul-files.ts';
import { entriesOf, isMapping, itemsOf, type Tell, textOf, type Written } from './written.ts';

/** When a job of ours runs. */
export type Trigger = 'presubmit' | 'gate' | 'promote' | 'postsubmit' | 'tag' | 'release' | { readonly cron: string };

/** A pipeline of Zuul as ours. */
export interface PipelineMeaning {
  readonly name: string;
  readonly on: readonly Trigger[];
  /** Only when somebody asks. */
  readonly manual: boolean;
}

/** A job in a pipeline of the project. */
export interface JobUse {
  readonly job: ZuulJob;
  readonly pipeline: PipelineMeaning;
  /** Where the pipeline names it. */
  readonly at: Written;
}

/** What the project's stanzas say besides jobs. */
export interface ProjectReading {
  readonly uses: readonly JobUse[];
  readonly queue: Written | null;
  readonly mergeMode: Written | null;
  readonly failFast: Written | null;
}

const meanings: Readonly<Record<string, readonly Trigger[]>> = {
  check: ['presubmit'],
  gate: ['gate'],
  promote: ['promote'],
  post: ['postsubmit'],
  tag: ['tag'],
  release: ['tag', 'release'],
  'pre-release': ['tag', 'release'],
  experimental: ['presubmit'],
};

/** When a pipeline runs that is defined on Zuul's own server, where nobody can look it up here; null: no telling. */
function meaningOf(name: string): PipelineMeaning | null {
  if (Object.hasOwn(meanings, name)) return { name, on: meanings[name] ?? [], manual: name === 'experimental' };
  if (!name.startsWith('periodic')) return null;
  const cron = name.includes('weekly') ? 'H 2 * * 6' : name.includes('hourly') ? 'H * * * *' : 'H 2 * * *';
  return { name, on: [{ cron }], manual: false };
}

const notPipelines = ['name', 'description', 'templates', 'vars', 'queue', 'merge-mode', 'default-branch'];

/** The uses of jobs in the stanzas of one project, templates followed. `wanted`: `owner/name`; null: all are of one project. */
export function readUses(objects: ZuulObjects, wanted: string | null, tell: Tell): ProjectReading {
  const uses: JobUse[] = [];
  let queue: Written | null = null;
  let mergeMode: Written | null = null;
  let failFast: Written | null = null;
  for (const project of projectsMeant(objects.projects, wanted, tell)) {
    const entries = entriesOf(project);
    const vars = entriesOf(entries.get('vars'));
    const templates = itemsOf(entries.get('templates')).flatMap((at) => templateOf(at, objects, tell));
    queue = entries.get('queue') ?? queue;
    mergeMode = entries.get('merge-mode') ?? mergeMode;
    for (const key of ['default-branch'] as const) {
      const at = entries.get(key);
      if (at !== undefined) tell(at, `${key}: it is the default branch on GitHub: not imported`);
    }
    for (const body of [project, ...templates])
      for (const [name, pipeline] of entriesOf(body)) {
        if (notPipelines.includes(name)) continue;
        queue = entriesOf(pipeline).get('queue') ?? queue;
        if (name === 'gate') failFast = entriesOf(pipeline).get('fail-fast') ?? failFast;
        uses.push(...usesIn(name, pipeline, vars, objects, tell));
      }
  }
  return { uses, queue, mergeMode, failFast };
}

function projectsMeant(projects: readonly Written[], wanted: string | null, tell: Tell): readonly Written[] {
  const named = projects.map((project) => ({ project, name: textOf(entriesOf(project).get('name')) }));
  const names = new Set(named.flatMap(({ name }) => (name === null ? [] : [name])));
  if (wanted === null && names.size > 1) {
    for (const { project, name } of named)
      if (name !== null)
        tell(
          project,
          `project ${quote(printable(name))}: several projects stand here; say with --project which is meant: not imported`,
        );
    return named.filter(({ name }) => name === null).map(({ project }) => project);
  }
  return named.flatMap(({ project, name }) => {
    if (name === null || wanted === null || isMeant(name, wanted)) return [project];
    tell(project, `project ${quote(printable(name))} is not ${wanted}: not imported`);
    return [];
  });
}

/** A name may have the host before it, and be an expression that begins with ^. */
function isMeant(name: string, wanted: string): boolean {
  if (!name.startsWith('^')) return name === wanted || name.endsWith(`/${wanted}`);
  const outcome = compilePattern({ regex: `(?:${name}).*` });
  return outcome.kind === 'matcher' && outcome.matcher.matches(wanted);
}

function templateOf(at: Written, { templates }: ZuulObjects, tell: Tell): readonly Written[] {
  const name = textOf(at) ?? '';
  const body = templates.get(name);
  if (body === undefined)
    tell(at, `the project-template ${quote(printable(name))} is not in what was read: its jobs are not imported`);
  return body === undefined ? [] : [body];
}

function usesIn(
  name: string,
  pipeline: Written,
  vars: ReadonlyMap<string, Written>,
  { jobs }: ZuulObjects,
  tell: Tell,
): readonly JobUse[] {
  const entries = entriesOf(pipeline);
  if (!isMapping(pipeline)) {
    tell(pipeline, `${name}: neither a pipeline nor anything that is known here: not imported`);
    return [];
  }
  for (const [key, at] of entries)
    if (key !== 'jobs' && key !== 'queue' && !(key === 'fail-fast' && name === 'gate'))
      tell(at, `${key} of the pipeline ${name}: not imported`);
  const listed = itemsOf(entries.get('jobs')).flatMap((item) => namesIn(item, tell));
  const meaning = meaningOf(name);
  if (meaning === null) {
    const names = listed.map((each) => each.name).join(', ');
    tell(
      pipeline,
      `the pipeline ${name} is defined on Zuul's server, and what it means here is not known: not imported (${printable(names)}); name them in \`on\` of jobs`,
    );
    return [];
  }
  if (name.startsWith('periodic'))
    tell(pipeline, `${name}: its time is set on Zuul's server; "${cronOf(meaning)}" was taken`);
  if (name === 'post')
    tell(
      pipeline,
      'post: Zuul runs it after every push, also after what it merged; here postsubmit is for what was pushed past the gate',
    );
  return listed.map(({ name: job, named }) => ({
    job: inheritJob(job, named, jobs, vars, tell),
    pipeline: meaning,
    at: named,
  }));
}

function cronOf({ on }: PipelineMeaning): string {
  const [first] = on;
  return typeof first === 'object' ? first.cron : '';
}

/** `- name`, or `- name: { … }`. */
function namesIn(item: Written, tell: Tell): readonly { readonly name: string; readonly named: Written }[] {
  const name = textOf(item);
  if (name !== null) return [{ name, named: item }];
  const entries = [...entriesOf(item)];
  if (entries.length === 0) tell(item, 'this names no job: not imported');
  return entries.map(([key, body]) => ({ name: key, named: body }));
}
