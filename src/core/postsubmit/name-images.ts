import type { Image } from '../../model/image.ts';
import type { Version } from '../../model/version.ts';
import type { VersionSettings } from '../../model/version-settings.ts';
import { compareVersions } from '../version/compare-versions.ts';
import { devVersion, epochOf, nameTag, versionValues } from '../version/version-tags.ts';
import type { TaggedImage } from './planned-job.ts';

/** What tags are made of. */
export interface TagNaming {
  /** Null: each image's own. */
  readonly templates: readonly string[] | null;
  readonly values: Readonly<Record<string, string>>;
}

export type NamedImages =
  | { readonly kind: 'named'; readonly images: readonly TaggedImage[] }
  /** A tag that is none, or two images with one tag: why, for the author. */
  | { readonly kind: 'illegal'; readonly because: string };

function namesOf(template: string): readonly string[] {
  return [...template.matchAll(/\{\{([^{}]*)\}\}/g)].map((found) => (found[1] ?? '').trim());
}

function plain(branch: string): string {
  return branch.replace(/[^A-Za-z0-9._-]+/g, '-');
}

function prefixed(prefix: string, text: string): string {
  return prefix.endsWith('v') && text.startsWith('v') ? `${prefix}${text.slice(1)}` : `${prefix}${text}`;
}

/** Of a dev build at a commit, received at `at` (ms): what looks like a release is told apart (versions.md §4). */
export function nameDev(
  settings: VersionSettings,
  version: Version,
  place: { readonly sha: string; readonly branch: string },
  at: number,
): TagNaming {
  const shown = version.kind === 'symbolic' ? epochOf(at) : prefixed(settings.tagPrefix, devVersion(version));
  const values = versionValues(version, shown, place.sha);
  const effective = `${shown}-${place.sha}`;
  return {
    templates: settings.dev.tags,
    values: { ...values, 'version.effective': effective, branch: plain(place.branch) },
  };
}

/** How much of a version a moving tag names: it moves among the releases with the same. */
function isInScope(template: string, version: Version, other: Version): boolean {
  const names = namesOf(template);
  const depth = names.includes('patch') ? 3 : names.includes('minor') ? 2 : names.includes('major') ? 1 : 0;
  return version.numbers.slice(0, depth).every((number, index) => number === other.numbers[index]);
}

/** Of a release; a moving tag only where none of `released` in its scope is higher, and none for a prerelease. */
export function nameRelease(
  settings: VersionSettings,
  version: Version,
  place: { readonly sha: string; readonly branch: string },
  released: readonly Version[],
): TagNaming {
  const highest = (template: string): boolean =>
    released.every((other) => !isInScope(template, version, other) || compareVersions(other, version) <= 0);
  const moving = version.kind === 'final' ? settings.release.moving.filter(highest) : [];
  const values = versionValues(version, prefixed(settings.tagPrefix, version.raw), place.sha);
  return { templates: [...settings.release.tags, ...moving], values: { ...values, branch: plain(place.branch) } };
}

/** Of a commit of a branch of a project without versions: each image's own tags. */
export function nameCommit(place: { readonly sha: string; readonly branch: string }): TagNaming {
  return { templates: null, values: { sha: place.sha, branch: plain(place.branch) } };
}

/** Of a git tag of a project without versions: tags of the image that name it, else the tag itself. */
export function nameGitTag(tag: string, sha: string): TagNaming {
  return { templates: null, values: { sha, tag } };
}

/** What cannot be known here is left out; of a git tag only what names it counts, as the rest is the branch's. */
function templatesOf({ tags }: Image, { templates, values }: TagNaming): readonly string[] {
  if (templates !== null) return templates;
  const known = new Set([...Object.keys(values), 'image', 'target']);
  const usable = tags.filter((tag) => namesOf(tag).every((name) => known.has(name)));
  if (!known.has('tag')) return usable;
  const own = usable.filter((tag) => namesOf(tag).includes('tag'));
  return own.length === 0 ? ['{{ tag }}'] : own;
}

/** Every image with its tags, or why that cannot be: told before anything is built. */
export function nameImages(images: readonly Image[], naming: TagNaming): NamedImages {
  const named: TaggedImage[] = [];
  const owners = new Map<string, string>();
  for (const image of images) {
    const byTarget = new Map<string, string[]>();
    const templates = templatesOf(image, naming);
    if (templates.length === 0)
      return { kind: 'illegal', because: `none of the tags of image \`${image.name}\` can be named here` };
    for (const target of image.targets.length > 0 ? image.targets : [''])
      for (const template of templates) {
        const found = nameTag(template, { ...naming.values, image: image.name, target });
        if (found.kind === 'illegal') return { kind: 'illegal', because: `image \`${image.name}\`: ${found.because}` };
        const key = `${image.repository ?? image.name}:${found.tag}`;
        const owner = owners.get(key);
        const own = target === '' ? image.name : `${image.name} (${target})`;
        if (owner !== undefined && owner !== own)
          return { kind: 'illegal', because: `${owner} and ${own} would both be ${key}: tell them apart in the tags` };
        owners.set(key, own);
        const known = byTarget.get(target) ?? [];
        if (!known.includes(found.tag)) byTarget.set(target, [...known, found.tag]);
      }
    const tags = [...new Set([...byTarget.values()].flat())];
    const isWhole = image.targets.length === 0;
    named.push({ name: image.name, tags, ...(isWhole ? {} : { byTarget: Object.fromEntries(byTarget) }) });
  }
  return { kind: 'named', images: named };
}
