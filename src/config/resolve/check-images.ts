import { type Path, quote } from '../problems/finding.ts';
import type { WrittenImage } from '../schema/image.ts';
import { leavesRepository } from '../schema/paths.ts';
import { placeholdersOf } from '../schema/templates.ts';
import type { Entries, Report } from './read-entries.ts';
import { reportRepeated } from './report-repeated.ts';

/** What is wrong between images, and between the keys of one. */
export function checkImages(entries: Entries, report: Report): void {
  const names = new Map<string, number>();
  const owners = new Map<string, number>();
  for (const { index, name, written, damaged } of entries.images) {
    if (index === null) continue;
    if (name !== null) checkName(name, index, names, report);
    if (written === null) continue;
    checkKeys(written, ['images', index], report);
    if (!damaged.has('tags') && !damaged.has('targets')) checkTags(written, index, owners, report);
  }
}

function checkName(name: string, index: number, names: Map<string, number>, report: Report): void {
  const first = names.get(name);
  names.set(name, first ?? index);
  if (first === undefined) return;
  const message = `"${name}" is the name of images[${first}] already`;
  report({ path: ['images', index, 'name'], at: 'value', message, hint: 'each image has a name of its own' });
}

function checkKeys(image: WrittenImage, path: Path, report: Report): void {
  if (image.target !== undefined && image.targets !== undefined) {
    const message = '`target` and `targets` stand together';
    report({ path: [...path, 'target'], at: 'key', message, hint: 'keep `targets`, and name the stage there' });
  }
  if (image.onlyIf !== undefined && image.skipIf !== undefined) {
    report({
      path: [...path, 'skipIf'],
      at: 'key',
      message: '`onlyIf` and `skipIf` stand together',
      hint: 'keep one of them',
    });
  }
  checkFiles(image, path, report);
  reportRepeated(image.tags, [...path, 'tags'], report);
  reportRepeated(image.targets ?? [], [...path, 'targets'], report);
  reportRepeated(image.platforms ?? [], [...path, 'platforms'], report);
  reportRepeated(image.siblings ?? [], [...path, 'siblings'], report);
}

function checkFiles({ containerFilename, context }: WrittenImage, path: Path, report: Report): void {
  const files = Array.isArray(containerFilename) ? containerFilename : [containerFilename];
  for (const [index, file] of files.entries()) {
    if (!leavesRepository(context, file)) continue;
    const at = Array.isArray(containerFilename)
      ? [...path, 'containerFilename', index]
      : [...path, 'containerFilename'];
    const hint =
      context === '.'
        ? 'paths are counted from the root of the repository'
        : `it is counted from the context, ${context}`;
    report({ path: at, at: 'value', message: `${quote(file)} is not inside the repository`, hint });
  }
}

// Every (repository, tag) has one owner (images.md §3.2); here within one file.
function checkTags(image: WrittenImage, index: number, owners: Map<string, number>, report: Report): void {
  if (image.repository === undefined) return;
  checkTargetTags(image, index, report);
  for (const [position, tag] of image.tags.entries()) {
    const key = `${image.repository}:${tag}`;
    const first = owners.get(key);
    owners.set(key, first ?? index);
    if (first === undefined || first === index) continue;
    const message = `images[${first}] is tagged ${key} too`;
    report({
      path: ['images', index, 'tags', position],
      at: 'value',
      message,
      hint: 'give one of them another repository or other tags',
    });
  }
}

function checkTargetTags(image: WrittenImage, index: number, report: Report): void {
  const tag = image.tags.find((each) => !placeholdersOf(each).includes('target'));
  if (tag === undefined || (image.targets?.length ?? 0) < 2) return;
  const message = `all stages of \`targets\` would be tagged "${tag}"`;
  report({ path: ['images', index, 'targets'], at: 'key', message, hint: `write \`tags: ["${tag}-{{ target }}"]\`` });
}
