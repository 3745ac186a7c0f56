import { configFile } from '../../../src/model/config.ts';
import type { LandingMethod } from '../../../src/model/queue.ts';
import type { Files } from './git-model.ts';

/** A job as these worlds know it, from which its lines in the file are made. */
export interface WorldJob {
  readonly name: string;
  readonly pipelines: readonly ('presubmit' | 'gate')[];
  /** Only for files below this folder; null: always. */
  readonly below: string | null;
  readonly needs: string | null;
  readonly voting: boolean;
}

export interface WorldConfig {
  /** Null: the file is invalid. */
  readonly jobs: readonly WorldJob[] | null;
}

function job(name: string, more: Partial<WorldJob> = {}): WorldJob {
  return { name, pipelines: ['gate'], below: null, needs: null, voting: true, ...more };
}

const unit = job('unit');
const lint = job('lint');

/** What a change may make of its repository's configuration. */
export const gateConfigs: Readonly<Record<string, WorldConfig>> = {
  one: { jobs: [unit] },
  both: { jobs: [job('unit', { pipelines: ['presubmit', 'gate'] }), lint] },
  chain: { jobs: [unit, job('e2e', { needs: 'unit' })] },
  docs: { jobs: [unit, job('docs', { below: 'docs' })] },
  'docs only': { jobs: [job('docs', { below: 'docs' })] },
  mixed: { jobs: [unit, lint, job('bench', { voting: false })] },
  'none votes': { jobs: [job('bench', { voting: false })] },
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

function line({ name, pipelines, below, needs, voting }: WorldJob): string {
  const parts = [
    `on: [${pipelines.join(', ')}]`,
    'image: docker.io/library/golang:1.24',
    `run: make ${name}`,
    'timeout: 10m',
    ...(below === null ? [] : [`onlyIf: { paths: ["${below}/**"] }`]),
    ...(needs === null ? [] : [`needs: [${needs}]`]),
    ...(voting ? [] : ['optional: true']),
  ];
  return `  ${name}: { ${parts.join(', ')} }`;
}

export interface GateLines {
  readonly method: LandingMethod;
  readonly window: { readonly start: number; readonly floor: number };
  readonly failFast: boolean;
}

const known = new Map<string, WorldConfig>();

/** The text of a configuration, with the settings that its repository has. */
export function configText(name: string, { method, window, failFast }: GateLines): string {
  const config = gateConfigs[name];
  const settings = `gate: { requires: { approvals: 1 }, method: ${method}, window: { start: ${window.start}, floor: ${window.floor} }, failFast: ${failFast} }`;
  const jobs = config?.jobs?.map(line) ?? ['  unit: { nonsense: true }'];
  const text = ['apiVersion: sluice/v1', 'jobs:', ...jobs, settings, ''].join('\n');
  known.set(text, config ?? { jobs: null });
  return text;
}

/** What a tree is configured with. */
export function configOf(files: Files): WorldConfig {
  const found = known.get(files[configFile] ?? '');
  if (!found) throw new Error('a configuration that nobody wrote');
  return found;
}

/** True when this job fails on these files: by itself, or because of two things that do not go together. */
export function failsOn(files: Files, name: string): boolean {
  if (name === 'bench') return 'slow.txt' in files;
  if (name === 'lint') return 'ugly.txt' in files;
  if (name === 'docs') return 'docs/broken.md' in files;
  return 'bad.txt' in files || ('pair/one.txt' in files && 'pair/two.txt' in files);
}
