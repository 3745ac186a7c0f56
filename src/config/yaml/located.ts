import type { Finding, Path, PlacedFinding } from '../problems/finding.ts';

export interface LocatedEntry {
  /** Offset of the key. */
  readonly keyOffset: number;
  readonly node: Located;
}

/**
 * A value of the document with the place where it was written, aliases and merge keys followed: what came through an alias
 * has the place of the anchor's content. Shared where the document shares; `size` and `depth` count it unfolded.
 */
export interface Located {
  readonly value: unknown;
  readonly offset: number;
  /** A scalar as it stands in the file (`1.10` stays `1.10`); null for lists and maps. */
  readonly source: string | null;
  readonly entries: ReadonlyMap<string, LocatedEntry>;
  readonly items: readonly Located[];
  readonly size: number;
  readonly depth: number;
  /** Reported already: nothing more is said about it. */
  readonly broken: boolean;
}

/** A list or a map of these; its value is given, as lists and maps are read differently. */
export function branch(
  value: unknown,
  offset: number,
  entries: ReadonlyMap<string, LocatedEntry>,
  items: readonly Located[],
): Located {
  let size = 1;
  let depth = 0;
  for (const child of [...items, ...[...entries.values()].map((entry) => entry.node)]) {
    size += child.size;
    depth = Math.max(depth, child.depth);
  }
  return { value, offset, source: null, entries, items, size, depth: depth + 1, broken: false };
}

export function isMap(node: Located): boolean {
  return typeof node.value === 'object' && node.value !== null && !Array.isArray(node.value);
}

/** The node at a path; undefined when the document has none there. */
export function nodeAt(root: Located, path: Path): Located | undefined {
  let node: Located | undefined = root;
  for (const step of path) {
    node = typeof step === 'number' ? node?.items[step] : node?.entries.get(step)?.node;
  }
  return node;
}

/** Whether a path leads into something that was reported already, or to something a part of which was. */
export function isBroken(root: Located, path: Path): boolean {
  let node: Located | undefined = root;
  for (const step of path) {
    if (node?.broken) return true;
    node = typeof step === 'number' ? node?.items[step] : node?.entries.get(step)?.node;
  }
  if (node === undefined || node.broken) return node?.broken ?? false;
  return [...node.entries.values()].some((entry) => entry.node.broken);
}

/** Gives a finding its place; what is missing in the document takes the place of the nearest thing around it. */
export function placeFinding(root: Located, finding: Finding): PlacedFinding {
  const { path, message, hint } = finding;
  return { offset: offsetOf(root, path, finding.at), path, message, hint };
}

function offsetOf(root: Located, path: Path, at: 'key' | 'value'): number {
  let node = root;
  let offset = root.offset;
  for (const [index, step] of path.entries()) {
    const entry = typeof step === 'number' ? undefined : node.entries.get(step);
    const next = typeof step === 'number' ? node.items[step] : entry?.node;
    if (next === undefined) return offset;
    const isLast = index === path.length - 1;
    const isEmpty = next.value === null && next.source === '';
    offset = entry !== undefined && ((isLast && at === 'key') || isEmpty) ? entry.keyOffset : next.offset;
    node = next;
  }
  return offset;
}
