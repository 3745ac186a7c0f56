import { completePattern } from '../../core/from/reference.ts';
import { listOf, type Path, quote } from '../problems/finding.ts';
import { nearestName } from '../problems/nearest-name.ts';
import type { WrittenRule } from '../schema/from.ts';
import type { WrittenImage } from '../schema/image.ts';
import { placeholdersOf } from '../schema/templates.ts';
import type { Entries, Report } from './read-entries.ts';
import { publishedAs } from './resolve-rule.ts';

/** Values that are known before anything is built; `{{ goMod.version }}` where there is a go.mod. */
const knownValues: readonly string[] = ['image', 'goMod.version'];

/** What is wrong between `from` rules, and between them and `streams` and the other images. */
export function checkFrom(entries: Entries, report: Report): void {
  for (const { index, written, damaged } of entries.images) {
    if (index === null || written === null || damaged.has('from')) continue;
    const patterns = new Map<string, number>();
    for (const [place, rule] of written.from.entries()) {
      const path: Path = ['images', index, 'from', place];
      checkRepeated(rule, path, patterns, report);
      checkUse(rule, path, written, entries, report);
    }
  }
}

// The later one would win unseen.
function checkRepeated({ match }: WrittenRule, path: Path, patterns: Map<string, number>, report: Report): void {
  const place = Number(path.at(-1));
  const key = completePattern(match);
  const first = patterns.get(key);
  patterns.set(key, first ?? place);
  if (first === undefined) return;
  const message = `rule ${first + 1} matches the same images as ${quote(match)}`;
  report({ path: [...path, 'match'], at: 'value', message, hint: 'leave one of them' });
}

function checkUse({ use }: WrittenRule, path: Path, image: WrittenImage, entries: Entries, report: Report): void {
  const at: Path = [...path, 'use'];
  const texts = typeof use === 'string' ? [use] : [use.reference ?? '', use.stream ?? ''];
  const unknown = texts.flatMap(placeholdersOf).find((name) => !knownValues.includes(name));
  if (unknown !== undefined) {
    const hint = `known are ${listOf(
      knownValues.map((name) => `{{ ${name} }}`),
      'and',
    )}`;
    report({ path: at, at: 'value', message: `names {{ ${unknown} }}, which is not known before it is built`, hint });
  }
  if (typeof use === 'string') return;
  const named = Object.entries(use).filter(([, value]) => value !== undefined);
  if (named.length !== 1) {
    const message =
      named.length === 0 ? 'names nothing' : `names ${named.map(([key]) => `\`${key}\``).join(' and ')} together`;
    report({ path: at, at: 'value', message, hint: 'write one of `stream`, `image` and `reference`' });
    return;
  }
  if (use.stream !== undefined) checkStream(use.stream, [...at, 'stream'], entries, report);
  if (use.image !== undefined) checkImage(use.image, [...at, 'image'], image, entries, report);
}

function checkStream(stream: string, path: Path, { streams }: Entries, report: Report): void {
  if (streams === null || placeholdersOf(stream).length > 0 || Object.hasOwn(streams, stream)) return;
  const names = Object.keys(streams);
  const near = nearestName(stream, names);
  const known =
    names.length === 0 ? `write \`streams: { ${stream}: IMAGE }\` at the top` : `known are ${listOf(names, 'and')}`;
  const hint = near === null ? known : `did you mean ${near}?`;
  report({ path, at: 'value', message: `there is no stream ${quote(stream)}`, hint });
}

function checkImage(
  name: string,
  path: Path,
  own: WrittenImage,
  { images, allImagesNamed }: Entries,
  report: Report,
): void {
  const fault = imageFault(name, own, images, allImagesNamed);
  if (fault !== null) report({ path, at: 'value', ...fault });
}

type Fault = { readonly message: string; readonly hint: string };

function imageFault(name: string, own: WrittenImage, images: Entries['images'], allImagesNamed: boolean): Fault | null {
  const shown = quote(name);
  if (name === own.name) return { message: `${shown} is this image itself`, hint: 'name another one' };
  const meant = images.find((each) => each.name === name);
  if (meant === undefined) {
    const names = images.flatMap((each) => each.name ?? []);
    const near = nearestName(name, names);
    const hint = near === null ? `there are ${listOf(names, 'and')}` : `did you mean ${near}?`;
    return allImagesNamed ? { message: `there is no image ${shown}`, hint } : null;
  }
  if (meant.written === null || meant.damaged.has('tags') || meant.damaged.has('repository')) return null;
  if (publishedAs(meant.written) !== null) return null;
  const lacks = meant.written.repository === undefined ? 'names no `repository`' : 'has only tags that name values';
  const hint = 'give it a `repository` and a plain tag as "latest"';
  return { message: `the image ${shown} ${lacks}, so nothing can be built on it`, hint };
}
