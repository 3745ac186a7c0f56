/** A file's text with what is needed to turn offsets into lines and columns. */
export interface SourceText {
  readonly text: string;
  /** Offset of each line's first character; always begins with 0. */
  readonly lineStarts: readonly number[];
}

export interface Position {
  /** From 1. */
  readonly line: number;
  readonly column: number;
}

/** The file as text, or why it is none. A string is taken as decoded already. */
export type DecodeOutcome = { readonly kind: 'text'; readonly text: string } | { readonly kind: 'not-utf8' };

export function decodeUtf8(content: string | Uint8Array): DecodeOutcome {
  if (typeof content === 'string') return { kind: 'text', text: content };
  try {
    return { kind: 'text', text: new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(content) };
  } catch {
    return { kind: 'not-utf8' };
  }
}

export function toSourceText(text: string): SourceText {
  const lineStarts = [0];
  for (let at = text.indexOf('\n'); at !== -1; at = text.indexOf('\n', at + 1)) lineStarts.push(at + 1);
  return { text, lineStarts };
}

/** Line and column of an offset; one outside the text is moved to its nearest end. */
export function positionAt(source: SourceText, offset: number): Position {
  const wanted = Math.min(Math.max(offset, 0), source.text.length);
  let low = 0;
  let high = source.lineStarts.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if ((source.lineStarts[middle] ?? 0) <= wanted) low = middle;
    else high = middle - 1;
  }
  return { line: low + 1, column: wanted - (source.lineStarts[low] ?? 0) + 1 };
}

/** One line without its line end; empty when there is no such line. */
export function lineAt(source: SourceText, line: number): string {
  const start = source.lineStarts[line - 1];
  if (start === undefined) return '';
  const end = source.lineStarts[line] ?? source.text.length + 1;
  return source.text.slice(start, end - 1).replace(/\r$/, '');
}
