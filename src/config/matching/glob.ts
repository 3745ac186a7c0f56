import type { Fault } from '../schema/scalars.ts';

/** A glob as an RE2 expression for the whole text, or as the only text it matches. */
export type GlobOutcome =
  | { readonly kind: 'exact'; readonly text: string }
  | { readonly kind: 're2'; readonly expression: string }
  | ({ readonly kind: 'fault' } & Fault);

/** Where reading stands. A fault ends it: `at` then is the end of the glob. */
interface Cursor {
  readonly glob: string;
  at: number;
  nesting: number;
  alternatives: number;
  fault: Fault | null;
}

const maxAlternatives = 32;
const maxNesting = 3;
const special = /[*?[\]{}\\]/;

/**
 * Translates a glob: `*` any characters but `/`, `?` one of them, `**` between slashes any number of directories (also none),
 * at the end everything below, `[abc]`, `[a-z]`, `[!abc]` one character, `{a,b}` either, `\x` the character x. Names that begin
 * with a dot are like any other. The expression is as long as the glob, so that matching is linear.
 */
export function translateGlob(glob: string): GlobOutcome {
  if (!special.test(glob)) return { kind: 'exact', text: glob };
  const cursor: Cursor = { glob, at: 0, nesting: 0, alternatives: 0, fault: null };
  const expression = readSequence(cursor);
  if (cursor.at < glob.length) fail(cursor, 'has a } without a {', 'write \\} for the character itself');
  return cursor.fault === null ? { kind: 're2', expression: `(?s)${expression}` } : { kind: 'fault', ...cursor.fault };
}

function fail(cursor: Cursor, message: string, hint: string): string {
  cursor.fault ??= { message, hint };
  cursor.at = cursor.glob.length;
  return '';
}

// Reads up to the end, or inside braces up to `,` or `}`.
function readSequence(cursor: Cursor): string {
  let expression = '';
  while (cursor.at < cursor.glob.length) {
    const character = cursor.glob.charAt(cursor.at);
    if (character === '}' || (character === ',' && cursor.nesting > 0)) break;
    expression += readStep(cursor, character);
  }
  return expression;
}

function readStep(cursor: Cursor, character: string): string {
  if (character === '*') return readStars(cursor);
  if (character === '[') return readClass(cursor);
  if (character === '{') return readBraces(cursor);
  if (character === ']') return fail(cursor, 'has a ] without a [', 'write \\] for the character itself');
  if (character === '?') {
    cursor.at += 1;
    return '[^/]';
  }
  if (character === '\\') cursor.at += 1;
  const code = cursor.glob.codePointAt(cursor.at);
  if (code === undefined) return fail(cursor, 'ends with a backslash', 'write \\\\ for the character itself');
  const plain = String.fromCodePoint(code);
  cursor.at += plain.length;
  return literal(plain);
}

function readStars(cursor: Cursor): string {
  const { glob, at } = cursor;
  let end = at;
  while (glob[end] === '*') end += 1;
  cursor.at = end;
  if (end - at === 1) return '[^/]*';
  const before = at === 0 ? '/' : glob.charAt(at - 1);
  const after = glob.charAt(end);
  const standsAlone = '/{,'.includes(before) && (after === '' || '/},'.includes(after)) && end - at === 2;
  if (!standsAlone)
    return fail(cursor, 'has ** beside other characters', 'write ** between slashes, as **/*.go or cmd/**');
  if (after !== '/') return '.+';
  cursor.at += 1;
  return '(?:[^/]+/)*';
}

function readBraces(cursor: Cursor): string {
  const { glob } = cursor;
  if (cursor.nesting >= maxNesting)
    return fail(cursor, `nests { } more than ${maxNesting} deep`, 'write several patterns');
  cursor.nesting += 1;
  const alternatives: string[] = [];
  do {
    cursor.at += 1;
    alternatives.push(readSequence(cursor));
  } while (glob[cursor.at] === ',');
  cursor.nesting -= 1;
  cursor.alternatives += alternatives.length;
  if (cursor.alternatives > maxAlternatives) {
    return fail(cursor, `has more than ${maxAlternatives} alternatives in { }`, 'write several patterns');
  }
  if (glob[cursor.at] !== '}') return fail(cursor, 'has a { without a }', 'write \\{ for the character itself');
  cursor.at += 1;
  return `(?:${alternatives.join('|')})`;
}

function readClass(cursor: Cursor): string {
  const { glob, at } = cursor;
  const isNegated = glob[at + 1] === '!' || glob[at + 1] === '^';
  const start = isNegated ? at + 2 : at + 1;
  const end = glob.indexOf(']', start + 1);
  if (end === -1) return fail(cursor, 'has a [ without a ]', 'write \\[ for the character itself');
  const characters = [...glob.slice(start, end)];
  if (characters.some((character) => '/\\['.includes(character))) {
    return fail(cursor, 'has /, \\ or [ inside [ ]', 'put only the characters of one name between them');
  }
  const body = classBody(cursor, characters);
  if (cursor.fault === null) cursor.at = end + 1;
  return isNegated ? `[^/${body}]` : `[${body}]`;
}

function classBody(cursor: Cursor, characters: readonly string[]): string {
  let body = '';
  for (let index = 0; index < characters.length; index += 1) {
    const first = characters[index] ?? '';
    const last = characters[index + 2];
    if (characters[index + 1] !== '-' || last === undefined) {
      body += literal(first);
      continue;
    }
    if (last < first || (first < '/' && '/' < last)) {
      return fail(
        cursor,
        `has the range ${first}-${last}, which runs backwards or over /`,
        'write it as [a-z] or [0-9]',
      );
    }
    body += `${literal(first)}-${literal(last)}`;
    index += 2;
  }
  return body;
}

function literal(character: string): string {
  return /[\w\s/]|[^\u0000-\u007f]/.test(character) ? character : `\\${character}`;
}
