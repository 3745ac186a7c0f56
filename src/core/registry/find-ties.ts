import type { NamePattern, RegistryRule } from '../../model/registry-rule.ts';
import { patternText } from './name-pattern.ts';

/** Two rules, by their places in the list, of which neither is the more exact. */
export interface RegistryTie {
  readonly first: number;
  readonly second: number;
  /** What both are for, in words. */
  readonly both: string;
}

function shared(one: readonly (NamePattern | number)[], other: readonly (NamePattern | number)[]): string | null {
  const theirs = new Set(other.map(patternText));
  return one.map(patternText).find((text) => theirs.has(text)) ?? null;
}

function tieOf(one: RegistryRule, other: RegistryRule): string | null {
  if (one.host !== other.host) return null;
  const use = one.uses.find((each) => other.uses.includes(each));
  const repository = shared(one.repositories, other.repositories);
  const project = shared(one.projects, other.projects);
  const branch = shared(one.branches, other.branches);
  if (use === undefined || repository === null || project === null || branch === null) return null;
  return `${use} of ${one.host}/${repository} by ${project} on ${branch}`;
}

/**
 * Pairs of rules that some caller would have to choose between by chance. Patterns that name one text differ in exactness
 * unless they are the same, so only equal ones can tie.
 */
export function findTies(rules: readonly RegistryRule[]): readonly RegistryTie[] {
  return rules.flatMap((rule, second) =>
    rules.slice(0, second).flatMap((earlier, first) => {
      const both = tieOf(earlier, rule);
      return both === null ? [] : [{ first, second, both }];
    }),
  );
}
