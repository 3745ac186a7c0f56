import type { FromRule, ReplacedLine } from '../../model/from.ts';
import { fillTemplate } from '../builders/fill-template.ts';
import { inlineCode } from '../text/safe-markdown.ts';
import type { Unknown, Values } from './expand-word.ts';
import { type BaseUse, findBases } from './find-bases.ts';
import { matchesReference, readReference, writeReference } from './reference.ts';
import { type Replacement, replaceLines } from './replace-lines.ts';
import { type Becoming, resolveUse } from './resolve-use.ts';
import { whyUnused } from './why-unused.ts';

/** What rules are applied to, and with. */
export interface FromQuestion {
  readonly rules: readonly FromRule[];
  /** Path of the container file, for messages. */
  readonly path: string;
  readonly dockerfile: string;
  /** Build arguments as written; they may name values. */
  readonly buildArgs: Readonly<Record<string, string>>;
  readonly platform: string | null;
  /** What `{{ names }}` stand for. */
  readonly values: Readonly<Record<string, string>>;
}

/** In words for the author, without the image's name; `rule`: which is wrong, from 0. */
export interface FromRefusal {
  readonly kind: 'refused';
  readonly because: string;
  readonly rule: number;
}

export type FromPlan = { readonly kind: 'planned'; readonly replaced: readonly ReplacedLine[] } | FromRefusal;

/** Names in a file beyond this are no file of a person. */
const mostBases = 200;

/**
 * Which lines of a container file become which, by all rules of its image (flavours-from-promotion.md §3A, "ours"). Refused are a rule
 * that matches nothing, two that match the same, and one whose replacement is not known.
 */
export function planFrom(question: FromQuestion): FromPlan {
  const { rules, dockerfile, path, platform, values } = question;
  if (rules.length === 0) return { kind: 'planned', replaced: [] };
  if (dockerfile.includes('\ufffd')) return refused(0, `${inlineCode(path)} is not UTF-8 text: save it as UTF-8`);
  const found = findBases(dockerfile, { buildArgs: argumentsOf(question), platform });
  if (found.bases.length > mostBases)
    return refused(0, `${inlineCode(path)} names more than ${mostBases} images: rules are not applied to it`);
  const uses: Becoming[] = [];
  for (const [index, rule] of rules.entries()) {
    const use = resolveUse(rule, index, values);
    if (use.kind === 'refused') return refused(index, use.because);
    uses.push(use);
  }
  const used = new Set<number>();
  const replacements: Replacement[] = [];
  for (const base of found.bases) {
    const rule = ruleFor(base, question);
    if (rule === null) continue;
    if (typeof rule !== 'number') return rule;
    used.add(rule);
    replacements.push(...replacementOf(base, uses[rule]));
  }
  const unused = rules.findIndex((_, index) => !used.has(index));
  if (unused >= 0) return refused(unused, whyUnused(rules[unused]?.match ?? '', unused, path, found));
  return { kind: 'planned', replaced: replaceLines(dockerfile, replacements) };
}

function refused(rule: number, because: string): FromRefusal {
  return { kind: 'refused', because, rule };
}

/** What is not known before it is built counts as unknown, where a FROM asks for it. */
function argumentsOf({ buildArgs, values }: FromQuestion): Values {
  return new Map(
    Object.entries(buildArgs).map(([name, text]): [string, string | Unknown] => {
      const filled = fillTemplate(text, values);
      const [lost] = filled.unknown;
      if (lost === undefined) return [name, filled.text];
      return [name, { unknown: `the build argument \`${name}\` names \`{{ ${lost} }}\`, which is not known here` }];
    }),
  );
}

/** The one rule that means this image, from 0; null: none does. */
function ruleFor({ image, instruction }: BaseUse, { rules, path }: FromQuestion): number | FromRefusal | null {
  if (image.kind === 'unknown') return null;
  const matching = rules.flatMap(({ match }, index) => (matchesReference(match, image.text) ? [index] : []));
  const [first, second] = matching;
  if (first === undefined || second === undefined) return first ?? null;
  const both = [first, second].map((index) => inlineCode(rules[index]?.match ?? '')).join(' and ');
  const where = `${inlineCode(image.text)} in line ${instruction.line} of ${inlineCode(path)}`;
  const because = `rules ${first + 1} and ${second + 1} of \`from\` (${both}) match ${where}: leave one, or make it narrower`;
  return refused(second, because);
}

/** Named so already, in full or short: it stays as it is written. */
function replacementOf(base: BaseUse, use: Becoming | undefined): readonly Replacement[] {
  if (use === undefined || base.image.kind === 'unknown') return [];
  if (writeReference(readReference(base.image.text)) === use.image) return [];
  return [{ base, by: use.image, because: use.because }];
}
