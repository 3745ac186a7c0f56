import { isMap, type Located } from '../yaml/located.ts';

/** A file of another system, ready to give places in it. */
export interface ForeignFile {
  readonly name: string;
  /** Line, from 1, of an offset. */
  readonly lineOf: (offset: number) => number;
}

/** A value as somebody wrote it, with where that is. */
export interface Written {
  readonly file: ForeignFile;
  readonly node: Located;
  /** Offset of its key, or of itself. */
  readonly offset: number;
}

/** Something that is said about a place; one line. */
export interface Told {
  readonly file: string;
  readonly line: number;
  readonly message: string;
}

export type Tell = (where: Written, message: string) => void;

/** `zuul.yaml:12`. */
export function placeOf({ file, offset }: Written): string {
  return `${file.name}:${file.lineOf(offset)}`;
}

/** The entries of a map, by key; empty for anything else. */
export function entriesOf(written: Written | undefined): ReadonlyMap<string, Written> {
  const { file, node } = written ?? {};
  if (file === undefined || node === undefined || node.broken) return new Map();
  return new Map(
    [...node.entries].flatMap(([key, entry]) =>
      entry.node.broken ? [] : [[key, { file, node: entry.node, offset: entry.keyOffset }] as const],
    ),
  );
}

/** The values of a list; a single value is a list of one, nothing is none, as Zuul reads them. */
export function itemsOf(written: Written | undefined): readonly Written[] {
  if (written === undefined || written.node.broken) return [];
  const { file, node } = written;
  if (!Array.isArray(node.value)) return node.value === null ? [] : [written];
  return node.items.filter((item) => !item.broken).map((item) => ({ file, node: item, offset: item.offset }));
}

export function isMapping({ node }: Written): boolean {
  return isMap(node);
}

export function isList({ node }: Written): boolean {
  return Array.isArray(node.value);
}

/** A text, or a number or flag as it stands in the file; null for lists, maps and what is empty or hidden. */
export function textOf(written: Written | undefined): string | null {
  const { value, source } = written?.node ?? { value: null, source: null };
  if (typeof value === 'string') return value;
  return value === null || source === null || source === '' ? null : source;
}

/** True or false by YAML 1.1, which is what Zuul reads; null for anything else. */
export function flagOf(written: Written | undefined): boolean | null {
  const text = textOf(written)?.toLowerCase();
  if (text === 'true' || text === 'yes' || text === 'on') return true;
  return text === 'false' || text === 'no' || text === 'off' ? false : null;
}
