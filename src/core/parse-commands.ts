/** One command line of a comment; `word` is lower case, arguments are as written. */
export interface CommandLine {
  readonly word: string;
  readonly args: readonly string[];
  /** The rest of the line as it stands, for reasons given in prose. */
  readonly rest: string;
}

export type ParsedComment = {
  readonly commands: readonly CommandLine[];
  /** Lines that look like a command of ours and were refused, with the reason; to be answered. */
  readonly refused: readonly { readonly line: string; readonly because: string }[];
};

const limits = { commands: 20, lineBytes: 1024 };

/** The commands we know; other words are left alone, other bots share the thread (commands.md §3). */
export const commandWords: readonly string[] = [
  'test',
  'retest',
  'retest-required',
  'cancel',
  'ok-to-test',
  'gate',
  'dequeue',
  'hold',
  'unhold',
  'priority',
  'override',
  'promote',
  'why',
];

interface Fence {
  readonly mark: string;
  readonly length: number;
  /** Opened as the item of a list: it is closed at the item's own indentation. */
  readonly inList: boolean;
}

function openingFence(line: string): Fence | null {
  const match = /^ {0,3}((?:(?:[-*+]|\d{1,9}[.)]) {1,4})*)(`{3,}|~{3,})(.*)$/.exec(line);
  const run = match?.[2];
  if (!run || (run.startsWith('`') && match[3]?.includes('`'))) return null;
  return { mark: run[0] ?? '`', length: run.length, inList: match[1] !== '' };
}

function closes(fence: Fence, line: string): boolean {
  const match = /^( *)(`+|~+)[ \t]*$/.exec(line);
  const run = match?.[2];
  if (run === undefined || (!fence.inList && (match?.[1]?.length ?? 0) > 3)) return false;
  return run[0] === fence.mark && run.length >= fence.length;
}

/** Drops `<!-- … -->`, a comment that is still open at the end of the line included. */
function stripHtmlComments(line: string, open: boolean): { readonly text: string; readonly open: boolean } {
  let text = '';
  let rest = line;
  let inside = open;
  for (;;) {
    const at = rest.indexOf(inside ? '-->' : '<!--');
    if (at < 0) return { text: inside ? text : text + rest, open: inside };
    if (!inside) text += rest.slice(0, at);
    rest = rest.slice(at + (inside ? 3 : 4));
    inside = !inside;
  }
}

/** The lines that count of what a person wrote: without HTML comments, fenced blocks and quotes; CRLF normalised. */
export function plainLines(text: string): string[] {
  const lines: string[] = [];
  let fence: Fence | null = null;
  let comment = false;
  for (const raw of text.replace(/\r\n?/g, '\n').split('\n')) {
    if (fence) {
      if (closes(fence, raw)) fence = null;
      continue;
    }
    const startedInside = comment;
    const stripped = stripHtmlComments(raw, comment);
    comment = stripped.open;
    fence = startedInside ? null : openingFence(stripped.text);
    // What follows a comment that ended in this line does not begin in column 0.
    const kept =
      startedInside || (raw.startsWith('<!--') && stripped.text !== '') ? ` ${stripped.text}` : stripped.text;
    if (!fence && !/^ {0,3}>/.test(kept)) lines.push(kept);
  }
  return lines;
}

function parseLine(line: string): CommandLine | { readonly because: string } | null {
  const match = /^\/([A-Za-z][A-Za-z-]{0,30})(?=[ \t]|$)([\s\S]*)$/.exec(line);
  const word = match?.[1]?.toLowerCase();
  if (word === undefined || !commandWords.includes(word)) return null;
  const rest = (match?.[2] ?? '').trim();
  if (Buffer.byteLength(line) > limits.lineBytes)
    return { because: `a command line may be at most ${limits.lineBytes} bytes long` };
  const prose = word === 'hold';
  if (!prose && /[^\x20-\x7e\t]/.test(rest))
    return { because: 'only ASCII letters, digits and signs are allowed in names' };
  const args = rest.match(/"[^"]*"|[^\s,]+/g) ?? [];
  return { word, args: args.map((arg) => arg.replace(/^"(.*)"$/, '$1')).filter((arg) => arg !== ''), rest };
}

/** Finds the commands of a comment's text, in order; every command stands for itself (commands.md §3). */
export function parseCommands(text: string): ParsedComment {
  const commands: CommandLine[] = [];
  const refused: { line: string; because: string }[] = [];
  let surplus: string | null = null;
  for (const line of plainLines(text)) {
    const parsed = parseLine(line);
    if (!parsed) continue;
    if ('because' in parsed) refused.push({ line: line.slice(0, 80), because: parsed.because });
    else if (commands.length < limits.commands) commands.push(parsed);
    else surplus ??= line.slice(0, 80);
  }
  const because = `at most ${limits.commands} commands are taken from one comment; this one and what follows were left`;
  return {
    commands,
    refused:
      surplus === null
        ? refused.slice(0, limits.commands)
        : [...refused.slice(0, limits.commands), { line: surplus, because }],
  };
}
