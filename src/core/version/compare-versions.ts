import type { Version } from '../../model/version.ts';

/** Digits of any length, none with leading zeros. */
function compareDigits(one: string, other: string): number {
  return one.length - other.length || (one < other ? -1 : one > other ? 1 : 0);
}

function compareIdentifiers(one: string, other: string): number {
  const [isOne, isOther] = [one, other].map((each) => /^[0-9]+$/.test(each));
  if (isOne && isOther) return compareDigits(one, other);
  if (isOne !== isOther) return isOne ? -1 : 1;
  return one < other ? -1 : one > other ? 1 : 0;
}

function compareLists(
  one: readonly string[],
  other: readonly string[],
  compare: (a: string, b: string) => number,
): number {
  for (const [index, each] of one.entries()) {
    const against = other[index];
    if (against === undefined) return 1;
    const order = compare(each, against);
    if (order !== 0) return order;
  }
  return one.length - other.length;
}

/** Which comes first (less than 0: `one`), by SemVer 2 precedence: a leading `v` and what stands after `+` do not count. */
export function compareVersions(one: Version, other: Version): number {
  const order = compareLists(one.numbers, other.numbers, compareDigits);
  if (order !== 0) return order;
  // What has a prerelease comes before what has none.
  if (one.prerelease.length === 0 || other.prerelease.length === 0)
    return other.prerelease.length - one.prerelease.length;
  return compareLists(one.prerelease, other.prerelease, compareIdentifiers);
}

/** True for the same parsed value: a leading `v` does not count, everything else does. */
export function isSameVersion(one: Version, other: Version): boolean {
  const value = ({ kind, numbers, prerelease, build }: Version): string =>
    JSON.stringify([kind, numbers, prerelease, build]);
  return value(one) === value(other);
}
