import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compareVersions, isSameVersion } from '../../../src/core/version/compare-versions.ts';
import { parseVersion, readVersion } from '../../../src/core/version/read-version.ts';
import type { Version, VersionScheme } from '../../../src/model/version.ts';

function read(text: string | Uint8Array, scheme: VersionScheme = 'semver') {
  const bytes = typeof text === 'string' ? new TextEncoder().encode(text) : text;
  return readVersion({ kind: 'file', bytes }, scheme);
}

function version(text: string, scheme: VersionScheme = 'semver'): Version {
  const parsed = parseVersion(text, scheme);
  if (typeof parsed === 'string') throw new Error(parsed);
  return parsed;
}

describe('the file of a version (versions.md §1)', () => {
  it.each([
    ['a line', '1.2.3\n', '1.2.3'],
    ['no end of line', '1.2.3', '1.2.3'],
    ['a mark of its encoding', '\uFEFF1.2.3\n', '1.2.3'],
    ['lines as Windows ends them', '# ours\r\n\r\n1.2.3-dev\r\n', '1.2.3-dev'],
    ['blanks around it', '  v1.2.3\t\n', 'v1.2.3'],
    ['comments before and behind it', '# one\n  # two\n1.2.3 # three\n1.2.4\n', '1.2.3'],
  ])('counts by its first line that says something: %s', (_, text, raw) => {
    expect(read(text)).toMatchObject({ kind: 'version', version: { raw } });
  });

  it.each([
    ['nothing', '', 'there is no version in it', 1],
    ['comments alone', '# 1.2.3\n', 'there is no version in it', 1],
    ['two numbers', '\n1.2\n', '`1.2` is no version as 1.2.3, 1.2.3-dev or 1.2.3-rc.1', 2],
    ['leading zeros', '01.2.3', '`01.2.3` is no version as 1.2.3, 1.2.3-dev or 1.2.3-rc.1', 1],
    ['leading zeros behind the numbers', '1.2.3-rc.01', '`1.2.3-rc.01` has a number with leading zeros: `01`', 1],
    ['a range', '^1.2.3', '`^1.2.3` is no version as 1.2.3, 1.2.3-dev or 1.2.3-rc.1', 1],
    ['a long line', `1.2.3-${'a'.repeat(59)}`, 'it is longer than 64 characters', 1],
    ['a large file', `1.2.3\n${'#'.repeat(4096)}`, 'it is larger than 4 KiB', 1],
  ])('is broken with %s, and says why and where', (_, text, because, line) => {
    expect(read(text)).toEqual({ kind: 'broken', because, line });
  });

  it('is broken where it is no text, a link or a folder, and absent where it is not there', () => {
    expect(read(Uint8Array.of(0x31, 0xff))).toMatchObject({ kind: 'broken', because: 'it is not UTF-8' });
    expect(readVersion({ kind: 'other', what: 'a symbolic link' }, 'semver')).toMatchObject({
      kind: 'broken',
      because: 'it is a symbolic link and no file',
    });
    expect(readVersion({ kind: 'absent' }, 'semver')).toEqual({ kind: 'absent' });
  });

  it.each([
    ['1.2.3', 'final'],
    ['v1.2.3+build.5', 'final'],
    ['1.2.3-dev', 'dev'],
    ['1.2.3-dev.4', 'dev'],
    ['1.2.3-dev-x', 'dev'],
    ['1.2.3-develop', 'pre'],
    ['1.2.3-rc.1', 'pre'],
    ['1.2.3-rc.dev', 'pre'],
  ])('%s is %s', (text, kind) => {
    expect(version(text).kind).toBe(kind);
  });

  it('is a day and a patch, or today, where a project counts days', () => {
    expect(version('today', 'date-epoch')).toMatchObject({ kind: 'symbolic', numbers: [] });
    expect(version('1443.2', 'date-epoch')).toMatchObject({ kind: 'final', numbers: ['1443', '2'] });
    expect(parseVersion('1.2.3', 'date-epoch')).toBe('`1.2.3` is neither today nor a version as 1443.2');
  });

  it('is what the expression of a project describes, whole', () => {
    const regex = '(?<major>[0-9]{4})\\.(?<minor>[0-9]+)(?:~(?<prerelease>[a-z0-9.]+))?';
    const rule = { regex, groups: (text: string) => new RegExp(`^${regex}$`).exec(text)?.groups ?? null };
    expect(version('2026.011~dev', rule)).toMatchObject({ kind: 'dev', numbers: ['2026', '11'] });
    expect(version('2026.11', rule).kind).toBe('final');
    expect(parseVersion('x2026.11', rule)).toContain('`x2026.11` is not what');
  });
});

describe('the order of versions', () => {
  const ascending = [
    '1.0.0-1',
    '1.0.0-alpha',
    '1.0.0-alpha.1',
    '1.0.0-alpha.beta',
    '1.0.0-beta.2',
    '1.0.0-beta.11',
    '1.0.0-rc.1',
    '1.0.0',
    '1.0.1',
    '1.1.0',
    '1.10.0',
    '2.0.0-dev',
    '10.0.0',
    '99999999999999999999.0.0',
    '100000000000000000000.0.0',
  ];

  it('is that of SemVer 2, for numbers of any length', () => {
    for (const [index, one] of ascending.entries())
      for (const [at, other] of ascending.entries())
        expect(Math.sign(compareVersions(version(one), version(other))), `${one} and ${other}`).toBe(
          Math.sign(index - at),
        );
  });

  it('looks neither at a leading v nor at what stands behind a plus, which yet makes another version', () => {
    expect(compareVersions(version('v1.2.3'), version('1.2.3'))).toBe(0);
    expect(isSameVersion(version('v1.2.3'), version('1.2.3'))).toBe(true);
    expect(compareVersions(version('1.2.3+a'), version('1.2.3+b'))).toBe(0);
    expect(isSameVersion(version('1.2.3+a'), version('1.2.3+b'))).toBe(false);
  });

  const any = fc
    .tuple(
      fc.nat(20),
      fc.nat(20),
      fc.nat(20),
      fc.array(fc.constantFrom('0', '1', '10', 'a', 'dev', 'rc'), { maxLength: 3 }),
    )
    .map(([major, minor, patch, pre]) =>
      version(`${major}.${minor}.${patch}${pre.length > 0 ? `-${pre.join('.')}` : ''}`),
    );

  it('is an order', () => {
    fc.assert(
      fc.property(any, any, any, (one, two, three) => {
        expect(Math.sign(compareVersions(one, two)) + Math.sign(compareVersions(two, one))).toBe(0);
        if (compareVersions(one, two) <= 0 && compareVersions(two, three) <= 0)
          expect(compareVersions(one, three)).toBeLessThanOrEqual(0);
        expect(compareVersions(one, two) === 0).toBe(isSameVersion(one, two));
      }),
    );
  });
});
