import type { Image } from '../model/image.ts';
import type { ResolvedImage } from '../model/order.ts';
import type { Remark } from './builders/judge-features.ts';
import { goModsOf, type JudgedImages, judgedFeatures, judgedParts } from './from/judge-image.ts';
import { inlineCode } from './text/safe-markdown.ts';

/** What a path of the tree is, as far as an image's files are concerned. */
export type PathKind =
  | { readonly kind: 'file' | 'folder' | 'submodule' | 'missing' }
  | { readonly kind: 'symlink'; readonly target: string };

export type ResolveResult =
  | { readonly kind: 'resolved'; readonly images: readonly ResolvedImage[] }
  | { readonly kind: 'refused'; readonly because: string };

/** Joins repository paths; null when the result lies outside the repository. */
export function joinPath(folder: string, path: string): string | null {
  const parts: string[] = [];
  for (const part of `${path.startsWith('/') ? '' : folder}/${path}`.split('/')) {
    if (part === '' || part === '.') continue;
    if (part !== '..') parts.push(part);
    else if (parts.pop() === undefined) return null;
  }
  return parts.join('/') || '.';
}

function candidatesOf(image: Image): string[] {
  const found: string[] = [];
  for (const name of image.containerFilename) {
    const inContext = joinPath(image.context, name);
    if (inContext) found.push(inContext);
    // "A path elsewhere in the repository": tried from the root after the context (images.md §1).
    const fromRoot = name.includes('/') ? joinPath('.', name) : null;
    if (fromRoot && fromRoot !== inContext) found.push(fromRoot);
  }
  return found;
}

/** Every path whose kind must be known before `resolveImage` can answer. */
export function pathsToLookUp(image: Image): readonly string[] {
  return [...(image.context === '.' ? [] : [image.context]), ...candidatesOf(image), ...goModsOf(image)];
}

function judgeContext(image: Image, kinds: ReadonlyMap<string, PathKind>): string | null {
  if (image.context === '.') return null;
  const kind = kinds.get(image.context) ?? { kind: 'missing' as const };
  if (kind.kind === 'folder') return null;
  if (kind.kind === 'missing')
    return `the context ${inlineCode(image.context)} of image ${inlineCode(image.name)} is not in the repository`;
  if (kind.kind !== 'symlink')
    return `the context ${inlineCode(image.context)} of image ${inlineCode(image.name)} is a ${kind.kind}, not a folder`;
  return `the context ${inlineCode(image.context)} of image ${inlineCode(image.name)} is a symbolic link to ${inlineCode(kind.target)}: name the folder itself`;
}

function judgeLink(image: Image, path: string, target: string): string {
  const folder = path.includes('/') ? path.slice(0, path.lastIndexOf('/')) : '.';
  const inside = target.startsWith('/') ? null : joinPath(folder, target);
  if (inside === null)
    return `${inlineCode(path)} of image ${inlineCode(image.name)} is a symbolic link that leaves the repository (${inlineCode(target)})`;
  return `${inlineCode(path)} of image ${inlineCode(image.name)} is a symbolic link: write \`containerFilename: ${inside}\``;
}

/** The container file that is taken: the first candidate that is anything at all. */
export function containerFileIn(image: Image, kinds: ReadonlyMap<string, PathKind>): string | null {
  return candidatesOf(image).find((path) => (kinds.get(path)?.kind ?? 'missing') !== 'missing') ?? null;
}

/** What is told of one file: more than a few lines of the same kind are no news. */
const mostRemarks = 5;

function remarkOn(path: string, { line, because }: Remark): string {
  return `line ${line} of ${inlineCode(path)}: ${because}`;
}

function remarksOn(path: string, remarks: readonly Remark[]): string {
  const [first] = remarks;
  if (first === undefined) return '';
  const others = [...new Set(remarks.slice(1).map(({ line }) => line))].slice(0, mostRemarks);
  return `${remarkOn(path, first)}${others.length === 0 ? '' : `; the same kind of thing in line ${others.join(', ')}`}`;
}

/**
 * Finds an image's container file, spreads targets and platforms into one entry for each Build (images.md §1), and says what its `from`
 * rules make of the file.
 */
export function resolveImage(
  image: Image,
  kinds: ReadonlyMap<string, PathKind>,
  judged: JudgedImages = new Map(),
): ResolveResult {
  const context = judgeContext(image, kinds);
  if (context) return { kind: 'refused', because: context };
  const candidates = candidatesOf(image);
  if (candidates.length === 0) {
    return {
      kind: 'refused',
      because: `the container file ${image.containerFilename.map(inlineCode).join(', ')} of image ${inlineCode(image.name)} lies outside the repository`,
    };
  }
  const found = containerFileIn(image, kinds);
  if (found === null) {
    return {
      kind: 'refused',
      because: `image ${inlineCode(image.name)} has no container file: none of ${candidates.map(inlineCode).join(', ')} exists`,
    };
  }
  const kind = kinds.get(found);
  if (kind?.kind === 'symlink') return { kind: 'refused', because: judgeLink(image, found, kind.target) };
  if (kind?.kind !== 'file')
    return {
      kind: 'refused',
      because: `${inlineCode(found)} of image ${inlineCode(image.name)} is a ${kind?.kind}, not a file`,
    };
  const targets = image.targets.length > 0 ? image.targets : [null];
  const platforms = image.platforms.length > 0 ? image.platforms : [null];
  const images: ResolvedImage[] = [];
  for (const platform of platforms) {
    const parts = judgedParts(image, platform, judged);
    if (parts.kind === 'refused') return parts;
    for (const target of targets) {
      const { refused, notes } = judgedFeatures(image, target, judged);
      if (refused.length > 0)
        return { kind: 'refused', because: `image ${inlineCode(image.name)}: ${remarksOn(found, refused)}` };
      const said =
        notes.length === 0 ? {} : { notes: notes.slice(0, mostRemarks).map((note) => remarkOn(found, note)) };
      images.push({ image, containerFile: found, target, platform, ...parts.parts, ...said });
    }
  }
  return { kind: 'resolved', images: targets.flatMap((target) => images.filter((each) => each.target === target)) };
}
