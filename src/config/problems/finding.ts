export type PathStep = string | number;
export type Path = readonly PathStep[];

/** What to write instead; a function where finding it costs something, called only for what is shown. */
export type Hint = string | null | (() => string | null);

/** A mistake before its place is known: the path says where, `at` whether the key or its value is meant. */
export interface Finding {
  readonly path: Path;
  readonly at: 'key' | 'value';
  readonly message: string;
  readonly hint: Hint;
}

/** A mistake whose place is known as an offset into the text. */
export interface PlacedFinding {
  readonly offset: number;
  readonly path: Path;
  readonly message: string;
  readonly hint: Hint;
}

const plainKey = /^[A-Za-z_][\w-]{0,99}$/;

/** A path as people write it: `jobs.unit.needs[0]`, `jobs["a b"].run`; empty for the document. */
export function formatPath(path: Path): string {
  return path
    .map((step, index) => {
      if (typeof step === 'number') return `[${step}]`;
      if (!plainKey.test(step)) return `[${quote(step)}]`;
      return index === 0 ? step : `.${step}`;
    })
    .join('');
}

const unprintable = /[\u0000-\u001f\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ufffd]|\p{Surrogate}/gu;

/** Makes text safe for a terminal and one line: control and direction-changing characters become visible escapes. */
export function printable(text: string): string {
  return text.replace(unprintable, (character) => {
    if (character === '\n') return '\\n';
    if (character === '\t') return '\\t';
    return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
  });
}

/** A sentence of ours that holds words of the file: printable, cut after 1,000 characters. */
export function sentence(text: string): string {
  return printable(text.length > 1_000 ? `${text.slice(0, 999)}…` : text);
}

/** Text in double quotes, printable, cut after 60 characters. */
export function quote(text: string): string {
  const cut = text.length > 60 ? `${text.slice(0, 57)}…` : text;
  return `"${printable(cut)}"`;
}

/** `a`, `a or b`, `a, b or c`. */
export function listOf(words: readonly string[], joint: 'or' | 'and' = 'or'): string {
  const shown = words.map((word) => `\`${word}\``);
  const last = shown.at(-1) ?? '';
  return shown.length < 2 ? last : `${shown.slice(0, -1).join(', ')} ${joint} ${last}`;
}
