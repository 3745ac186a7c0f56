/** A part of one line of the file, and where it stands in the instruction's text. */
export interface Segment {
  /** Offset in the text. */
  readonly at: number;
  readonly length: number;
  /** From 1. */
  readonly line: number;
  /** From 0. */
  readonly column: number;
}

/** An instruction as it is parsed: continued lines joined, comments between them left out, and every character traced to its place. */
export interface LogicalLine {
  /** Upper case. */
  readonly keyword: string;
  readonly text: string;
  readonly segments: readonly Segment[];
  /** From 1. */
  readonly line: number;
  /** Names of the heredocs that it opens and that have an end. */
  readonly heredocs: readonly string[];
}

export interface Word {
  /** Offsets in the text of the instruction. */
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

export interface ScannedFile {
  readonly instructions: readonly LogicalLine[];
  /** The character of `# escape=`. */
  readonly escapeSign: string;
}

const withHeredocs: readonly string[] = ['ADD', 'COPY', 'RUN'];

/** Reads a container file as Docker's parser does, heredocs included. Never throws; what is no Dockerfile gives what it gives. */
export function scanDockerfile(dockerfile: string): ScannedFile {
  const lines = dockerfile.split('\n').map((line) => (line.endsWith('\r') ? line.slice(0, -1) : line));
  const escapeSign = escapeOf(lines);
  const instructions: LogicalLine[] = [];
  for (let at = 0; at < lines.length; ) {
    const { logical, next } = joinLines(lines, at, escapeSign);
    at = next;
    if (logical === null) continue;
    const found = withHeredocs.includes(logical.keyword)
      ? readHeredocs(lines, at, logical.text)
      : { names: [], next: at };
    at = found.next;
    instructions.push({ ...logical, heredocs: found.names });
  }
  return { instructions, escapeSign };
}

/** Directives stand at the very top, one a line, before any comment or instruction. */
function escapeOf(lines: readonly string[]): string {
  for (const [index, line] of lines.entries()) {
    const text = index === 0 ? line.replace(/^\ufeff/, '') : line;
    const [, name, value] = /^#[ \t]*([a-zA-Z][a-zA-Z0-9]*)[ \t]*=[ \t]*(.*?)[ \t]*$/.exec(text) ?? [];
    if (name === undefined) return '\\';
    if (name.toLowerCase() === 'escape') return value === '`' ? '`' : '\\';
  }
  return '\\';
}

const isNothing = (line: string): boolean => /^\s*(?:#|$)/.test(line);

/** Length of the line without the sign that continues it; null: it ends the instruction. An escaped one continues nothing. */
function continuedLength(line: string, escapeSign: string): number | null {
  const trimmed = line.replace(/[ \t]+$/, '');
  if (!trimmed.endsWith(escapeSign) || trimmed.at(-2) === escapeSign) return null;
  return trimmed.length - 1;
}

function joinLines(
  lines: readonly string[],
  start: number,
  escapeSign: string,
): { logical: Omit<LogicalLine, 'heredocs'> | null; next: number } {
  const first = lines[start] ?? '';
  if (isNothing(start === 0 ? first.replace(/^\ufeff/, '') : first)) return { logical: null, next: start + 1 };
  const segments: Segment[] = [];
  let text = '';
  let at = start;
  for (; at < lines.length; at += 1) {
    const line = lines[at] ?? '';
    if (at > start && isNothing(line)) continue;
    const continued = continuedLength(line, escapeSign);
    const column = at === start ? (/^[\s\ufeff]*/.exec(line)?.[0].length ?? 0) : 0;
    const length = Math.max(0, (continued ?? line.length) - column);
    segments.push({ at: text.length, length, line: at + 1, column });
    text += line.slice(column, column + length);
    if (continued === null) break;
  }
  const keyword = (/^\S+/.exec(text)?.[0] ?? '').toUpperCase();
  return { logical: { keyword, text, segments, line: start + 1 }, next: Math.min(at + 1, lines.length) };
}

/** The heredocs that an instruction opens, and the first line after them. One without an end takes the rest of the file, as Docker says. */
function readHeredocs(
  lines: readonly string[],
  start: number,
  text: string,
): { names: readonly string[]; next: number } {
  const names: string[] = [];
  let at = start;
  for (const word of wordsOf(text)) {
    const [, chomps, name = ''] = /^\d*<<(-?)([^<]+)$/.exec(word.text) ?? [];
    const end = name.replace(/['"\\]/g, '');
    if (end === '') continue;
    const isEnd = (line: string): boolean => (chomps === '-' ? line.replace(/^\t+/, '') : line) === end;
    while (at < lines.length && !isEnd(lines[at] ?? '')) at += 1;
    if (at < lines.length) names.push(end);
    at += 1;
  }
  return { names, next: Math.min(at, lines.length) };
}

/** The last stage that is built for a target, from 0; where that is null, or no stage of the file, all of them are. */
export function lastStageOf({ instructions }: ScannedFile, target: string | null): number {
  const froms = instructions.filter(({ keyword }) => keyword === 'FROM');
  if (target === null) return froms.length - 1;
  const names = froms.map(({ text }) => /\sAS\s+(\S+)\s*$/i.exec(text)?.[1]?.toLowerCase());
  const named = names.indexOf(target.toLowerCase());
  const last = named >= 0 ? named : /^\d{1,4}$/.test(target) ? Number(target) : -1;
  return last >= 0 && last < froms.length ? last : froms.length - 1;
}

/** Words between white space; quotes hold one together, and are kept. */
export function wordsOf(text: string): readonly Word[] {
  const words: Word[] = [];
  for (let at = 0; at < text.length; ) {
    if (/\s/.test(text[at] ?? '')) at += 1;
    else {
      const end = endOfWord(text, at);
      words.push({ start: at, end, text: text.slice(at, end) });
      at = end;
    }
  }
  return words;
}

function endOfWord(text: string, start: number): number {
  let quote = '';
  for (let at = start; at < text.length; at += 1) {
    const sign = text[at] ?? '';
    if (sign === '\\' && quote !== "'") at += 1;
    else if (quote !== '') quote = sign === quote ? '' : quote;
    else if (sign === '"' || sign === "'") quote = sign;
    else if (/\s/.test(sign)) return at;
  }
  return text.length;
}
