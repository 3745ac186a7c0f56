import { describe, expect, it } from 'vitest';
import {
  decideSiblings,
  type KnownSiblings,
  type SiblingQuestion,
  siblingsDigest,
} from '../../src/core/decide-siblings.ts';
import type { Project } from '../../src/model/project.ts';
import { branchKeyOf } from '../../src/model/queue.ts';
import { type Sha, toSha } from '../../src/model/sha.ts';
import { imageOrder } from './pod/order-fixture.ts';

const sha = (digit: string): Sha => toSha(digit.repeat(40));
const own: Project = imageOrder().project;
const lib: Project = { ...own, id: 5, name: 'lib', defaultBranch: 'trunk' };
const { job } = imageOrder({ image: { siblings: ['acme/lib'] } });
const both = new Map([
  ['main', sha('1')],
  ['trunk', sha('2')],
]);
const question: SiblingQuestion = { own, baseRef: 'main', trust: 'untrusted', parents: null };

function known(project: Partial<Project> = {}, tips: ReadonlyMap<string, Sha | null> = both): KnownSiblings {
  return new Map([['acme/lib', { project: { ...lib, ...project }, tips }]]);
}

function commitOf(facts: KnownSiblings, asked: Partial<SiblingQuestion> = {}): Sha | string | undefined {
  const answer = decideSiblings(job, facts, { ...question, ...asked });
  return answer.kind === 'decided' ? answer.siblings[0]?.commit : `${answer.kind}: ${answer.because}`;
}

const onlyTrunk = new Map([
  ['main', null],
  ['trunk', sha('2')],
]);

describe('the commit of a sibling', () => {
  it.each([
    ['its branch of the base branch’s name', known(), {}, sha('1')],
    ['else its default branch', known({}, onlyTrunk), {}, sha('2')],
    ['in the gate what the ground holds', known(), { parents: { [branchKeyOf(5, 'main')]: sha('3') } }, sha('3')],
    ['the ground of its own branch alone', known(), { parents: { [branchKeyOf(5, 'trunk')]: sha('3') } }, sha('1')],
    ['not that of another project', known(), { parents: { [branchKeyOf(6, 'main')]: sha('3') } }, sha('1')],
  ] as const)('is %s', (_what, facts, asked, expected) => {
    expect(commitOf(facts, asked)).toBe(expected);
  });

  it.each([
    ['nobody sees it', new Map([['acme/lib', null]]), {}, /^refused: .*sees no repository `acme\/lib`/],
    ['it is of another account', known({ installation: 8 }), {}, /^refused: .*another account/],
    ['it is private and the code not approved', known({ private: true }), {}, /^refused: .*\/ok-to-test/],
    [
      'it has no branch at all',
      known(
        {},
        new Map([
          ['main', null],
          ['trunk', null],
        ]),
      ),
      {},
      /^refused: .*no branch/,
    ],
    ['it could not be looked at', new Map(), {}, /^unread/],
    ['its branches could not be read', known({}, new Map()), {}, /^unread/],
  ] as const)('is not there where %s', (_why, facts, asked, words) => {
    expect(commitOf(facts, asked)).toMatch(words);
  });

  it('of a private one is there for approved code', () => {
    expect(commitOf(known({ private: true }), { trust: 'approved' })).toBe(sha('1'));
  });
});

it('tells builds with other commits of a sibling apart, and nothing of those without', () => {
  const at = (commit: Sha) => siblingsDigest([{ project: lib, commit, ref: null }]);
  expect(at(sha('1'))).not.toBe(at(sha('2')));
  expect(at(sha('1'))).toBe(at(sha('1')));
  expect([siblingsDigest([]), siblingsDigest(undefined)]).toEqual([null, null]);
});
