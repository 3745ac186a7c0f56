import { z } from 'zod';

/** What is wrong with a text, and what to write instead. */
export interface Fault {
  readonly message: string;
  readonly hint: string | null;
}

/** The words after "expected" when the value is of another kind: `a name`, `a list of names`. */
type Expected = string;

/** A text that `fault` finds nothing wrong with; the pattern is only for editors. */
export function textThat(expected: Expected, fault: (text: string) => Fault | null, pattern?: RegExp) {
  const schema = z.string({ error: expected }).superRefine((text, context) => {
    const found = fault(text);
    if (found !== null) context.addIssue({ code: 'custom', message: found.message, params: { hint: found.hint } });
  });
  return pattern === undefined ? schema : schema.meta({ pattern: pattern.source });
}

/** A text that matches the whole pattern. */
export function textLike(expected: Expected, pattern: RegExp, hint: string | null = null) {
  return textThat(expected, (text) => (pattern.test(text) ? null : { message: `is not ${expected}`, hint }), pattern);
}

/** A non-empty list. */
export function listOf<Item extends z.ZodType>(expected: Expected, item: Item) {
  return z.array(item, { error: expected }).min(1, { error: 'the list is empty' });
}

/** One of them, or a non-empty list. */
export function oneOrMany<Item extends z.ZodType>(expected: Expected, item: Item) {
  return z.union([item, listOf(expected, item)], { error: expected });
}

/** One of the words. */
export function wordOf<const Words extends readonly [string, ...string[]]>(words: Words) {
  return z.enum(words);
}

/** true or false. */
export function flag() {
  return z.boolean({ error: 'true or false' });
}

/** A whole number in bounds, both included. */
export function count(least: number, most: number) {
  const expected = `a whole number from ${least} to ${most}`;
  return z.int({ error: expected }).min(least, { error: expected }).max(most, { error: expected });
}

export const identifier = textLike('a name of letters, digits, "-", "_" and "."', /^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$/);

/** A line of text that may be anything. */
export const anyText = textThat('a text', (text) => (text === '' ? { message: 'is empty', hint: null } : null));
