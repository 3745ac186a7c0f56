import { describe, expect, it } from 'vitest';
import type { ReleaseDecision } from '../../../src/core/version/decide-release.ts';
import { releasedBeside, unlessContradicted, unrecordedBeside } from '../../../src/core/version/known-releases.ts';
import { parseVersion } from '../../../src/core/version/read-version.ts';
import { toSha } from '../../../src/model/sha.ts';
import type { Version } from '../../../src/model/version.ts';

const [here, there] = [toSha('a'.repeat(40)), toSha('b'.repeat(40))];

function version(text: string): Version {
  const read = parseVersion(text, 'semver');
  if (typeof read === 'string') throw new Error(read);
  return read;
}

const decided: ReleaseDecision = { row: 'V11', version: version('1.2.3'), commit: here, kind: 'build', because: 'all' };
const tag = (name: string, commit = there) => ({ tag: name, version: version(name), commit });
const record = (name: string) => ({ version: version(name), commit: there, tree: there, state: 'released' }) as const;
const nothing = { records: [], tags: [], published: [] };
const published = [{ place: 'quay.io/acme/api:1.2.3', version: version('1.2.3') }];

describe('a release that git or a registry contradict', () => {
  it.each([
    ['is held for a tag of it at another commit', { ...nothing, tags: [tag('v1.2.3')] }, 'the tag v1.2.3 names bbbb'],
    ['is held for an image of it', { ...nothing, published }, 'quay.io/acme/api:1.2.3 is there already'],
  ])('%s, of which no ledger knows', (_title, known, words) => {
    const held = unlessContradicted(decided, known);
    expect(held).toMatchObject({ row: 'V14', kind: 'held', commit: here });
    expect(held.because).toContain(words);
  });

  it.each([
    ['a tag of it at the very commit', { ...nothing, tags: [tag('v1.2.3', here)] }],
    ['a tag of another version', { ...nothing, tags: [tag('1.2.2')] }],
    ['what a ledger knows of', { records: [record('1.2.3')], tags: [tag('1.2.3')], published }],
    ['nothing', nothing],
  ])('is as it was decided beside %s', (_title, known) => {
    expect(unlessContradicted(decided, known)).toBe(decided);
  });

  it('that is not built anyway is not held', () => {
    const failed = { ...decided, row: 'V15', kind: 'failed' } as const;
    expect(unlessContradicted(failed, { ...nothing, published })).toBe(failed);
  });
});

describe('what is released beside the version that is asked about', () => {
  const known = { records: [record('1.2.0')], tags: [tag('1.2.0'), tag('1.2.1'), tag('1.2.3')], published };

  it('counts a tag as unrecorded only where no ledger has its version', () => {
    expect(unrecordedBeside(known, [version('1.2.3')])).toEqual([
      { version: version('1.2.1'), where: `the git tag 1.2.1 at ${there.slice(0, 12)}`, commit: there },
    ]);
  });

  it('is the union of ledger, git and registry, where it counts for tags that move', () => {
    expect(releasedBeside(known, []).map(({ raw }) => raw)).toEqual(['1.2.0', '1.2.0', '1.2.1', '1.2.3', '1.2.3']);
  });
});
