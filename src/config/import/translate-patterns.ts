import type { z } from 'zod';
import type { PatternText } from '../matching/compile-pattern.ts';
import { printable, quote } from '../problems/finding.ts';
import { branchPatterns, pathPatterns } from '../schema/patterns.ts';
import { entriesOf, isMapping, itemsOf, type Tell, textOf, type Written } from './written.ts';

/** Which of our two matchers a list of Zuul's expressions becomes. */
export interface TranslatedPatterns {
  /** `not`: what the expressions were written to leave out. */
  readonly kind: 'these' | 'not';
  readonly patterns: readonly PatternText[];
}

const plain = /^[\w/-]+$/;

/** An expression that has no meaning but its letters, as them; null for any other. */
function literalOf(regex: string): string | null {
  const bare = regex.replace(/\\([.+-])/g, '\0$1');
  const letters = bare.replace(/\0[.+-]/g, '');
  return letters === '' || plain.test(letters) ? bare.replaceAll('\0', '') : null;
}

/** Whether a `|` stands outside of all brackets. */
function hasChoice(regex: string): boolean {
  const plainest = regex.replace(/\\./g, '').replace(/\[[^\]]*\]/g, '');
  let depth = 0;
  for (const character of plainest) {
    depth += character === '(' ? 1 : character === ')' ? -1 : 0;
    if (character === '|' && depth <= 0) return true;
  }
  return false;
}

/** Zuul matches from the beginning, and not to the end (zuul-ci.org, job.files). */
function toPattern(regex: string): PatternText {
  const body = regex.replace(/^\^/, '');
  const exact = body.endsWith('$') ? literalOf(body.slice(0, -1)) : null;
  if (exact !== null) return exact;
  const below = /^(.+\/)(?:\.\*\$?)?$/.exec(body)?.[1];
  const folder = below === undefined ? null : literalOf(below);
  if (folder !== null && !folder.startsWith('/')) return `${folder}**`;
  const whole = body.endsWith('$') || body.endsWith('.*') ? body.replace(/\$$/, '') : null;
  if (whole !== null && !hasChoice(body)) return { regex: whole };
  return { regex: `(?:${regex}).*` };
}

/** `^(?!docs/).*$`: whatever is not in docs/; the inside, null for any other expression. */
function leftOut(regex: string): string | null {
  const inner = /^\^?\(\?!(.*)\)(?:\.\*)?\$?$/.exec(regex)?.[1];
  if (inner === undefined) return null;
  let depth = 0;
  for (const character of inner.replace(/\\./g, '')) {
    depth += character === '(' ? 1 : character === ')' ? -1 : 0;
    if (depth < 0) return null;
  }
  return depth === 0 ? inner : null;
}

interface Expression {
  readonly at: Written;
  readonly regex: string;
  readonly negated: boolean;
}

function toExpression(item: Written): Expression | null {
  const entries = entriesOf(item);
  const regex = isMapping(item) ? textOf(entries.get('regex')) : textOf(item);
  if (regex === null || regex === '') return null;
  const inner = leftOut(regex);
  const negated = textOf(entries.get('negate')) === 'true';
  return inner === null ? { at: item, regex, negated } : { at: item, regex: inner, negated: !negated };
}

function reasonOf({ issues }: z.ZodError): string {
  const [issue] = issues;
  const inner = issue?.code === 'invalid_union' ? issue.errors.flat().find(({ code }) => code === 'custom') : issue;
  return inner?.message ?? 'is not taken';
}

/**
 * A list of expressions as patterns of ours. Null, and told why, where that cannot be done for the whole list: a part of it would
 * match less or more than was meant.
 */
export function translatePatterns(
  list: Written,
  what: 'files' | 'irrelevant-files' | 'branches',
  tell: Tell,
): TranslatedPatterns | null {
  const items = itemsOf(list);
  const expressions = items.map(toExpression);
  const read = expressions.filter((each) => each !== null);
  const refuse = (at: Written, why: string) => {
    tell(at, `${what}: ${why}: the whole list is not imported`);
    return null;
  };
  if (read.length === 0 || read.length < items.length) return refuse(list, 'not every item is an expression');
  const negated = read.filter((each) => each.negated);
  if (negated.length > 0 && read.length > 1)
    return refuse(negated[0]?.at ?? list, 'an expression that leaves out stands beside others');
  const patterns: PatternText[] = [];
  for (const { at, regex } of read) {
    const pattern = toPattern(regex);
    const checked = (what === 'branches' ? branchPatterns : pathPatterns).safeParse([pattern]);
    if (!checked.success) return refuse(at, `${quote(printable(regex))} ${reasonOf(checked.error)}`);
    patterns.push(pattern);
  }
  const distinct = [...new Map(patterns.map((pattern) => [JSON.stringify(pattern), pattern])).values()];
  return { kind: negated.length > 0 ? 'not' : 'these', patterns: distinct };
}

/** Branches are mostly written as plain names: such a one is taken as the whole name. */
export function translateBranches(list: Written, tell: Tell): TranslatedPatterns | null {
  const found = translatePatterns(list, 'branches', tell);
  if (found === null) return null;
  const patterns = found.patterns.map((pattern) => {
    const prefix = typeof pattern === 'string' ? null : /^\(\?:(.*)\)\.\*$/.exec(pattern.regex)?.[1];
    const name = prefix ? literalOf(prefix) : null;
    if (name === null) return pattern;
    tell(list, `branches: ${quote(name)} is taken as the whole name; Zuul also matches what begins with it`);
    return name;
  });
  return { ...found, patterns };
}
