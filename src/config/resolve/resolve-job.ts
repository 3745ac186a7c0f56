import { definitionDigest } from '../../model/build.ts';
import type { Image } from '../../model/image.ts';
import type { Job, JobContent, JobSelection, KeptFiles, Resources } from '../../model/job.ts';
import type { Matcher } from '../../model/matcher.ts';
import { type PatternText, regexOf } from '../matching/compile-pattern.ts';
import { parseDuration } from '../schema/durations.ts';
import type { WrittenJob } from '../schema/job.ts';
import { normalisePath } from '../schema/paths.ts';
import { bytesOf } from '../schema/quantities.ts';
import { expandMatrix } from './expand-matrix.ts';
import {
  imageNamesOf,
  isQueuing,
  needsOf,
  pipelinesOf,
  schedulesOf,
  semaphoreOf,
  type TemplateName,
  templateOf,
  templateRules,
} from './job-template.ts';
import { toMatcher, toMatchers } from './resolve-image.ts';

/** A job that was checked before, with its defaults filled in. */
export function resolveJob(name: string, written: WrittenJob, images: readonly Image[]): Job {
  const template = templateOf(written) ?? 'noop';
  const content = contentOf(template, written, images);
  const resources = resourcesOf(template, written);
  const timeoutSeconds = parseDuration(written.timeout) ?? 3600;
  const { pool, allowPrivilegeEscalation } = written;
  const schedules = schedulesOf(written);
  const semaphore = semaphoreOf(written);
  return {
    name,
    pipelines: pipelinesOf(written),
    ...(schedules.length === 0 ? {} : { schedules }),
    selection: selectionOf(written),
    content,
    needs: needsOf(written),
    pool,
    ...(semaphore === null ? {} : { semaphore }),
    ...(isQueuing(written) ? { onNew: 'queue' as const } : {}),
    resources,
    timeoutSeconds,
    allowPrivilegeEscalation,
    ...(written.reusable ? { reusable: true as const } : {}),
    definition: definitionDigest({
      content: digestible(content),
      resources,
      timeoutSeconds,
      pool,
      allowPrivilegeEscalation,
    }),
  };
}

function contentOf(template: TemplateName, written: WrittenJob, images: readonly Image[]): JobContent {
  if (template === 'noop') return { template };
  if (template === 'run') {
    const { secrets = {} } = written;
    const given = Object.keys(secrets).length === 0 ? {} : { secrets };
    const plain = {
      template,
      image: written.image ?? '',
      command: written.run ?? '',
      env: written.env ?? {},
      ...given,
      ...keptFilesOf(written),
    };
    return written.matrix === undefined ? plain : { ...plain, cells: expandMatrix(written.matrix) };
  }
  const names = imageNamesOf(written);
  const meant = images.filter((image) => names === null || names.includes(image.name));
  return { template, images: meant, publish: written.publish ?? 'promote' };
}

function keptFilesOf({ artifacts }: WrittenJob): { readonly artifacts?: KeptFiles } {
  if (artifacts === undefined) return {};
  const { paths, repository, maxSize } = artifacts;
  return { artifacts: { paths: paths.map(normalisePath), repository, maxBytes: bytesOf(maxSize) } };
}

/** Upper and lower case do not tell labels apart; an expression is a person's own. */
function toLabelMatcher(pattern: PatternText): Matcher {
  return toMatcher(regexOf(pattern) === null ? String(pattern).toLowerCase() : pattern);
}

function selectionOf(written: WrittenJob): JobSelection {
  return {
    trigger: written.trigger,
    branches: (written.branches ?? []).map(toMatcher),
    skipBranches: (written.skipBranches ?? []).map(toMatcher),
    ...(written.labels === undefined ? {} : { labels: written.labels.map(toLabelMatcher) }),
    onlyIf: toMatchers(written.onlyIf?.paths),
    skipIf: toMatchers(written.skipIf?.only),
    optional: written.optional,
  };
}

function resourcesOf(template: TemplateName, written: WrittenJob): Resources {
  const defaults = templateRules[template].defaultResources;
  const asked = written.resources ?? {};
  return {
    cpu: String(asked.cpu ?? defaults.cpu),
    memory: String(asked.memory ?? defaults.memory),
    ephemeralStorage: String(asked.ephemeralStorage ?? defaults.ephemeralStorage),
  };
}

const imageDigests = new WeakMap<Image, string>();

// Each image once, however many jobs build it.
function digestible(content: JobContent): unknown {
  if (!('images' in content)) return content;
  return { ...content, images: content.images.map(imageDigest) };
}

// Matchers are functions; what counts is what the person wrote.
function imageDigest(image: Image): string {
  const known = imageDigests.get(image);
  if (known !== undefined) return known;
  const sources = (matchers: readonly Matcher[] | null) => matchers?.map((matcher) => matcher.source) ?? null;
  const digest = definitionDigest({ ...image, onlyIf: sources(image.onlyIf), skipIf: sources(image.skipIf) });
  imageDigests.set(image, digest);
  return digest;
}
