import {
  type Alias,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  type Node,
  type Pair,
  type Scalar,
  type YAMLMap,
  type YAMLSeq,
} from 'yaml';
import { type Path, type PlacedFinding, quote } from '../problems/finding.ts';
import { branch, type Located, type LocatedEntry } from './located.ts';
import { mergeEntries } from './merge-entries.ts';
import { limits, tooDeep } from './read-tokens.ts';

/** What becomes of a value with a tag: its content is taken as if it had none, is replaced by null, or is a mistake. */
export type TagReading = (tag: string) => 'keep' | 'hide' | 'refuse';

/** What one walk over a document keeps: each written node is visited once, in the order of the file. */
interface Walk {
  readonly readTag: TagReading;
  readonly findings: PlacedFinding[];
  /** The latest content of each anchor; null while its own content is being read. */
  readonly anchors: Map<string, Located | null>;
  /** Values that the aliases so far stand for. */
  aliased: number;
  /** Set once a limit is passed: the document is not used. */
  isTooBig: boolean;
}

/**
 * Turns the library's nodes into plain values with their places. An alias shares the anchor's tree instead of copying it, and
 * is charged with its whole size, so neither "billion laughs" nor merge keys cost more than the text they are written in.
 */
export function locateNodes(
  contents: Node | null,
  text: string,
  readTag: TagReading,
): { root: Located | null; findings: PlacedFinding[] } {
  const walk: Walk = { readTag, findings: [], anchors: new Map(), aliased: 0, isTooBig: false };
  const isEmpty = contents === null || (isScalar(contents) && contents.value === null && contents.source === '');
  if (isEmpty) return { root: emptyRoot(Math.max(text.search(/\S/), 0)), findings: [] };
  const root = locate(contents, [], walk);
  return { root: walk.isTooBig ? null : root, findings: walk.findings };
}

function emptyRoot(offset: number): Located {
  return { value: {}, offset, source: null, entries: new Map(), items: [], size: 1, depth: 1, broken: false };
}

function locate(node: Node | null | undefined, path: Path, walk: Walk, fallback = 0): Located {
  if (node === null || node === undefined) return leaf(null, fallback, '');
  if (isAlias(node)) return locateAlias(node, path, walk);
  const anchor = node.anchor;
  if (anchor !== undefined) walk.anchors.set(anchor, null);
  const located = withinDepth(locateContent(node, path, walk), path, walk);
  if (anchor !== undefined) walk.anchors.set(anchor, located);
  return located;
}

function locateContent(node: Node, path: Path, walk: Walk): Located {
  const offset = offsetOf(node);
  const reading = isAlias(node) || node.tag === undefined ? 'keep' : walk.readTag(node.tag);
  if (reading === 'hide') return leaf(null, offset, null);
  if (!isAlias(node) && node.tag !== undefined && reading === 'refuse') {
    return refuse(
      walk,
      offset,
      path,
      `the tag ${quote(node.tag.replace('tag:yaml.org,2002:', '!!'))} is not used here`,
      'remove it; put a text into quotes',
    );
  }
  if (isScalar(node)) return locateScalar(node, offset, path, walk);
  if (isSeq(node)) return locateList(node, offset, path, walk);
  if (isMap(node)) return locateMap(node, offset, path, walk);
  return refuse(walk, offset, path, 'this kind of value is not used here', null);
}

const invisible =
  /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f\u200e\u200f\u202a-\u202e\u2066-\u2069]|\p{Surrogate}/u;

function locateScalar(node: Scalar, offset: number, path: Path, walk: Walk): Located {
  const source = node.source ?? '';
  const bad = invisible.exec(source);
  if (bad !== null) {
    const code = (bad[0].codePointAt(0) ?? 0).toString(16).padStart(4, '0').toUpperCase();
    return refuse(walk, offset, path, `the invisible character U+${code} is not allowed in a text`, 'remove it');
  }
  return leaf(node.value, offset, source);
}

function locateList(node: YAMLSeq, offset: number, path: Path, walk: Walk): Located {
  const items = node.items.map((item, index) => locate(item as Node | null, [...path, index], walk, offset));
  return branch(
    items.map((item) => item.value),
    offset,
    new Map(),
    items,
  );
}

function locateMap(node: YAMLMap, offset: number, path: Path, walk: Walk): Located {
  const written = new Map<string, LocatedEntry>();
  const merges: LocatedEntry[] = [];
  for (const pair of node.items as Pair<Node, Node | null>[]) {
    const keyOffset = offsetOf(pair.key, offset);
    const key = readKey(pair.key, keyOffset, path, walk);
    if (key === null) continue;
    const found = { keyOffset, node: locate(pair.value, [...path, key], walk, keyOffset) };
    if (key === '<<' && isPlain(pair.key)) merges.push(found);
    else if (written.has(key)) refuse(walk, keyOffset, [...path, key], ...twice(key));
    else written.set(key, found);
  }
  const report = (at: number, message: string, hint: string | null) => refuse(walk, at, path, message, hint);
  const entries = mergeEntries(written, merges, report);
  const value = Object.fromEntries([...entries].map(([key, entry]) => [key, entry.node.value]));
  const isCut = merges.some((merge) => merge.node.broken || merge.node.items.some((item) => item.broken));
  return { ...branch(value, offset, entries, []), broken: isCut };
}

function twice(key: string): [string, string] {
  return [`the key ${quote(key)} is written twice in the same map`, 'keep one of them'];
}

function isPlain(key: Node | null): boolean {
  return isScalar(key) && key.type === 'PLAIN';
}

/** Names that no map may have as keys. */
export const unsafeKeys: ReadonlySet<string> = new Set(['__proto__', 'constructor', 'prototype']);

function readKey(key: Node | null, offset: number, path: Path, walk: Walk): string | null {
  const located = isScalar(key) || isAlias(key) ? locate(key, path, walk, offset) : null;
  if (located?.broken) return null;
  const text = located?.source ?? null;
  if (text === null) {
    refuse(walk, offset, path, 'a key must be a word, not a list or a map', null);
    return null;
  }
  if (text === '') {
    refuse(walk, offset, path, 'a key is missing before the colon', null);
    return null;
  }
  if (unsafeKeys.has(text)) {
    refuse(walk, offset, path, `${quote(text)} is not allowed as a key`, 'choose another name');
    return null;
  }
  return text;
}

function locateAlias(node: Alias, path: Path, walk: Walk): Located {
  const offset = offsetOf(node);
  const target = walk.anchors.get(node.source);
  if (target === null) {
    return refuse(walk, offset, path, `the alias *${node.source} stands inside its own anchor`, 'write the value out');
  }
  if (target === undefined) {
    const message = `no anchor &${node.source} stands before this alias`;
    return refuse(walk, offset, path, message, `set it before, or write "*${node.source}" if a text is meant`);
  }
  walk.aliased += target.size;
  return walk.aliased > limits.values ? tooBig(offset, path, walk) : target;
}

function tooBig(offset: number, path: Path, walk: Walk): Located {
  const message = `more than ${limits.values} values once aliases are followed; reading stopped here`;
  if (walk.isTooBig) return { ...leaf(undefined, offset, null), broken: true };
  walk.isTooBig = true;
  return refuse(walk, offset, path, message, 'use fewer aliases');
}

function withinDepth(node: Located, path: Path, walk: Walk): Located {
  if (node.depth <= limits.depth) return node;
  walk.isTooBig = true;
  const { message, hint } = tooDeep(node.offset);
  return refuse(walk, node.offset, path, message, hint);
}

function refuse(walk: Walk, offset: number, path: Path, message: string, hint: string | null): Located {
  walk.findings.push({ offset, path, message, hint });
  return { ...leaf(undefined, offset, null), broken: true };
}

function leaf(value: unknown, offset: number, source: string | null): Located {
  return { value, offset, source, entries: new Map(), items: [], size: 1, depth: 0, broken: false };
}

function offsetOf(node: Node | null | undefined, fallback = 0): number {
  return node?.range?.[0] ?? fallback;
}
