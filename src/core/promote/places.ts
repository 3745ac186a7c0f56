import { definitionDigest } from '../../model/build.ts';
import type { Image } from '../../model/image.ts';
import type { PromotionSettings, UploadPlace } from '../../model/promotion.ts';
import type { Sha } from '../../model/sha.ts';

const longestTag = 128;

/** A tag with its `{{ … }}` filled in; what is not known is left out of it. */
export function fillTag(template: string, values: Readonly<Record<string, string>>): string {
  return template.replace(/\{\{([^{}]*)\}\}/g, (_whole, name: string) => values[name.trim()] ?? '');
}

/** Cut so that two of different text stay different. */
function cut(text: string): string {
  if (text.length <= longestTag) return text;
  return `${text.slice(0, longestTag - 13)}-${definitionDigest(text).slice(0, 12)}`;
}

/** `change_<number>_<candidate12>_<tag>` (images.md §2): names the candidate, so that a late upload for an older one takes nothing away. */
export function changeTag(number: number, candidate: Sha, tag: string): string {
  return cut(`change_${number}_${candidate.slice(0, 12)}_${tag.replace(/[^A-Za-z0-9._-]+/g, '-')}`);
}

/** A change, 0 for a push, and the first 12 digits of its candidate. */
export interface NamedCandidate {
  readonly number: number;
  readonly candidate: string;
}

/** Names it among others. */
export function candidateKey({ number, candidate }: NamedCandidate): string {
  return `${number} ${candidate}`;
}

/** The change and candidate that a tag of ours names; null for any other tag. */
export function readChangeTag(tag: string): NamedCandidate | null {
  const found = /^change_(\d{1,10})_([0-9a-f]{12})_/.exec(tag);
  return found ? { number: Number(found[1]), candidate: found[2] ?? '' } : null;
}

/** Where images of changes wait for this final repository: below the staging place, apart for each registry host. */
export function stagedRepository(repository: string, { mode, staging }: PromotionSettings): string {
  if (mode !== 'intermediate' || staging === null) return repository;
  const [host = '', ...path] = repository.split('/');
  return [staging, host.toLowerCase().replaceAll(':', '-'), ...path].join('/');
}

/** What of an image one Build makes. */
export interface UploadedPart {
  readonly number: number;
  readonly candidate: Sha;
  readonly target: string | null;
  readonly platform: string | null;
}

/** Where the gate's uploader puts what one Build made; null for an image that has no repository. */
export function uploadPlaceOf(image: Image, settings: PromotionSettings, part: UploadedPart): UploadPlace | null {
  const { repository, tags } = image;
  if (repository === null || settings.mode === 'rebuild') return null;
  const { number, candidate, target, platform } = part;
  const tag = fillTag(tags[0] ?? 'latest', { image: image.name, target: target ?? '', sha: candidate });
  const suffix = platform === null || image.platforms.length < 2 ? '' : `-${platform}`;
  return {
    repository: stagedRepository(repository, settings),
    tag: changeTag(number, candidate, `${tag}${suffix}`),
  };
}
