import type { Project } from '../../model/project.ts';
import type { ReleaseBranches } from '../../model/version-settings.ts';

/** The version that a release branch is of, as its name tells: its numbers, the most telling first. */
export type LinePlace = readonly string[];

/** Where a branch stands in the line of release branches of its project; null: it is in none. */
export type LineOf = (project: Project, branch: string) => LinePlace | null;

/** By the patterns of `version.releaseBranches`; null: none of them fits, or the name tells no version (images.md §3.2). */
export function placeInLine(patterns: readonly ReleaseBranches[], branch: string): LinePlace | null {
  const found = patterns.find((each) => each.matches(branch));
  if (found === undefined) return null;
  const [major, minor] = found.binds(branch);
  if (major !== null && minor !== null) return [major, minor];
  const numbers = branch.match(/\d+/g);
  return numbers === null ? null : [...numbers];
}

function plainNumber(digits: string): string {
  return digits.replace(/^0+(?=\d)/, '');
}

/** Less than 0: the first is of an older version. Numbers of any length. */
export function compareInLine(one: LinePlace, other: LinePlace): number {
  for (const [at, digits] of one.entries()) {
    const against = other[at];
    if (against === undefined) return 1;
    const [mine, theirs] = [plainNumber(digits), plainNumber(against)];
    const order = mine.length - theirs.length || (mine < theirs ? -1 : mine > theirs ? 1 : 0);
    if (order !== 0) return order;
  }
  return one.length - other.length;
}
