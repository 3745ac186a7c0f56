import { RE2JS } from 're2js';
import type { Matcher } from '../../model/matcher.ts';
import type { Fault } from '../schema/scalars.ts';
import { translateGlob } from './glob.ts';

/** A pattern as written: a name or glob, `regex: …` as text, or `{ regex: … }`. */
export type PatternText = string | { readonly regex: string };

export type PatternOutcome =
  | { readonly kind: 'matcher'; readonly matcher: Matcher }
  | ({ readonly kind: 'fault' } & Fault);

const maxLength = 256;
const maxRepeat = 100;
const maxProgram = 1_000;

/** The regular expression that a pattern is written with; null for a name or glob. */
export function regexOf(pattern: PatternText): string | null {
  if (typeof pattern !== 'string') return pattern.regex;
  return pattern.startsWith('regex:') ? pattern.slice('regex:'.length).trim() : null;
}

/** What the person wrote, on one line. */
export function patternSource(pattern: PatternText): string {
  const regex = regexOf(pattern);
  return regex === null ? String(pattern) : `regex: ${regex}`;
}

const compiled = new Map<string, PatternOutcome>();

/** Compiles a pattern for whole names, linear in time (A13, A14); the same text gives the same matcher. */
export function compilePattern(pattern: PatternText): PatternOutcome {
  const source = patternSource(pattern);
  const known = compiled.get(source);
  if (known !== undefined) return known;
  const regex = regexOf(pattern);
  const outcome = regex === null ? compileGlob(source) : compileRegex(regex, source);
  // Only a cache: bounded, because any repository may fill it.
  if (compiled.size >= 2_000) compiled.clear();
  compiled.set(source, outcome);
  return outcome;
}

function fault(message: string, hint: string | null): PatternOutcome {
  return { kind: 'fault', message, hint };
}

function compileGlob(source: string): PatternOutcome {
  if (source === '') return fault('is an empty pattern', null);
  if (source.length > maxLength) return fault(`is longer than ${maxLength} characters`, 'write several patterns');
  if (source.startsWith('!')) {
    return fault('begins with !; patterns do not exclude', 'use skipIf.only for paths and skipBranches for branches');
  }
  const glob = translateGlob(source);
  if (glob.kind === 'fault') return fault(glob.message, glob.hint);
  if (glob.kind === 'exact') return { kind: 'matcher', matcher: { source, matches: (text) => text === glob.text } };
  // Compiled at first use: always valid, and a file may hold thousands.
  let expression: RE2JS | null = null;
  const matches = (text: string): boolean => {
    expression ??= RE2JS.compile(glob.expression);
    return expression.testExact(text);
  };
  return { kind: 'matcher', matcher: { source, matches } };
}

function compileRegex(regex: string, source: string): PatternOutcome {
  if (regex === '') return fault('is an empty regular expression', null);
  if (regex.length > maxLength) return fault(`is longer than ${maxLength} characters`, 'write several patterns');
  const repeats = [...regex.matchAll(/\{(\d+)(?:,(\d*))?\}/g)].flatMap(([, least, most]) => [
    Number(least),
    Number(most ?? 0),
  ]);
  const tooComplex = fault('is too complex', `repeat at most ${maxRepeat} times, and not repeats of repeats`);
  if (repeats.some((times) => times > maxRepeat)) return tooComplex;
  try {
    const expression = RE2JS.compile(regex);
    if (expression.programSize() > maxProgram) return tooComplex;
    return { kind: 'matcher', matcher: { source, matches: (text) => expression.testExact(text) } };
  } catch (error) {
    return fault(`is no RE2 expression: ${regexReason(error)}`, regexHint(regex));
  }
}

function regexReason(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  return message.replace(/^error parsing regexp: /, '');
}

function regexHint(regex: string): string | null {
  if (/\(\?[=!<]/.test(regex)) return 'RE2 has no lookaround: use skipBranches or skipIf for what to leave out';
  if (regex.includes('{')) return 'RE2 repeats at most 1,000 times, repeats of repeats multiplied';
  return /\\\d/.test(regex) ? 'RE2 has no back references' : null;
}
