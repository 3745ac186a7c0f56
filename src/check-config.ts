import { existsSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { checkContainerFiles } from './check-container-files.ts';
import type { ConfigCheck } from './cli/deps.ts';
import { parseOrganisation } from './config/organisation/parse-organisation.ts';
import type { OrganisationView } from './config/organisation/put-together.ts';
import { type ConfigContext, parseProjectConfig } from './config/parse-project-config.ts';
import { readDocument } from './config/yaml/read-document.ts';
import { explainLanes } from './core/gate/lanes/explain-lanes.ts';
import { nameOfSchedule, nightliesOf } from './core/periodic/nightlies-of.ts';
import { explainPromotion } from './core/promote/explain-promotion.ts';
import { explainVersion } from './core/version/explain-version.ts';
import { readLocalOrganisation, unknownOrganisation } from './local-organisation.ts';
import type { ConfigState, ProjectConfig } from './model/config.ts';
import type { Job } from './model/job.ts';
import type { PoolSettings } from './model/order.ts';
import { organisationFile } from './model/organisation.ts';

/** Keys that are checked and not acted on in this version, with those they stand under. */
const later = ['notify'];
const depth = 3;

/** Every key of the file down to the third level, those beneath others as `version.automation`. */
function keysOf(content: Uint8Array): ReadonlySet<string> {
  const { root } = readDocument(Buffer.from(content).toString('utf8'));
  const keys = new Set<string>();
  const note = (value: unknown, above: readonly string[]): void => {
    if (typeof value !== 'object' || value === null || Array.isArray(value) || above.length === depth) return;
    for (const [key, beneath] of Object.entries(value)) {
      keys.add([...above, key].join('.'));
      note(beneath, [...above, key]);
    }
  };
  note(root?.value, []);
  return keys;
}

function describeContent({ content }: Job): string {
  if (content.template === 'run') return `runs in ${content.image}`;
  if (content.template === 'noop' || content.template === 'canary') return 'says that there is nothing to test';
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

function extendsNotes(keys: ReadonlySet<string>, isKnown: boolean): string[] {
  if (!keys.has('extends') || isKnown) return [];
  return ['extends: its templates are not looked up here; SLUICE_ORGANISATION names a clone of OWNER/.sluice'];
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

/** Of the organisation's own file: which templates there are, and whom they are for. */
function checkOrganisation(content: Uint8Array, file: string): ConfigCheck {
  const reading = parseOrganisation(Buffer.from(content).toString('utf8'), file);
  if (reading.kind === 'invalid') return { problems: reading.problems, notes: [] };
  const { defaults, templates, selectors } = reading.organisation;
  const chosen = new Set(selectors.flatMap(({ apply }) => apply));
  const notes = [...templates.keys()].map(
    (name) => `template ${name}: ${chosen.has(name) ? 'chosen by a selector' : 'only where `extends` names it'}`,
  );
  return {
    problems: [],
    notes: [...(defaults === null ? [] : ['defaults: below what every repository says']), ...notes],
  };
}

/** The organisation's folder, for a file with `extends`; without one its templates are not looked up. */
async function viewOf(organisation: string | null, folder: string): Promise<OrganisationView | null> {
  if (organisation === null) return null;
  const local = await readLocalOrganisation(organisation);
  const has = (path: string): boolean => existsSync(join(folder, path));
  const repository = { name: basename(folder), topics: [] };
  const repositoryFile = await local.repositoryFile(repository.name);
  return { kind: 'seen', organisation: local.organisation, repository, has, repositoryFile };
}

/** A file that builds on templates which are not known here may be right all the same: what seems wrong then begins with that. */
function parseUnder(content: Uint8Array, context: ConfigContext, view: OrganisationView | null): ConfigState {
  if (view !== null) return parseProjectConfig(content, { ...context, organisation: view });
  const alone = parseProjectConfig(content, context);
  return alone.kind === 'valid'
    ? alone
    : parseProjectConfig(content, { ...context, organisation: unknownOrganisation });
}

/**
 * Notes for people on a file without mistakes; a Containerfile or Dockerfile beside it counts as the repository's own.
 * `organisation`: a clone of the organisation's own repository, or null; `builder`: what the server has images built with.
 */
export async function checkConfig(
  content: Uint8Array,
  file: string,
  organisation: string | null = null,
  builder: PoolSettings['builder'] = 'kaniko',
): Promise<ConfigCheck> {
  if (basename(file) === organisationFile) return checkOrganisation(content, file);
  const folder = dirname(resolve(file));
  const containerfile = ['Containerfile', 'Dockerfile'].find((name) => existsSync(join(folder, name))) ?? null;
  const view = await viewOf(organisation, folder);
  const context = { file, repositoryName: basename(folder), containerfile };
  const state = parseUnder(content, context, view);
  if (state.kind === 'invalid') return { problems: state.problems, notes: [] };
  if (state.kind === 'unreadable') throw new Error(state.because);
  const { config } = state;
  const files = await checkContainerFiles(config, content, file, builder);
  if (files.problems.length > 0) return { problems: files.problems, notes: [] };
  const keys = keysOf(content);
  const jobs = config.jobs.length === 0 ? ['no job: nothing is built'] : config.jobs.map(describeJob);
  return {
    problems: [],
    notes: [
      ...jobs,
      ...repositoryNotes(config),
      ...nightlyNotes(config),
      ...explainLanes(config),
      ...versionNotes(config),
      ...extendsNotes(keys, view !== null),
      ...laterNotes(keys),
      ...defaultNotes(config, keys),
      ...files.notes,
    ],
  };
}
