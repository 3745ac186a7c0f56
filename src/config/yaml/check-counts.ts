import { regexOf } from '../matching/compile-pattern.ts';
import type { PlacedFinding } from '../problems/finding.ts';
import { isMap, type Located, nodeAt } from './located.ts';

const most = { images: 100, jobs: 200, regexes: 50 } as const;

/** Complains when a file holds more images, jobs or regular expressions than are handled in good time; null when not. */
export function checkCounts(root: Located): PlacedFinding | null {
  const images = nodeAt(root, ['images']);
  if (images !== undefined && images.items.length > most.images) return tooMany(images, `${most.images} images`);
  const jobs = nodeAt(root, ['jobs']);
  if (jobs !== undefined && jobs.entries.size > most.jobs) return tooMany(jobs, `${most.jobs} jobs`);
  const regex = firstRegexTooMany(root);
  return regex === null ? null : tooMany(regex, `${most.regexes} different regular expressions`);
}

function tooMany(node: Located, what: string): PlacedFinding {
  return { offset: node.offset, path: [], message: `there are more than ${what}`, hint: `write at most ${what}` };
}

function firstRegexTooMany(root: Located): Located | null {
  const seen = new Set<string>();
  const visited = new Set<Located>();
  const waiting: Located[] = [root];
  for (let node = waiting.pop(); node !== undefined; node = waiting.pop()) {
    if (visited.has(node)) continue;
    visited.add(node);
    const regex = regexIn(node);
    if (regex !== null) seen.add(regex);
    if (seen.size > most.regexes) return node;
    for (const item of node.items) waiting.push(item);
    for (const entry of node.entries.values()) waiting.push(entry.node);
  }
  return null;
}

function regexIn(node: Located): string | null {
  if (typeof node.value === 'string') return regexOf(node.value);
  const inMap = isMap(node) ? node.entries.get('regex')?.node.value : undefined;
  return typeof inMap === 'string' ? inMap : null;
}
