import { configFile } from '../../../src/model/config.ts';
import type { LandingMethod } from '../../../src/model/queue.ts';
import type { PushKnobs } from '../push/knobs.ts';
import { versionLines } from '../version/lines.ts';
import type { Files } from './git-model.ts';
import type { ImageKnobs } from './image-knobs.ts';
import type { BestFirstKnobs } from './knobs.ts';

/** A job as these worlds know it, from which its lines in the file are made. */
export interface WorldJob {
  readonly name: string;
  readonly pipelines: readonly ('presubmit' | 'gate' | 'postsubmit' | 'periodic' | 'release')[];
  /** Only for files below this folder; null: always. */
  readonly below: string | null;
  readonly needs: string | null;
  readonly voting: boolean;
  /** What it builds and uploads; empty: it is no job for images. */
  readonly images: readonly WorldImage[];
}

export interface WorldImage {
  readonly name: string;
  /** As the job's. */
  readonly below: string | null;
  /** The folder that is sent to its builder; left out: all. */
  readonly context?: string;
}

export interface WorldConfig {
  /** Null: the file is invalid. */
  readonly jobs: readonly WorldJob[] | null;
}

function job(name: string, more: Partial<WorldJob> = {}): WorldJob {
  return { name, pipelines: ['gate'], below: null, needs: null, voting: true, images: [], ...more };
}

const unit = job('unit');
const lint = job('lint');

/** Each reads one folder. */
const laneJobs = [
  job('left', { below: 'left' }),
  job('left-e2e', { below: 'left', needs: 'left' }),
  job('right', { below: 'right' }),
  job('docs', { below: 'docs' }),
];

/** What a change may make of its repository's configuration. */
export const gateConfigs: Readonly<Record<string, WorldConfig>> = {
  one: { jobs: [unit] },
  both: { jobs: [job('unit', { pipelines: ['presubmit', 'gate'] }), lint] },
  chain: { jobs: [unit, job('e2e', { needs: 'unit' })] },
  docs: { jobs: [unit, job('docs', { below: 'docs' })] },
  'docs only': { jobs: [job('docs', { below: 'docs' })] },
  mixed: { jobs: [unit, lint, job('bench', { voting: false })] },
  'none votes': { jobs: [job('bench', { voting: false })] },
  lanes: { jobs: laneJobs },
  'lanes more': { jobs: [...laneJobs, job('right-lint', { below: 'right' })] },
  'presubmit only': { jobs: [job('unit', { pipelines: ['presubmit'] })] },
  broken: { jobs: null },
};

/** Configurations that a repository may begin with. */
export const firstConfigs = ['one', 'both', 'chain', 'docs', 'mixed'] as const;
/** What a change may make of it. */
export const laterConfigs = [
  'one',
  'both',
  'chain',
  'docs only',
  'mixed',
  'none votes',
  'presubmit only',
  'broken',
] as const;

/** People pull from the one; images of changes wait in the other, where the mode has them wait apart. */
export const registryHosts = ['registry.test', 'staging.test'] as const;

/** Where people pull an image. */
export function placeOf(image: string): string {
  return `${registryHosts[0]}/acme/${image}`;
}

export function imagesOf({ built, sourceOnly, lanes }: ImageKnobs): readonly WorldImage[] {
  if (lanes) {
    const both = ['left', 'right'].map((side, at) => ({ name: at === 0 ? 'api' : 'web', below: side, context: side }));
    return both.slice(0, built);
  }
  const first = { name: 'api', below: built === 1 && sourceOnly ? 'src' : null };
  return built === 1 ? [first] : [first, { name: 'web', below: 'src' }];
}

/** The tags of all images, as the file has them. */
export function tagTemplates({ commitTags }: ImageKnobs): readonly string[] {
  return ['{{ branch }}', ...(commitTags ? ['{{ sha }}'] : [])];
}

/** Images that no job builds would be built by one that nobody wrote. */
function imageLines(knobs: ImageKnobs, jobs: readonly WorldJob[]): readonly string[] {
  const templates = tagTemplates(knobs);
  const tags = templates.map((tag) => `"${tag}"`);
  const versions = knobs.pushes?.versions ?? null;
  const images = imagesOf(knobs).map(({ name, below, context }) => {
    const sent = context === undefined ? '' : `, context: ${context}`;
    const only = `${sent}${below === null ? '' : `, onlyIf: { paths: ["${below}/**"] }`}`;
    return `  - { name: ${name}, repository: ${placeOf(name)}, tags: [${tags.join(', ')}]${only} }`;
  });
  const staging = knobs.mode === 'intermediate' ? `, staging: ${registryHosts[1]}/waiting` : '';
  const isBuilding = jobs.some((each) => each.images.length > 0);
  return [
    ...(isBuilding ? ['images:', ...images] : []),
    `promotion: { mode: ${knobs.mode}${staging}, executor: ${knobs.executor} }`,
    ...(versions === null ? [] : [versionLines(versions, templates)]),
  ];
}

/**
 * The job that uploads images; with mode `rebuild` another one does so once they have landed, and the same where people push.
 */
function stagesOf(knobs: ImageKnobs): readonly WorldJob[] {
  const images = imagesOf(knobs);
  const below = images.length === 1 ? (images[0]?.below ?? null) : null;
  const stage = job('stage', { images, below });
  const publish = job('publish', { pipelines: ['postsubmit'], images, below });
  if (knobs.pushes === null) return knobs.mode === 'rebuild' ? [stage, publish] : [stage];
  const after = knobs.pushes.plain ? [job('after', { pipelines: ['postsubmit'] })] : [];
  const night = knobs.pushes.nightly ? [job('night', { pipelines: ['periodic'] })] : [];
  return [stage, publish, ...after, ...night, ...releaseJobsOf(knobs.pushes, images)];
}

function releaseJobsOf({ versions }: PushKnobs, images: readonly WorldImage[]): readonly WorldJob[] {
  if (versions === null) return [];
  const proof = versions.proven ? [job('prove', { pipelines: ['release'] })] : [];
  return [job('ship', { pipelines: ['release'], images }), ...proof];
}

/** A night of these worlds is short. */
const nightlyCron = '*/10 * * * *';
/** From one start to the next (ms). */
export const nightMs = 10 * 60_000;

const golang = 'docker.io/library/golang';

function line({ name, pipelines, below, needs, voting, images }: WorldJob, reuse: boolean): string {
  const isReused = reuse && pipelines.includes('gate');
  const word = isReused ? ', reusable: true' : '';
  if (name === 'publish' || name === 'ship')
    return `  ${name}: { template: upload-image, on: [${pipelines.join(', ')}], publish: direct, timeout: 10m }`;
  if (images.length > 0)
    return `  ${name}: { template: upload-image, on: [${pipelines.join(', ')}], timeout: 10m${word} }`;
  const parts = [
    name === 'night' ? `on: { cron: "${nightlyCron}" }` : `on: [${pipelines.join(', ')}]`,
    isReused ? `image: "${golang}@sha256:${'9'.repeat(64)}"` : `image: ${golang}:1.24`,
    `run: make ${name}`,
    'timeout: 10m',
    ...(below === null ? [] : [`onlyIf: { paths: ["${below}/**"] }`]),
    ...(needs === null ? [] : [`needs: [${needs}]`]),
    ...(voting ? [] : ['optional: true']),
  ];
  return `  ${name}: { ${parts.join(', ')}${word} }`;
}

export interface GateLines {
  readonly method: LandingMethod;
  readonly window: { readonly start: number; readonly floor: number };
  readonly failFast: boolean;
  readonly images: ImageKnobs | null;
  /** So many candidates at once, best first; null: by the window. */
  readonly bestFirst: Pick<BestFirstKnobs, 'slots' | 'prefixes' | 'batches'> | null;
  /** A pass of the same tree counts again. */
  readonly reuse: boolean;
  readonly lanes: boolean;
  readonly joins: string | null;
}

const known = new Map<string, WorldConfig>();

/** Where images are built, every configuration does so that a repository may begin with. */
function withImages(name: string, images: ImageKnobs | null): WorldConfig | undefined {
  const config = gateConfigs[name];
  const isBuilding = images !== null && [...firstConfigs, 'lanes', 'lanes more'].some((each) => each === name);
  return config?.jobs && isBuilding ? { jobs: [...config.jobs, ...stagesOf(images)] } : config;
}

/** With mode `rebuild` the gate would build the Containerfile of a file that names no image, by a job that nobody wrote. */
function withoutDefaults(config: WorldConfig | undefined, images: ImageKnobs | null): readonly string[] {
  const isBuilding = config?.jobs?.some((each) => each.images.length > 0);
  return images?.mode === 'rebuild' && config?.jobs && !isBuilding ? ['  build-image: null'] : [];
}

/** The text of a configuration, with the settings that its repository has. */
export function configText(name: string, lines: GateLines): string {
  const { method, window, failFast, images, bestFirst, reuse, lanes, joins } = lines;
  const closure = lanes ? `, lanes: closure${joins === null ? '' : `, joins: ${joins}`}` : '';
  const config = withImages(name, images);
  const scheduler = bestFirst
    ? `, scheduler: best-first, slots: ${bestFirst.slots}, prefixes: ${bestFirst.prefixes}${closure}${bestFirst.batches ? ', batches: true' : ''}`
    : '';
  const settings = `gate: { requires: { approvals: 1 }, method: ${method}, window: { start: ${window.start}, floor: ${window.floor} }, failFast: ${failFast}${scheduler} }`;
  const jobs = [
    ...(config?.jobs?.map((each) => line(each, reuse)) ?? ['  unit: { nonsense: true }']),
    ...withoutDefaults(config, images),
  ];
  const built = images === null ? [] : imageLines(images, config?.jobs ?? []);
  const text = ['apiVersion: sluice/v1', 'jobs:', ...jobs, ...built, settings, ''].join('\n');
  known.set(text, config ?? { jobs: null });
  return text;
}

/** What a tree is configured with. */
export function configOf(files: Files): WorldConfig {
  const found = known.get(files[configFile] ?? '');
  if (!found) throw new Error('a configuration that nobody wrote');
  return found;
}

/** What judges a tree in the gate; with mode `rebuild`, also the job that nobody wrote, which builds its Containerfile. Null: its file is invalid. */
export function gateJobsOf(files: Files, images: ImageKnobs | null): readonly WorldJob[] | null {
  const { jobs } = configOf(files);
  if (jobs === null) return null;
  const isBuilding = images?.mode === 'rebuild' && jobs.some((each) => each.images.length > 0);
  return [...jobs, ...(isBuilding ? [job('build-image')] : [])].filter(({ pipelines }) => pipelines.includes('gate'));
}

/** Two changes together that no job says it reads both of: jobs of the right side fail on them. */
export function isHiddenRed(files: Files): boolean {
  return 'left/hidden.txt' in files && 'right/hidden.txt' in files;
}

/** What makes every job fail that reads it. */
export function isOddTool(path: string, text: string): boolean {
  return path.startsWith('left/tool-') && text.startsWith('odd ');
}

/** True when this job fails on these files: by itself, or because of two things that do not go together. */
export function failsOn(files: Files, name: string): boolean {
  if (name === 'stage' || name === 'publish' || name === 'ship') return false;
  if (name === 'bench') return 'slow.txt' in files;
  if (name === 'lint') return 'ugly.txt' in files;
  if (name === 'docs') return 'docs/broken.md' in files;
  const [side] = name.split('-');
  if (side === 'right' && isHiddenRed(files)) return true;
  if (side === 'left' && Object.entries(files).some(([path, text]) => isOddTool(path, text))) return true;
  if (side === 'left' || side === 'right')
    return `${side}/bad.txt` in files || (`${side}/one.txt` in files && `${side}/two.txt` in files);
  return 'bad.txt' in files || ('pair/one.txt' in files && 'pair/two.txt' in files);
}
