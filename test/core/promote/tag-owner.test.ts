import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ownersOf, type TagClaim, whyNotOwner } from '../../../src/core/promote/tag-owner.ts';
import { aProject } from '../../fakes/model-data.ts';

function claim(id: number, branch: string, since: number, tag = 'latest'): TagClaim {
  const project = { ...aProject(), id, owner: 'acme', name: `p${id}` };
  return { project, branch, repository: 'quay.io/acme/api', tag, since };
}

const owner = (claims: readonly TagClaim[], tag = 'latest'): string => {
  const found = ownersOf(claims).get(`quay.io/acme/api:${tag}`);
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
  const owners = ownersOf([claim(1, 'main', 5), claim(2, 'main', 6), claim(1, 'dev', 7)]);

  it('may where it owns it', () => {
    expect(whyNotOwner(owners, claim(1, 'main', 99))).toBeNull();
  });

  it('is told to whom it belongs and what to write', () => {
    expect(whyNotOwner(owners, claim(2, 'main', 6))).toBe(
      'quay.io/acme/api:latest belongs to acme/p1 on main, which had it first: give the image of acme/p2 on main another repository or other tags; it is free once the image has landed without this tag there',
    );
    expect(whyNotOwner(owners, claim(1, 'dev', 7))).toContain('belongs to acme/p1 on main');
  });

  it('may where nobody claimed it', () => {
    expect(whyNotOwner(owners, claim(1, 'main', 5, 'other'))).toBeNull();
  });
});
