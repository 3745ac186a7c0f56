import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { nextDev, proposalBranch, raiseVersion } from '../../../src/core/version/next-dev.ts';
import { parseVersion, readVersion } from '../../../src/core/version/read-version.ts';
import type { Version, VersionScheme } from '../../../src/model/version.ts';

function version(text: string, scheme: VersionScheme = 'semver'): Version {
  const parsed = parseVersion(text, scheme);
  if (typeof parsed === 'string') throw new Error(parsed);
  return parsed;
}

describe('the dev version after a final one', () => {
  it.each`
    given                 | raised     | next
    ${'1.2.3'}            | ${'patch'} | ${'1.2.4-dev'}
    ${'v1.2.9'}           | ${'patch'} | ${'v1.2.10-dev'}
    ${'v1.9.3'}           | ${'minor'} | ${'v1.10.0-dev'}
    ${'1.2.3+build.5'}    | ${'patch'} | ${'1.2.4-dev'}
    ${`1.2.${2 ** 53}00`} | ${'patch'} | ${`1.2.${2 ** 53}01-dev`}
    ${'1.2.3-dev'}        | ${'patch'} | ${null}
    ${'1.2.3-rc.1'}       | ${'patch'} | ${null}
  `('of $given, one $raised further, is $next', ({ given, raised, next }) => {
    expect(nextDev(version(given), 'semver', raised)).toBe(next);
  });

  it('is none where the scheme has no dev versions, or not in these words', () => {
    expect(nextDev(version('1443.2', 'date-epoch'), 'date-epoch', 'patch')).toBeNull();
    const groups = (text: string) => {
      const found = /^r(\d+)_(\d+)_(\d+)$/.exec(text);
      return found && { major: found[1] ?? null, minor: found[2] ?? null, patch: found[3] ?? null, prerelease: null };
    };
    const scheme = { regex: 'r…', groups } as unknown as VersionScheme;
    expect(nextDev(version('r1_2_3', scheme), scheme, 'patch')).toBeNull();
  });

  it('has a branch of its own, by base and component', () => {
    expect(proposalBranch('release-v1.2', null, 'v1.2.4-dev')).toBe('sluice/next-dev/release-v1.2/v1.2.4-dev');
    expect(proposalBranch('main', 'api', '1.3.0-dev')).toBe('sluice/next-dev/main/api/1.3.0-dev');
  });
});

describe('the file of a version that goes on', () => {
  const raise = (text: string) => raiseVersion(text, { from: '1.2.3', version: '1.2.4-dev' });

  it.each([
    ['a line', '1.2.3\n', '1.2.4-dev\n'],
    ['no end of line', '1.2.3', '1.2.4-dev'],
    ['a mark of its encoding', '\uFEFF1.2.3\n', '\uFEFF1.2.4-dev\n'],
    ['lines as Windows ends them', '# 1.2.3\r\n\r\n 1.2.3\r\n# end\r\n', '# 1.2.3\r\n\r\n 1.2.4-dev\r\n# end\r\n'],
    ['comments around it', '# 1.2.3\n1.2.3 # after 1.2.2\n1.2.3\n', '# 1.2.3\n1.2.4-dev # after 1.2.2\n1.2.3\n'],
  ])('keeps all else: %s', (_, text, raised) => {
    expect(raise(text)).toBe(raised);
  });

  it('is not touched where it says something else', () => {
    expect(raise('1.2.30\n')).toBeNull();
    expect(raise('# 1.2.3\n')).toBeNull();
    expect(raise('1.2.2\n1.2.3\n')).toBeNull();
  });

  it('says the next version to whoever reads it, whatever stands around it', () => {
    const line = fc.constantFrom('', ' ', '# one', '\t# 1.2.3', '#');
    const end = fc.constantFrom('\n', '\r\n', '\r');
    fc.assert(
      fc.property(fc.array(line), end, fc.array(line), (before, ends, after) => {
        const raised = raise([...before, '1.2.3', ...after].join(ends));
        const bytes = Buffer.from(raised ?? '');
        const read = readVersion({ kind: 'file', bytes }, 'semver');
        expect(read).toMatchObject({ kind: 'version', version: { raw: '1.2.4-dev' } });
      }),
    );
  });
});
