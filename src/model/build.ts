import { createHash } from 'node:crypto';
import type { ReplacedLine } from './from.ts';
import type { MatrixCell } from './job.ts';
import type { UploadPlace } from './promotion.ts';
import type { Digest, Sha } from './sha.ts';
import type { TrustClass } from './trust.ts';

declare const brand: unique symbol;

/** Names one Build, its pod and its log: derived, lower case, at most 63 characters (design.md §5). */
export type BuildId = string & { readonly [brand]: 'build' };

/** *failure* is the change's fault, *error* is ours. */
export type BuildResult = 'success' | 'failure' | 'timeout' | 'aborted' | 'error';

/** Which of a job's builds this is; no fields for a job that has only one. */
export interface BuildPoint {
  readonly image?: string;
  readonly target?: string;
  readonly platform?: string;
  /** Of a job with a matrix, which names no image. */
  readonly cell?: MatrixCell;
}

/** What a Build is derived from: the same parts give the same id on any worker. */
export interface BuildParts {
  readonly subject: string;
  /** In presubmit the base branch's name; in the gate the count of entries into the queue. */
  readonly entry: string;
  readonly commit: Sha;
  readonly job: string;
  readonly point: BuildPoint;
  /** Digest of the job's definition, from `definitionDigest`. */
  readonly definition: string;
  /** Digest of the commits of its siblings, from `siblingsDigest`; left out: it has none. */
  readonly siblings?: string;
  /**
   * The image by digest that the job's `{{ images.NAME.staged }}` was decided to stand for; left out: it names none. Apart from
   * the definition, which is the file's and by which results of a job are found again.
   */
  readonly runsIn?: string;
  /** Digest of the artifacts that it was decided to get, from `takesDigest`; left out: it gets none. */
  readonly takes?: string;
  /** Counts `/test`, `/retest` and Re-run, from 1. */
  readonly request: number;
  /** Counts our own retries, 1 to 3. */
  readonly attempt: number;
}

export type BuildPhase =
  | { readonly phase: 'wanted'; readonly since: number }
  | {
      readonly phase: 'starting';
      readonly since: number;
      /** Why it could not be started so far, markdown; left out: nobody said. */
      readonly said?: string;
    }
  | { readonly phase: 'running'; readonly since: number }
  | {
      readonly phase: 'stopping';
      readonly since: number;
      readonly startedAt: number | null;
      /** What it will have been once it has ended. */
      readonly result: 'aborted' | 'timeout' | 'error';
      readonly because: string;
    }
  | {
      readonly phase: 'finished';
      readonly result: BuildResult;
      /** One sentence for the author. */
      readonly because: string;
      readonly startedAt: number | null;
      readonly finishedAt: number;
      readonly outcome: BuildOutcome;
    };

/** What is known of a finished Build; null where it never came to be. */
export interface BuildOutcome {
  readonly image: BuiltImage | null;
  /** The last lines of the log, masked, at most 2,000 characters; empty when there was none. */
  readonly tail: string;
  readonly annotation: SourceAnnotation | null;
  /** What `from` rules changed in the container file that was built, cut to what can be shown; left out: nothing. */
  readonly replaced?: { readonly path: string; readonly lines: readonly ReplacedLine[] };
  /** What its builder did otherwise than its container file says; left out: nothing. */
  readonly notes?: readonly string[];
}

/** An image as the builder left it. */
export interface BuiltImage {
  readonly digest: Digest;
  /** Compressed bytes of config and layers. */
  readonly bytes: number;
  readonly layers: number;
  /** Where our uploader put it and read it back; left out: nothing was pushed. */
  readonly uploaded?: UploadedImage;
}

export interface UploadedImage extends UploadPlace {
  readonly mediaType: string;
  /** Of the manifest itself. */
  readonly manifestBytes: number;
}

/** A place in the repository that a person should look at. */
export interface SourceAnnotation {
  readonly path: string;
  readonly line: number;
  readonly endLine: number;
  readonly message: string;
}

/** One execution of one Job for one BuildSet. */
export interface Build {
  readonly id: BuildId;
  readonly parts: BuildParts;
  readonly trust: TrustClass;
  readonly state: BuildPhase;
  /** What its check run has to say of how it is shut in, as that was when it started, markdown; left out: nothing. */
  readonly isolation?: string;
}

function hashOf(parts: readonly (string | number)[]): string {
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex');
}

function slug(text: string, length: number): string {
  const plain = text
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '');
  return plain.slice(0, length).replace(/-+$/, '');
}

/** Same parts, same id; the job's name in it is for people, the hash is the identity. */
export function buildIdFor(parts: BuildParts): BuildId {
  const { subject, entry, commit, job, point, definition, siblings, runsIn, takes, request, attempt } = parts;
  const beside = [siblings, runsIn, takes].filter((part) => part !== undefined);
  const cell = [
    point.image ?? '',
    point.target ?? '',
    point.platform ?? '',
    ...(point.cell ? [canonical(point.cell)] : []),
  ];
  const hash = hashOf([subject, entry, commit, job, ...cell, definition, ...beside, request, attempt]).slice(0, 24);
  const words = slug(`${job}-${point.image ?? ''}`, 34);
  return `b-${words === '' ? 'job' : words}-${hash}` as BuildId;
}

/** Which of a job's builds this is, in words; empty for a job that has only one. */
export function pointWords({ image, target, platform, cell = {} }: BuildPoint): readonly string[] {
  const parts = [image, target, platform].filter((part) => part !== undefined);
  return [...parts, ...Object.entries(cell).map(([axis, value]) => `${axis}=${value}`)];
}

/** Throws on text that `buildIdFor` cannot have made. */
export function toBuildId(text: string): BuildId {
  if (!/^b-[a-z0-9-]{1,36}-[0-9a-f]{24}$/.test(text)) throw new TypeError(`not a build id: ${JSON.stringify(text)}`);
  return text as BuildId;
}

/** What a check run of one job carries as `external_id`: the identity without point, request and attempt, then `/<request>`. */
export function externalIdFor(parts: Omit<BuildParts, 'point' | 'attempt'>): string {
  const { subject, entry, commit, job, definition, request } = parts;
  return `${hashOf([subject, entry, commit, job, definition]).slice(0, 32)}/${request}`;
}

/** A digest of plain data, equal for equal content whatever the order of keys. */
export function definitionDigest(content: unknown): string {
  return createHash('sha256').update(canonical(content)).digest('hex').slice(0, 32);
}

function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`;
  if (value === null || typeof value !== 'object') return JSON.stringify(value) ?? 'null';
  const entries = Object.entries(value).filter(([, item]) => item !== undefined);
  entries.sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${entries.map(([key, item]) => `${JSON.stringify(key)}:${canonical(item)}`).join(',')}}`;
}
