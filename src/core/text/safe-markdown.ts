/** GitHub's own limit of a check run's summary and text, in characters. */
export const checkTextLimit = 65_535;

const unseen = /[\u0000-\u001f\u007f-\u009f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/g;
const entities: Readonly<Record<string, string>> = { '<': '&lt;', '>': '&gt;', '&': '&amp;' };
/** Shown as nothing, and never part of a name: a mention or link that holds it is none. */
const joiner = '\u2060';

/** Makes text of others harmless inside markdown: no markup, no mention, no reference, no control characters, one line. */
export function escapeMarkdown(text: string): string {
  return (
    text
      .replace(unseen, ' ')
      .replace(/[\\`*_{}[\]()<>#+!|~&$-]/g, (sign) => entities[sign] ?? `\\${sign}`)
      // References, mentions and links are found in what is shown, where a backslash is gone.
      .replace(/[@#]/g, `$&${joiner}`)
      .replace(/\bgh\\-(?=\d)/gi, `$&${joiner}`)
      .replace(/(https?|ftp):\/\//gi, `$1:${joiner}//`)
      .replace(/\bwww\./gi, `$&${joiner}`)
  );
}

/** One line of others without control characters and what changes direction, for a code block. */
export function plainLine(text: string): string {
  return text.replace(unseen, ' ');
}

/** Text of others as inline code. */
export function inlineCode(text: string): string {
  const plain = text.replace(unseen, ' ');
  const longest = longestRun(plain, 0);
  const fence = '`'.repeat(longest + 1);
  const pad = plain.startsWith('`') || plain.endsWith('`') || plain === '' ? ' ' : '';
  return `${fence}${pad}${plain}${pad}${fence}`;
}

function longestRun(text: string, least: number): number {
  return (text.match(/`+/g) ?? []).reduce((longest, run) => Math.max(longest, run.length), least);
}

/** Text of others as a code block; a fence inside it does not end it. */
export function codeBlock(text: string, language: 'text' | 'diff' = 'text'): string {
  const fence = '`'.repeat(longestRun(text, 2) + 1);
  return `${fence}${language}\n${text.replace(/\n+$/, '')}\n${fence}`;
}

/** Cut at the end of a line so that the whole with its note has at most `limit` characters. */
export function cutText(text: string, limit: number = checkTextLimit): string {
  if (text.length <= limit) return text;
  const note = '\n\n… cut here';
  const kept = text.slice(0, limit - note.length);
  const end = kept.lastIndexOf('\n');
  // Half a surrogate pair is no text: the forge would refuse all of it.
  return (end > limit / 2 ? kept.slice(0, end) : kept.replace(/[\ud800-\udbff]$/, '')) + note;
}

/** Markdown as one cell of a table. */
export function tableCell(markdown: string): string {
  // An even number of backslashes before a pipe is none to the table.
  return markdown
    .replace(/\s*[\r\n]\s*/g, ' ')
    .replace(/(\\*)\|/g, (whole, before: string) => (before.length % 2 === 0 ? `${before}\\|` : whole));
}
