import type { ProjectConfig } from '../../../model/config.ts';
import type { Image } from '../../../model/image.ts';
import type { Job } from '../../../model/job.ts';
import type { Matcher } from '../../../model/matcher.ts';
import { type JudgedImages, judgedBases } from '../../from/judge-image.ts';
import { judgePaths } from '../../match-paths.ts';
import type { TreeFacts } from '../../presubmit/facts.ts';
import { pathsToLookUp } from '../../resolve-images.ts';
import { inlineCode } from '../../text/safe-markdown.ts';
import { stagedNameOf } from '../staged-image.ts';
import { isBarrier } from './barriers.ts';

/** What one tree's configuration says of who reads what. */
export interface JobGraph {
  readonly jobs: readonly Job[];
  readonly images: readonly Image[];
  /** What was read of their container files. */
  readonly judged: JudgedImages;
}

/** Of the files of one tree, and its configuration; `images` that only jobs have are among them. */
export function jobGraphOf(
  { jobs, images }: Pick<ProjectConfig, 'jobs' | 'images'>,
  { judged = new Map() }: Pick<TreeFacts, 'judged'>,
): JobGraph {
  return { jobs, images, judged };
}

/** The last of the jobs, and of the images, that are being looked at: what leads back to them says nothing new. */
type Seen = ReadonlySet<Job | Image>;

interface Question extends JobGraph {
  readonly paths: readonly string[];
}

type Matchers = { readonly onlyIf: readonly Matcher[] | null; readonly skipIf: readonly Matcher[] | null };

function firstOf<Item>(items: readonly Item[], why: (item: Item) => string | null): string | null {
  for (const item of items) {
    const because = why(item);
    if (because !== null) return because;
  }
  return null;
}

/** By its matchers; null: they name none of the files, or it has none. */
function whyMatched(matchers: Matchers, { paths }: Question): string | null {
  const { answer, because } = judgePaths(matchers, { known: true, paths });
  return answer === 'hit' ? because : null;
}

/** What builders read beside a container file, wherever that lies. */
const ignoreFile = /\.(?:docker|container)ignore$/;

/** All that a builder is sent, and what is looked up of it elsewhere in the tree. */
function isSent(image: Image, path: string): boolean {
  const { context } = image;
  if (context === '.' || path.startsWith(`${context}/`)) return true;
  const named = pathsToLookUp(image);
  return named.includes(path) || named.includes(path.replace(ignoreFile, ''));
}

/** Values that no file of the tree decides. */
const steady: ReadonlySet<string> = new Set(['branch', 'image', 'target']);
const placeholder = /\{\{\s*([^{}\s]*)\s*\}\}/g;

/** A value in what it is built with that is read from the tree or its history, as a version is. */
function freeValueOf({ buildArgs, labels, from }: Image): string | undefined {
  const bases = from.map(({ use }) => (use.kind === 'stream' ? use.stream : use.reference));
  const texts = [...Object.values(buildArgs), ...Object.values(labels), ...bases];
  const named = texts.flatMap((text) => [...text.matchAll(placeholder)].map((found) => found[1] ?? ''));
  return named.find((name) => !steady.has(name));
}

function whyImage(image: Image, question: Question, seen: Seen): string | null {
  if (seen.has(image)) return null;
  const value = freeValueOf(image);
  if (value !== undefined)
    return `${inlineCode(image.name)} is built with \`{{ ${value} }}\`, which any file may decide`;
  const sent = question.paths.find((path) => isSent(image, path));
  if (sent !== undefined) return `${inlineCode(sent)} is sent to the builder of ${inlineCode(image.name)}`;
  const within: Seen = new Set([...seen, image]);
  const used = image.from.flatMap(({ use }) => (use.kind === 'image' ? [use.image] : []));
  return whyMatched(image, question) ?? whyImages(used, question, within) ?? whyBases(image, question, within);
}

/** Of the other images of this file that its container file names by where they are pulled from. */
function whyBases(image: Image, question: Question, seen: Seen): string | null {
  const others = question.images.filter(({ repository }) => repository !== null);
  if (others.length === 0) return null;
  const bases = judgedBases(image, question.judged);
  if (bases === null) return `which images ${inlineCode(image.name)} is built from is not known`;
  const named = others.filter(({ repository }) => bases.some((base) => isOf(base, repository ?? '')));
  return firstOf(named, (other) => whyImage(other, question, seen));
}

/** By whatever tag; a digest names content that no change of this tree becomes. */
function isOf(base: string, repository: string): boolean {
  return !base.includes('@') && (base === repository || base.startsWith(`${repository}:`));
}

function notThere(name: string): string {
  return `what ${inlineCode(name)} reads is not known`;
}

function whyImages(names: readonly string[], question: Question, seen: Seen): string | null {
  return firstOf(names, (name) => {
    const image = question.images.find((each) => each.name === name);
    return image === undefined ? notThere(name) : whyImage(image, question, seen);
  });
}

/** Of a command: what it names, or everything; it may run in an image of this file. */
function whyCommand(job: Job, question: Question, seen: Seen): string | null {
  const { onlyIf, skipIf } = job.selection;
  if (!onlyIf && !skipIf)
    return `${inlineCode(job.name)} has no \`onlyIf\` or \`skipIf\`, so that it may read any file`;
  const staged = stagedNameOf(job);
  return whyMatched(job.selection, question) ?? (staged === null ? null : whyImages([staged], question, seen));
}

/** `images`: those of a job that are built of it; null: all. */
function whyJob(job: Job, images: readonly string[] | null, question: Question, seen: Seen): string | null {
  if (seen.has(job)) return null;
  const { content } = job;
  if (content.template === 'noop') return null;
  const within: Seen = new Set([...seen, job]);
  const isMeant = ({ name }: Image): boolean => images === null || images.includes(name);
  const own =
    'images' in content
      ? (whyMatched(job.selection, question) ??
        firstOf(content.images, (each) => (isMeant(each) ? whyImage(each, question, within) : null)))
      : whyCommand(job, question, within);
  if (own !== null) return own;
  return firstOf(job.needs, ({ job: name }) => {
    const need = question.jobs.find((each) => each.name === name);
    return need === undefined ? notThere(name) : whyJob(need, null, question, within);
  });
}

/**
 * Why a job, or these images of it, may come to something else once these files are others; null: they are in its input closure
 * in no way (scheduling.md §5). That closure is what its matchers name, whole contexts and container files of its images, and the
 * closures of what it needs, of images it runs in and of images those are built from. A command without matchers may read
 * everything. No files: null.
 */
export function whyRead(
  job: Job,
  images: readonly string[] | null,
  graph: JobGraph,
  paths: readonly string[],
): string | null {
  if (paths.length === 0) return null;
  const barrier = paths.find(isBarrier);
  if (barrier !== undefined && job.content.template !== 'noop')
    return `${inlineCode(barrier)} counts as read by every job`;
  return whyJob(job, images, { ...graph, paths }, new Set());
}
