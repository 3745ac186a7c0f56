import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ownerInLine, ownersOf, type TagClaim, whyNotOwner } from '../../../src/core/promote/tag-owner.ts';
import { aProject } from '../../fakes/model-data.ts';

function claim(id: number, branch: string, since: number, tag = 'latest'): TagClaim {
  const project = { ...aProject(), id, owner: 'acme', name: `p${id}` };
  return { project, branch, repository: 'quay.io/acme/api', tag, since };
}

/** No branch is of a line. */
const alone = (): null => null;

const owner = (claims: readonly TagClaim[], tag = 'latest'): string => {
  const found = ownersOf(claims, alone).get(`quay.io/acme/api:${tag}`);
  return `${found?.project.name}/${found?.branch}`;
};

describe('a tag that several claim', () => {
  it.each<[string, readonly TagClaim[], string]>([
    ['belongs to the earliest', [claim(1, 'main', 20), claim(2, 'main', 10)], 'p2/main'],
    ['of one time, to the project of the lower id', [claim(12, 'main', 10), claim(9, 'main', 10)], 'p9/main'],
    ['of one project, to the branch that comes first', [claim(1, 'main', 10), claim(1, 'dev', 10)], 'p1/dev'],
  ])('%s', (_, claims, expected) => {
    expect(owner(claims)).toBe(expected);
  });

  it('has one owner whatever order its claims are read in', () => {
    const claims = [claim(1, 'main', 5), claim(1, 'dev', 5), claim(2, 'main', 4), claim(3, 'main', 4)];
    fc.assert(
      fc.property(fc.shuffledSubarray(claims, { minLength: claims.length }), (shuffled) => {
        expect(owner(shuffled)).toBe('p2/main');
      }),
    );
  });

  it('is another one than another tag of the same repository', () => {
    const claims = [claim(1, 'main', 5, 'a'), claim(2, 'main', 1, 'b')];
    expect([owner(claims, 'a'), owner(claims, 'b')]).toEqual(['p1/main', 'p2/main']);
  });
});

describe('a branch that would set a tag', () => {
  const owners = ownersOf([claim(1, 'main', 5), claim(2, 'main', 6), claim(1, 'dev', 7)], alone);

  it('may where it owns it', () => {
    expect(whyNotOwner(owners, claim(1, 'main', 99), alone)).toBeNull();
  });

  it('is told to whom it belongs and what to write', () => {
    expect(whyNotOwner(owners, claim(2, 'main', 6), alone)).toBe(
      'quay.io/acme/api:latest belongs to acme/p1 on main, which had it first: give the image of acme/p2 on main another repository or other tags; it is free once the image has landed without this tag there',
    );
    expect(whyNotOwner(owners, claim(1, 'dev', 7), alone)).toContain('belongs to acme/p1 on main');
  });

  it('may where nobody claimed it', () => {
    expect(whyNotOwner(owners, claim(1, 'main', 5, 'other'), alone)).toBeNull();
  });
});

describe('a tag that release branches of one project claim', () => {
  /** `release-vN` is of version N. */
  const lineOf = (_: unknown, branch: string): readonly string[] | null => {
    const number = /^release-v(\d+)$/.exec(branch)?.[1];
    return number === undefined ? null : [number];
  };
  const ownerOf = (...claims: readonly TagClaim[]): string => {
    const found = ownersOf(claims, lineOf).get('quay.io/acme/api:latest');
    return `${found?.project.name}/${found?.branch}`;
  };
  const left = (claim: TagClaim): TagClaim => ({ ...claim, isLeft: true });

  it.each<[string, readonly TagClaim[], string]>([
    [
      'is that of the latest version, whoever had it first',
      [claim(1, 'release-v9', 10), claim(1, 'release-v10', 20), claim(1, 'release-v8', 30)],
      'p1/release-v10',
    ],
    ['is no branch’s of another project', [claim(1, 'release-v1', 10), claim(2, 'release-v2', 20)], 'p1/release-v1'],
    ['stays another branch’s that had it before', [claim(1, 'main', 5), claim(1, 'release-v2', 20)], 'p1/main'],
    ['is not that of a branch beside the line', [claim(1, 'release-v1', 5), claim(1, 'main', 20)], 'p1/release-v1'],
    [
      'does not go back when the latest is gone',
      [claim(1, 'release-v1', 10), left(claim(1, 'release-v2', 20))],
      'p1/release-v2',
    ],
    [
      'goes on past one that is gone',
      [claim(1, 'release-v3', 30), left(claim(1, 'release-v2', 20)), claim(1, 'release-v1', 10)],
      'p1/release-v3',
    ],
    ['is free for others once all are gone', [left(claim(1, 'release-v2', 20)), claim(2, 'main', 30)], 'p2/main'],
  ])('%s', (_, claims, expected) => {
    expect([ownerOf(...claims), ownerOf(...claims.toReversed())]).toEqual([expected, expected]);
  });

  it('is told to the older ones as that of a later version', () => {
    const owners = ownersOf([claim(1, 'release-v1', 10), claim(1, 'release-v2', 20)], lineOf);
    const older = claim(1, 'release-v1', 10);
    expect(ownerInLine(owners, older, lineOf)).toBe('release-v2');
    expect(ownerInLine(owners, claim(1, 'release-v2', 20), lineOf)).toBeNull();
    expect([
      ownerInLine(owners, claim(1, 'main', 1), lineOf),
      ownerInLine(owners, claim(2, 'main', 1), lineOf),
    ]).toEqual([null, null]);
    expect(whyNotOwner(owners, older, lineOf)).toBe(
      'quay.io/acme/api:latest belongs to release-v2, which is of a later version',
    );
    expect(whyNotOwner(owners, claim(1, 'main', 1), lineOf)).toContain('which had it first');
  });
});
