/** A selected field, or an inline fragment (`on` a type) with fields of its own. */
export type Selection =
  | {
      readonly kind: 'field';
      readonly name: string;
      /** The name in the answer. */
      readonly alias: string;
      readonly args: Readonly<Record<string, ArgumentValue>>;
      readonly fields: readonly Selection[];
    }
  | { readonly kind: 'fragment'; readonly on: string; readonly fields: readonly Selection[] };

/** A value written in the document, the name of a variable, or an object of such. */
export type ArgumentValue =
  | { readonly variable: string }
  | { readonly value: string | number | boolean | null }
  | { readonly object: Readonly<Record<string, ArgumentValue>> };

export interface GraphqlDocument {
  readonly operation: string;
  readonly name: string;
  /** Variable → type as written, e.g. `String!`. */
  readonly variables: Readonly<Record<string, string>>;
  readonly fields: readonly Selection[];
}

const tokens = /\s+|#[^\n]*|,|(\.\.\.|[{}()[\]:!=$@|]|-?\d+(?:\.\d+)?|"(?:[^"\\]|\\.)*"|[A-Za-z_]\w*)/y;

interface Reader {
  readonly words: readonly string[];
  readonly fragments: ReadonlyMap<string, readonly string[]>;
  at: number;
}

/** Reads one query or mutation with its named fragments, without directives: all that the closed list needs. */
export function parseDocument(text: string): GraphqlDocument {
  const { words, fragments } = withoutFragments(split(text));
  const reader: Reader = { words, at: 0, fragments };
  const operation = take(reader);
  const name = take(reader);
  const variables = peek(reader) === '(' ? readVariables(reader) : {};
  const fields = readFields(reader);
  if (reader.at < reader.words.length) throw new SyntaxError(`GraphQL: unexpected ${peek(reader)} after the operation`);
  return { operation, name, variables, fields };
}

// `fragment NAME on TYPE {…}`, kept as words: each use is read anew, as an inline fragment.
function withoutFragments(words: readonly string[]): { words: string[]; fragments: Map<string, readonly string[]> } {
  const rest: string[] = [];
  const fragments = new Map<string, readonly string[]>();
  for (let at = 0; at < words.length; ) {
    const end = endOfDefinition(words, at);
    if (words[at] === 'fragment') fragments.set(words[at + 1] ?? '', words.slice(at + 2, end));
    else rest.push(...words.slice(at, end));
    at = end;
  }
  return { words: rest, fragments };
}

function endOfDefinition(words: readonly string[], start: number): number {
  let depth = 0;
  let parentheses = 0;
  for (let at = start; at < words.length; at += 1) {
    if (words[at] === '(') parentheses += 1;
    if (words[at] === ')') parentheses -= 1;
    if (words[at] === '{') depth += 1;
    if (words[at] === '}') depth -= 1;
    if (words[at] === '}' && depth === 0 && parentheses === 0) return at + 1;
  }
  return words.length;
}

function split(text: string): string[] {
  const words: string[] = [];
  tokens.lastIndex = 0;
  while (tokens.lastIndex < text.length) {
    const at = tokens.lastIndex;
    const found = tokens.exec(text);
    if (!found) throw new SyntaxError(`GraphQL: cannot read ${JSON.stringify(text.slice(at, at + 20))}`);
    if (found[1] !== undefined) words.push(found[1]);
  }
  return words;
}

function peek(reader: Reader): string {
  return reader.words[reader.at] ?? 'end of document';
}

function take(reader: Reader): string {
  const word = peek(reader);
  reader.at += 1;
  return word;
}

function expectWord(reader: Reader, wanted: string): void {
  const word = take(reader);
  if (word !== wanted)
    throw new SyntaxError(`GraphQL: ${JSON.stringify(wanted)} expected, not ${JSON.stringify(word)}`);
}

function readVariables(reader: Reader): Record<string, string> {
  const variables: Record<string, string> = {};
  expectWord(reader, '(');
  while (peek(reader) !== ')') {
    expectWord(reader, '$');
    const name = take(reader);
    expectWord(reader, ':');
    let type = take(reader);
    while (!['$', ')'].includes(peek(reader))) type += take(reader);
    variables[name] = type;
  }
  expectWord(reader, ')');
  return variables;
}

function readFields(reader: Reader): Selection[] {
  const fields: Selection[] = [];
  expectWord(reader, '{');
  while (peek(reader) !== '}') fields.push(readSelection(reader));
  expectWord(reader, '}');
  return fields;
}

function readSelection(reader: Reader): Selection {
  const first = take(reader);
  if (first === '...') return readFragment(reader);
  if (!/^\w+$/.test(first)) throw new SyntaxError(`GraphQL: a field expected, not ${JSON.stringify(first)}`);
  const renamed = peek(reader) === ':';
  if (renamed) expectWord(reader, ':');
  const name = renamed ? take(reader) : first;
  const args = peek(reader) === '(' ? readArguments(reader) : {};
  const fields = peek(reader) === '{' ? readFields(reader) : [];
  return { kind: 'field', name, alias: first, args, fields };
}

function readFragment(reader: Reader): Selection {
  const name = take(reader);
  if (name === 'on') return { kind: 'fragment', on: take(reader), fields: readFields(reader) };
  const words = reader.fragments.get(name);
  if (!words) throw new SyntaxError(`GraphQL: no fragment ${JSON.stringify(name)}`);
  return readFragment({ words, at: 0, fragments: reader.fragments });
}

function readArguments(reader: Reader, open = '(', close = ')'): Record<string, ArgumentValue> {
  const args: Record<string, ArgumentValue> = {};
  expectWord(reader, open);
  while (peek(reader) !== close) {
    const name = take(reader);
    expectWord(reader, ':');
    args[name] = readValue(reader);
  }
  expectWord(reader, close);
  return args;
}

function readValue(reader: Reader): ArgumentValue {
  if (peek(reader) === '{') return { object: readArguments(reader, '{', '}') };
  const word = take(reader);
  if (word === '$') return { variable: take(reader) };
  if (word === 'true' || word === 'false') return { value: word === 'true' };
  if (word === 'null') return { value: null };
  if (/^-?\d/.test(word)) return { value: Number(word) };
  if (word.startsWith('"')) return { value: JSON.parse(word) as string };
  if (/^[A-Z_]+$/.test(word)) return { value: word };
  throw new SyntaxError(`GraphQL: a value expected, not ${JSON.stringify(word)}`);
}
