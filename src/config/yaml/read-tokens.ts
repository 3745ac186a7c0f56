import { type CST, Lexer, Parser } from 'yaml';
import { quotedFault } from './quoted-fault.ts';
import { type Brackets, readBracket } from './read-brackets.ts';

/** Limits of one file (intake-faults-attacks.md A12). All are far above what a person writes. */
export const limits = {
  bytes: 256 * 1024,
  /** Lists and maps inside each other, aliases followed. */
  depth: 32,
  /** Words and signs of the file. */
  parts: 50_000,
  /** Values of the document, each alias counted with all it stands for. */
  values: 20_000,
} as const;

/** Why a file is not read further. */
export interface Refusal {
  readonly kind: 'refused';
  readonly offset: number;
  readonly message: string;
  readonly hint: string | null;
}

export type TokenOutcome = { readonly kind: 'tokens'; readonly tokens: readonly CST.Token[] } | Refusal;

/**
 * Tokenises without recursion and gives up early, so that what comes after (recursive, and quadratic in places) only ever
 * sees a small, flat file. Quotes and brackets that are not closed are named by where they were opened.
 */
export function readTokens(text: string): TokenOutcome {
  const parser = new Parser();
  const tokens: CST.Token[] = [];
  const brackets: Brackets = [];
  let parts = 0;
  for (const part of new Lexer().lex(text)) {
    parts += 1;
    const refusal = parts > limits.parts ? tooManyParts(parser.offset) : judgePart(part, parser.offset, brackets);
    if (refusal !== null) return refusal;
    for (const token of parser.next(part)) tokens.push(token);
    if (parser.stack.length > limits.depth * 3) return tooDeep(parser.offset);
  }
  const open = brackets.at(-1);
  if (open !== undefined) return { kind: 'refused', ...open.fault };
  for (const token of parser.end()) tokens.push(token);
  return { kind: 'tokens', tokens };
}

function judgePart(part: string, offset: number, brackets: Brackets): Refusal | null {
  const fault = quotedFault(part, offset) ?? readBracket(part, offset, brackets);
  return fault === null ? null : { kind: 'refused', ...fault };
}

function tooManyParts(offset: number): Refusal {
  const message = `the file has more than ${limits.parts} words and signs; reading stopped here`;
  return { kind: 'refused', offset, message, hint: 'move long scripts into files of the repository' };
}

export function tooDeep(offset: number): Refusal {
  const message = `lists and maps are nested more than ${limits.depth} deep; reading stopped here`;
  return { kind: 'refused', offset, message, hint: 'nothing in this file needs more than 8 levels' };
}
