import type { ConfigProblem, ProjectConfig } from '../model/config.ts';
import { placeOf } from './organisation/places.ts';
import { type ConfigContext, type ParsedProject, parseGround, resolveProject } from './parse-project-config.ts';
import { formatPath, type Path } from './problems/finding.ts';
import { pipelinesOf, schedulesOf } from './resolve/job-template.ts';
import type { JobEntry } from './resolve/read-entries.ts';
import { formatDuration } from './schema/durations.ts';
import { nodeAt } from './yaml/located.ts';

/** Where a value comes from. */
export type ValueOrigin =
  | ({ readonly kind: 'written' } & Pick<ConfigProblem, 'file' | 'line' | 'column'>)
  /** Nobody wrote it; `because`: what gives it. */
  | { readonly kind: 'default'; readonly because: string };

export interface ExplainedValue {
  /** As `jobs.unit.timeout`. */
  readonly path: string;
  /** A text, number, truth value, null, or a list of them. */
  readonly value: unknown;
  readonly from: ValueOrigin;
}

export type ConfigExplanation =
  | {
      readonly kind: 'valid';
      readonly values: readonly ExplainedValue[];
      /** Templates of the organisation below the file, lowest first. */
      readonly templates: readonly string[];
      readonly config: ProjectConfig;
    }
  | { readonly kind: 'invalid'; readonly problems: readonly ConfigProblem[] };

/** Every value that counts for a repository with its origin, in the order in which people read a file. Null: it has no file. */
export function explainConfig(content: string | null, context: ConfigContext): ConfigExplanation {
  const parsed = parseGround(content, context);
  if (parsed.kind === 'invalid') return parsed;
  const config = resolveProject(parsed, context);
  const values = leavesOf(wholeOf(parsed, config), []).map(
    ({ path, value }): ExplainedValue => ({ path: formatPath(path), value, from: originOf(parsed, config, path) }),
  );
  return { kind: 'valid', values, templates: parsed.ground.templates, config };
}

/** The file as it would be with everything written out. */
function wholeOf({ written, entries, jobs }: ParsedProject, config: ProjectConfig): unknown {
  const { gate } = config;
  const { mode, staging, executor } = gate.promotion;
  return {
    mode: written.mode,
    trust: written.trust,
    trustedApps: written.trustedApps,
    streams: written.streams,
    images: entries.images.map(({ written: image }) => image),
    jobs: Object.fromEntries(jobs.flatMap((job) => (job.written === null ? [] : [[job.name, wholeJob(job, config)]]))),
    gate: {
      queue: gate.queue,
      requires: { approvals: gate.approvals, staleReviews: gate.staleReviews },
      window: gate.window,
      landing: gate.landing,
      method: gate.method,
      scheduler: gate.scheduler.kind,
      slots: gate.scheduler.kind === 'best-first' ? gate.scheduler.slots : undefined,
      prefixes: gate.scheduler.kind === 'best-first' ? gate.scheduler.prefixes : undefined,
      lanes: gate.scheduler.kind === 'best-first' ? (gate.scheduler.lanes ?? 'off') : undefined,
      joins: gate.scheduler.kind === 'best-first' && gate.scheduler.lanes ? joinsOf(gate.scheduler) : undefined,
      batches: gate.scheduler.kind === 'best-first' ? (gate.scheduler.batches ?? false) : undefined,
      failFast: gate.failFast,
      reuse: gate.reuseMs === 0 ? 'off' : formatDuration(gate.reuseMs / 1000),
      protect: gate.protect,
      supersedes: gate.supersedesPresubmit ? ['presubmit'] : [],
    },
    promotion: { mode, staging, executor },
    version: written.version,
  };
}

function joinsOf({ joinMs }: { readonly joinMs?: number }): string {
  return joinMs === undefined ? 'off' : formatDuration(joinMs / 1000);
}

function wholeJob({ name, written }: JobEntry, { jobs }: ProjectConfig): unknown {
  const resolved = jobs.find((job) => job.name === name);
  if (written === null || resolved === undefined) return written;
  const on = schedulesOf(written).length === 0 ? pipelinesOf(written) : written.on;
  return { ...written, template: resolved.content.template, on, resources: resolved.resources };
}

interface Leaf {
  readonly path: Path;
  readonly value: unknown;
}

function isPlain(value: unknown): boolean {
  return typeof value !== 'object' || value === null;
}

/** What says nothing (an empty map or list, a value that nobody gave) is left out. */
function leavesOf(value: unknown, path: Path): readonly Leaf[] {
  if (value === undefined || value === null) return [];
  if (Array.isArray(value) && value.every(isPlain)) return value.length === 0 ? [] : [{ path, value }];
  if (Array.isArray(value)) return value.flatMap((item, index) => leavesOf(item, [...path, index]));
  if (isPlain(value)) return [{ path, value }];
  return Object.entries(value).flatMap(([key, inner]) => leavesOf(inner, [...path, key]));
}

function originOf({ ground }: ParsedProject, { gate }: ProjectConfig, path: Path): ValueOrigin {
  const node = nodeAt(ground.root, path);
  if (node !== undefined) return { kind: 'written', ...placeOf(node.offset, ground.files) };
  const [section, name] = path;
  if (section === 'promotion' && name === 'mode') return { kind: 'default', because: gate.promotion.because ?? '' };
  if (section === 'promotion' && name === 'staging') return { kind: 'default', because: 'the server' };
  if (section === 'images' && nodeAt(ground.root, ['images']) === undefined)
    return { kind: 'default', because: 'the container file at the root' };
  const isDefaultJob = section === 'jobs' && name !== undefined && nodeAt(ground.root, ['jobs', name]) === undefined;
  return { kind: 'default', because: isDefaultJob ? 'a job that images give' : 'built in' };
}
