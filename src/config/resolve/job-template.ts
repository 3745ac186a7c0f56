import type { PipelineName, Semaphore } from '../../model/job.ts';
import type { Schedule } from '../../model/schedule.ts';
import { parseDuration } from '../schema/durations.ts';
import type { WrittenJob } from '../schema/job.ts';

export type TemplateName = 'run' | 'build-image' | 'upload-image' | 'promote-image' | 'noop';

export interface TemplateRule {
  /** Keys that mean nothing to it. */
  readonly without: readonly (keyof WrittenJob)[];
  /** Where it runs when the job does not say. */
  readonly defaultPipelines: readonly PipelineName[];
  readonly defaultResources: { readonly cpu: string; readonly memory: string; readonly ephemeralStorage: string };
}

const small = { cpu: '1', memory: '2Gi', ephemeralStorage: '10Gi' };
// A large Dockerfile of compiled code; builders.md:78.
const large = { cpu: '2', memory: '4Gi', ephemeralStorage: '20Gi' };

export const templateRules: Readonly<Record<TemplateName, TemplateRule>> = {
  run: {
    without: ['images', 'publish', 'allowPrivilegeEscalation'],
    defaultPipelines: ['presubmit', 'gate'],
    defaultResources: small,
  },
  'build-image': {
    without: ['run', 'image', 'env', 'secrets', 'artifacts', 'publish'],
    defaultPipelines: ['presubmit'],
    defaultResources: large,
  },
  'upload-image': {
    without: ['run', 'image', 'env', 'secrets', 'artifacts'],
    defaultPipelines: ['gate'],
    defaultResources: large,
  },
  'promote-image': {
    without: ['run', 'image', 'env', 'secrets', 'artifacts', 'publish', 'allowPrivilegeEscalation', 'reusable'],
    defaultPipelines: ['promote'],
    defaultResources: small,
  },
  noop: {
    without: [
      'run',
      'image',
      'env',
      'secrets',
      'artifacts',
      'images',
      'publish',
      'allowPrivilegeEscalation',
      'resources',
      'matrix',
      'semaphore',
      'concurrency',
      'reusable',
    ],
    defaultPipelines: ['presubmit', 'gate'],
    defaultResources: small,
  },
};

/** What the job does; null where it says neither `run` nor `template`. */
export function templateOf(job: WrittenJob): TemplateName | null {
  return job.template ?? (job.run === undefined ? null : 'run');
}

/** Whether it builds, uploads or promotes images. */
export function isImageTemplate(template: TemplateName | null): boolean {
  return template === 'build-image' || template === 'upload-image' || template === 'promote-image';
}

/** Whether it needs a repository to push to. */
export function pushes(template: TemplateName | null): boolean {
  return template === 'upload-image' || template === 'promote-image';
}

/** The pipelines of a job in the order written, each once; cron means periodic. */
export function pipelinesOf(job: WrittenJob): readonly PipelineName[] {
  if (job.on === undefined) return defaultPipelines(job);
  const triggers = Array.isArray(job.on) ? job.on : [job.on];
  return [...new Set(triggers.map((trigger) => (typeof trigger === 'string' ? trigger : 'periodic')))];
}

function defaultPipelines(job: WrittenJob): readonly PipelineName[] {
  const template = templateOf(job);
  if (template === 'upload-image' && job.publish === 'direct') return ['postsubmit', 'tag', 'release'];
  return templateRules[template ?? 'noop'].defaultPipelines;
}

/** When a job runs by the clock, in the order written, each once. */
export function schedulesOf({ on }: WrittenJob): readonly Schedule[] {
  const triggers = on === undefined ? [] : Array.isArray(on) ? on : [on];
  const schedules = triggers.flatMap((trigger): Schedule[] => {
    if (typeof trigger === 'string') return [];
    const { cron, timeZone, minimumInterval, unchanged } = trigger;
    return [{ cron, timeZone, minimumSeconds: parseDuration(minimumInterval ?? '') ?? 0, unchanged }];
  });
  const byText = new Map(schedules.map((schedule) => [JSON.stringify(schedule), schedule]));
  return [...byText.values()];
}

/** What a job shares with others, as written; null: nothing. */
export function semaphoreOf({ semaphore, concurrency }: WrittenJob): Semaphore | null {
  if (semaphore === undefined) return groupOf(concurrency);
  return typeof semaphore === 'string' ? { name: semaphore, max: 1 } : semaphore;
}

function groupOf(concurrency: WrittenJob['concurrency']): Semaphore | null {
  if (typeof concurrency === 'string') return { name: concurrency, max: 1, counts: 'jobs' };
  const { group, max = 1 } = concurrency ?? {};
  return group === undefined ? null : { name: group, max, counts: 'jobs' };
}

/** Whether one that waits is built also when a newer push comes. */
export function isQueuing({ concurrency }: WrittenJob): boolean {
  return typeof concurrency === 'object' && concurrency.onNew === 'queue';
}

/** What a job waits for, as written. */
export function needsOf(job: WrittenJob): readonly { readonly job: string; readonly soft: boolean }[] {
  if (job.needs === undefined) return [];
  const needs = Array.isArray(job.needs) ? job.needs : [job.needs];
  return needs.map((need) => (typeof need === 'string' ? { job: need, soft: false } : need));
}

/** Whether nothing that decides a job's pipelines is damaged. */
export function hasKnownPipelines({ damaged }: { readonly damaged: ReadonlySet<string> }): boolean {
  return !['on', 'template', 'run', 'publish'].some((key) => damaged.has(key));
}

/** Names of the images that a job is for; null: all. */
export function imageNamesOf(job: WrittenJob): readonly string[] | null {
  if (job.images === undefined) return null;
  return Array.isArray(job.images) ? job.images : [job.images];
}
