import { describe, expect, it } from 'vitest';
import { compileReleaseBranches } from '../../../src/config/matching/release-branches.ts';
import { compareInLine, placeInLine } from '../../../src/core/promote/branch-line.ts';

function placeOf(branch: string, ...patterns: readonly string[]) {
  const compiled = patterns.flatMap((source) => {
    const outcome = compileReleaseBranches(source);
    return outcome.kind === 'branches' ? [outcome.branches] : [];
  });
  return placeInLine(compiled, branch);
}

describe('the line of release branches', () => {
  it.each([
    ['release-v1.10', 'release-v*', ['1', '10']],
    ['release-v1.10', 'release-v{major}.{minor}', ['1', '10']],
    ['release-v2', 'release-v*', ['2']],
    ['hotfix-1.2.3', 'hotfix-*', ['1', '2', '3']],
    ['v3/stable', 'v{major}/*', ['3']],
    ['main', 'release-v*', null],
    ['release-vnext', 'release-v*', null],
  ] as const)('has %s by %s at %j', (branch, pattern, expected) => {
    expect(placeOf(branch, pattern)).toEqual(expected);
  });

  it('goes by the first pattern that fits', () => {
    expect(placeOf('release-v1.2', 'hotfix-*', 'release-v{major}.{minor}')).toEqual(['1', '2']);
    expect(placeOf('release-v1.2')).toBeNull();
  });

  it.each([
    [['1', '2'], ['1', '10'], -1],
    [['2'], ['1', '10'], 1],
    [['1'], ['1', '0'], -1],
    [['1', '2', '3'], ['1', '2'], 1],
    [['007'], ['7'], 0],
    [['99999999999999999998'], ['99999999999999999999'], -1],
  ])('orders %j and %j by number', (one, other, expected) => {
    expect(Math.sign(compareInLine(one, other))).toBe(expected);
    expect(Math.sign(compareInLine(other, one)) + expected).toBe(0);
  });
});
