import { existsSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { checkFromRules } from './check-from-rules.ts';
import type { ConfigCheck } from './cli/deps.ts';
import { parseProjectConfig } from './config/parse-project-config.ts';
import { readDocument } from './config/yaml/read-document.ts';
import { nameOfSchedule, nightliesOf } from './core/periodic/nightlies-of.ts';
import { explainPromotion } from './core/promote/explain-promotion.ts';
import { explainVersion } from './core/version/explain-version.ts';
import type { ProjectConfig } from './model/config.ts';
import type { Job } from './model/job.ts';

/** Keys that are checked and not acted on in this version. */
const later = ['extends', 'notify'];

function keysOf(content: Uint8Array): ReadonlySet<string> {
  const { root } = readDocument(Buffer.from(content).toString('utf8'));
  const value = root?.value;
  return new Set(typeof value === 'object' && value !== null ? Object.keys(value) : []);
}

function describeContent({ content }: Job): string {
  if (content.template === 'run') return `runs in ${content.image}`;
  if (content.template === 'noop') return 'says that there is nothing to test';
  const images = content.images.map((image) => image.name).join(', ');
  const verb = { 'build-image': 'builds', 'upload-image': 'builds and pushes', 'promote-image': 'promotes' };
  return `${verb[content.template]} ${images === '' ? 'no image' : images}`;
}

function describeJob(job: Job): string {
  const { trigger, optional } = job.selection;
  const marks = [...(trigger === 'manual' ? ['manual'] : []), ...(optional ? ['optional'] : [])];
  const needs = job.needs.length === 0 ? '' : `, after ${job.needs.map((need) => need.job).join(', ')}`;
  return `job ${[job.name, ...marks].join(', ')} on ${job.pipelines.join(', ')}: ${describeContent(job)}${needs}`;
}

function versionNotes({ version }: ProjectConfig): readonly string[] {
  return version === null ? [] : explainVersion(version);
}

function laterNotes(keys: ReadonlySet<string>): string[] {
  return later.filter((key) => keys.has(key)).map((key) => `${key}: parsed, not acted on yet`);
}

function repositoryNotes({ images }: ProjectConfig): string[] {
  return images
    .filter((image) => image.repository === null)
    .map(
      (image) => `image ${image.name} names no \`repository\`: it is built on pull requests and can be pushed nowhere`,
    );
}

function nightlyNotes({ jobs }: ProjectConfig): string[] {
  // Of no repository yet: only which jobs are one nightly matters here.
  return nightliesOf({ id: 0 }, '', jobs).map(({ schedule, jobs: names }) => {
    const { minimumSeconds, unchanged } = schedule;
    const least = minimumSeconds === 0 ? [] : [`at least ${minimumSeconds / 60} minutes after the last start`];
    const skips = unchanged === 'skip' ? ['not while nothing changed since it was green'] : [];
    const when = [`by the clock, ${nameOfSchedule(schedule)}, on the default branch`, ...least, ...skips].join(', ');
    return `${when}: ${names.join(', ')}`;
  });
}

function defaultNotes(config: ProjectConfig, keys: ReadonlySet<string>): string[] {
  const promotion = explainPromotion(config);
  return [
    ...(promotion === null ? [] : [promotion]),
    ...(keys.has('images') && !keys.has('jobs') ? ['jobs: not named, so `images` alone gives the ones above'] : []),
    ...(keys.has('trust') ? [] : [`trust: ${config.trust.trust} (default)`]),
    ...(keys.has('mode') ? [] : [`mode: ${config.mode} (default)`]),
  ];
}

/** Notes for people on a file without mistakes; a Containerfile or Dockerfile beside it counts as the repository's own. */
export async function checkConfig(content: Uint8Array, file: string): Promise<ConfigCheck> {
  const folder = dirname(resolve(file));
  const containerfile = ['Containerfile', 'Dockerfile'].find((name) => existsSync(join(folder, name))) ?? null;
  const state = parseProjectConfig(content, { file, repositoryName: basename(folder), containerfile });
  if (state.kind === 'invalid') return { problems: state.problems, notes: [] };
  if (state.kind === 'unreadable') throw new Error(state.because);
  const { config } = state;
  const mistakes = await checkFromRules(config, content, file);
  if (mistakes.length > 0) return { problems: mistakes, notes: [] };
  const keys = keysOf(content);
  const jobs = config.jobs.length === 0 ? ['no job: nothing is built'] : config.jobs.map(describeJob);
  return {
    problems: [],
    notes: [
      ...jobs,
      ...repositoryNotes(config),
      ...nightlyNotes(config),
      ...versionNotes(config),
      ...laterNotes(keys),
      ...defaultNotes(config, keys),
    ],
  };
}
