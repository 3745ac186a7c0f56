import type { YAMLParseError } from 'yaml';
import type { PlacedFinding } from '../problems/finding.ts';

interface Explanation {
  readonly message: string;
  readonly hint: string | null;
}

const byCode: Readonly<Record<string, Explanation>> = {
  TAB_AS_INDENT: { message: 'a tab is used to indent; YAML allows only blanks', hint: 'indent with two blanks' },
  BAD_INDENT: { message: 'this line is not indented like the others of its list or map', hint: 'align it with them' },
  BLOCK_AS_IMPLICIT_KEY: {
    message: 'a list or map begins here in the middle of a line',
    hint: 'begin it on a line of its own, or put a text with ": " in it into quotes',
  },
  BLOCK_IN_FLOW: { message: 'inside [ ] or { } lists and maps are written with [ ] and { } too', hint: null },
  MULTILINE_IMPLICIT_KEY: {
    message: 'a key must stand on one line',
    hint: 'is a colon missing, or a quote or bracket not closed?',
  },
  KEY_OVER_1024_CHARS: { message: 'a key is longer than 1,024 characters', hint: null },
  BAD_SCALAR_START: { message: 'a text cannot begin with this sign', hint: 'put it into quotes' },
  MULTIPLE_ANCHORS: { message: 'a value can have only one anchor (&name)', hint: null },
  MULTIPLE_TAGS: { message: 'a value can have only one tag, and tags are not used here', hint: 'remove them' },
  ALIAS_PROPS: { message: 'an alias (*name) cannot have an anchor or a tag of its own', hint: null },
  BAD_ALIAS: { message: 'an anchor or alias has no name', hint: 'write a text that begins with * or & in quotes' },
  BAD_DIRECTIVE: { message: 'this %-line is not understood', hint: 'remove it' },
  TAG_RESOLVE_FAILED: { message: 'tags (!name) are not used here', hint: 'remove the tag' },
};

/** A syntax error of the library in our words; the library's own where we have none. */
export function explainYamlError(error: YAMLParseError, text: string): PlacedFinding {
  const known = byCode[error.code];
  const message = known?.message ?? `not YAML: ${lowerFirst(error.message.split('\n')[0] ?? '')}`;
  const offset = error.code === 'BAD_INDENT' ? skipBlanks(text, error.pos[0]) : error.pos[0];
  return { offset, path: [], message, hint: known?.hint ?? hintFor(error.message) };
}

function skipBlanks(text: string, offset: number): number {
  let at = offset;
  while (text[at] === ' ') at += 1;
  return at;
}

function hintFor(message: string): string | null {
  if (message.includes('implicit map keys') || message.includes('Implicit map keys')) return 'a colon is missing';
  return null;
}

function lowerFirst(text: string): string {
  return text.charAt(0).toLowerCase() + text.slice(1);
}
