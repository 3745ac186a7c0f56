import { quote } from '../problems/finding.ts';
import { imageVariables } from './image-kind.ts';
import type { JobUse } from './read-uses.ts';
import { type ImportedImage, translateImage } from './translate-image.ts';
import { isList, itemsOf, placeOf, type Tell, textOf, type Written } from './written.ts';

/** An image of the file that is written, with its name. */
export interface NamedImage extends ImportedImage {
  readonly name: string;
}

export interface ImageUse extends JobUse {
  readonly kind: 'build' | 'upload' | 'promote';
}

/** The images of all uses, and which of them each use is for. */
export interface CollectedImages {
  readonly images: readonly NamedImage[];
  readonly namesOf: ReadonlyMap<ImageUse, readonly string[]>;
}

interface Entry {
  image: ImportedImage;
  readonly at: Written;
}

/** Whose word on tags counts first: what sets them last. */
function rankOf({ kind, pipeline }: ImageUse): number {
  if (kind === 'promote') return 0;
  if (kind === 'upload') return pipeline.name === 'gate' ? 1 : 2;
  return pipeline.name === 'gate' ? 3 : 4;
}

/** One list of images out of what every job says again, mostly by an alias. What contradicts what was met before is told. */
export function collectImages(uses: readonly ImageUse[], project: string | null, tell: Tell): CollectedImages {
  const all: Entry[] = [];
  const entriesOfUse = new Map<ImageUse, readonly Entry[]>();
  const ordered = uses.map((use, index) => ({ use, index }));
  ordered.sort((one, other) => rankOf(one.use) - rankOf(other.use) || one.index - other.index);
  for (const { use } of ordered) entriesOfUse.set(use, entriesFor(use, all, project, tell));
  const names = nameImages(all);
  return {
    images: all.map((entry) => ({ name: names.get(entry) ?? '', ...entry.image })),
    namesOf: new Map(
      [...entriesOfUse].map(([use, entries]) => [use, [...new Set(entries.map((entry) => names.get(entry) ?? ''))]]),
    ),
  };
}

function entriesFor(use: ImageUse, all: Entry[], project: string | null, tell: Tell): readonly Entry[] {
  const taken = new Set<Entry>();
  const found: Entry[] = [];
  for (const family of imageVariables) {
    const list = use.job.vars.get(family);
    if (list === undefined) continue;
    if (!isList(list)) {
      const text = textOf(list);
      tell(list, `${family}: ${text === null ? 'no list' : quote(text.slice(0, 80))}: its images are not imported`);
      continue;
    }
    for (const at of itemsOf(list)) {
      const image = translateImage(at, { job: use.job, project, family, tell });
      const entry = image === null ? null : placeImage({ image, at }, use, all, taken, tell);
      if (entry === null) continue;
      taken.add(entry);
      found.push(entry);
    }
  }
  return found;
}

function keyOf({ tags, ...rest }: ImportedImage): string {
  return JSON.stringify(Object.entries(rest).sort(([one], [other]) => (one < other ? -1 : 1)));
}

function isSame(one: ImportedImage, other: ImportedImage): boolean {
  return keyOf(one) === keyOf(other) && [...one.tags].sort().join('\n') === [...other.tags].sort().join('\n');
}

function placeImage(fresh: Entry, use: ImageUse, all: Entry[], taken: ReadonlySet<Entry>, tell: Tell): Entry | null {
  const exact = all.find((entry) => isSame(entry.image, fresh.image));
  if (exact !== undefined) return exact;
  const near = all.find((entry) => !taken.has(entry) && keyOf(entry.image) === keyOf(fresh.image));
  if (near !== undefined) {
    addTags(near, fresh, use, all, tell);
    return near;
  }
  const { repository, tags } = fresh.image;
  const clash = all.find(
    (entry) => entry.image.repository === repository && entry.image.tags.some((tag) => tags.includes(tag)),
  );
  if (repository === undefined || clash === undefined) {
    all.push(fresh);
    return fresh;
  }
  tell(
    fresh.at,
    `this and ${placeOf(clash.at)} are both ${repository} with the same tag, and differ in ${differences(clash.image, fresh.image)}: only that one was imported; give them different tags`,
  );
  return taken.has(clash) ? null : clash;
}

function differences(one: ImportedImage, other: ImportedImage): string {
  const keys = [...new Set([...Object.keys(one), ...Object.keys(other)])] as (keyof ImportedImage)[];
  const differ = keys.filter((key) => JSON.stringify(one[key]) !== JSON.stringify(other[key]));
  return differ.map((key) => `\`${key}\``).join(', ');
}

// A git tag has only the tags that name it, a branch only the others: so both can stand in one list.
function addTags(entry: Entry, { image, at }: Entry, { kind, job }: ImageUse, all: readonly Entry[], tell: Tell): void {
  if (kind === 'build') return;
  const beside = all.filter((other) => other !== entry && other.image.repository === image.repository);
  const isFree = (tag: string) => !beside.some((other) => other.image.tags.includes(tag));
  const more = image.tags.filter((tag) => !entry.image.tags.includes(tag));
  const ofGitTags = more.filter((tag) => tag.includes('{{ tag }}') && isFree(tag));
  entry.image = { ...entry.image, tags: [...entry.image.tags, ...ofGitTags] };
  const left = more.filter((tag) => !ofGitTags.includes(tag)).map((tag) => quote(tag));
  if (left.length > 0)
    tell(
      at,
      `tags: ${left.join(', ')} of the job ${quote(job.name)}: an image has one list of tags for all jobs, that of ${placeOf(entry.at)}: not imported`,
    );
}

function plainName(text: string): string {
  const plain = text.toLowerCase().replace(/[^a-z0-9._-]+/g, '-');
  return plain.slice(0, 50).replace(/^[^a-z0-9]+|[^a-z0-9]+$/g, '');
}

/** The last part of the repository; where several share it, with target, then tag, then a number. */
function nameImages(all: readonly Entry[]): ReadonlyMap<Entry, string> {
  const names = new Map<Entry, string>();
  const used = new Set<string>();
  for (const entry of all) {
    const { repository, target, tags, context } = entry.image;
    const short = plainName((repository ?? context ?? '').split('/').at(-1) ?? '') || 'image';
    const candidates = [short, ...(target ? [plainName(`${short}-${target}`)] : []), plainName(`${short}-${tags[0]}`)];
    let name = candidates.find((each) => each !== '' && !used.has(each));
    for (let number = 2; name === undefined; number += 1)
      if (!used.has(`${short}-${number}`)) name = `${short}-${number}`;
    used.add(name);
    names.set(entry, name);
  }
  return names;
}
