import { describe, expect, it } from 'vitest';
import { parseProjectConfig } from '../../src/config/parse-project-config.ts';
import { parseVersion } from '../../src/core/version/read-version.ts';
import type { VersionSettings } from '../../src/model/version-settings.ts';
import { shortComplaints } from './read-fixtures.ts';

const images = 'images: [{ name: api, repository: quay.io/acme/api }]\n';

function settingsOf(version: string): VersionSettings {
  const state = parseProjectConfig(`${images}version: ${version}\n`, { file: '.sluice.yaml', repositoryName: 'shop' });
  if (state.kind !== 'valid' || state.config.version === null) throw new Error(JSON.stringify(state));
  return state.config.version;
}

function complaints(version: string): readonly string[] {
  return shortComplaints(`${images}version: ${version}\n`);
}

describe('`version:`', () => {
  it('is nothing where the file does not speak of it, and the usual where it is empty', () => {
    const state = parseProjectConfig(images, { file: '.sluice.yaml', repositoryName: 'shop' });
    expect(state).toMatchObject({ kind: 'valid', config: { version: null } });
    expect(settingsOf('{}')).toMatchObject({
      components: [{ name: null, file: 'VERSION', paths: null }],
      scheme: 'semver',
      main: null,
      dev: { branches: null, tags: ['{{v}}-{{sha}}', '{{v}}'], immutable: ['{{v}}-{{sha}}'], fallback: null },
      release: { initiators: null, tags: ['{{v}}'], moving: [], versionOnly: false, allowBackfill: false },
      onTag: 'promote',
      onBranchCreatedWithFinal: 'hold',
      prereleases: 'build',
    });
    expect(settingsOf('{}').dev.skipIfOnly.map(({ source }) => source)).toEqual(['VERSION']);
  });

  it.each`
    written                               | branch            | is       | binds
    ${'"release-v*"'}                     | ${'release-v1.2'} | ${true}  | ${['1', '2']}
    ${'"release-v*"'}                     | ${'release-v1'}   | ${true}  | ${[null, null]}
    ${'"release-v*"'}                     | ${'release-v1.x'} | ${true}  | ${[null, null]}
    ${'"release-v*"'}                     | ${'release-1.2'}  | ${false} | ${[null, null]}
    ${'"release-v{major}.{minor}"'}       | ${'release-v1.2'} | ${true}  | ${['1', '2']}
    ${'"release-v{major}.{minor}"'}       | ${'release-v1'}   | ${false} | ${[null, null]}
    ${'"release-v{major}.{minor}"'}       | ${'release-v1x2'} | ${false} | ${[null, null]}
    ${'"rel-{major}"'}                    | ${'rel-1443'}     | ${true}  | ${['1443', null]}
    ${'"{rel,hotfix}/v{major}.{minor}*"'} | ${'hotfix/v1.2x'} | ${true}  | ${['1', '2']}
    ${'stable'}                           | ${'stable'}       | ${true}  | ${[null, null]}
  `('$written and the branch $branch: $is, bound to $binds', ({ written, branch, is, binds }) => {
    const [branches] = settingsOf(`{ releaseBranches: ${written} }`).releaseBranches;
    expect([branches?.matches(branch), branches?.binds(branch)]).toEqual([is, binds]);
  });

  it('reads versions by an expression of its own', () => {
    const { scheme } = settingsOf(
      '{ scheme: { regex: "(?P<major>[0-9]+)-(?P<minor>[0-9]+)(?:-(?P<prerelease>[a-z]+))?" } }',
    );
    expect(parseVersion('12-03-dev', scheme)).toMatchObject({ kind: 'dev', numbers: ['12', '3'], prerelease: ['dev'] });
    expect(parseVersion('12-03', scheme)).toMatchObject({ kind: 'final', prerelease: [] });
    expect(parseVersion('12', scheme)).toContain('is not what');
    const { scheme: loose } = settingsOf('{ scheme: { regex: "(?P<major>[0-9]+).*" } }');
    expect(parseVersion('12 <b>', loose)).toBe('`12 <b>` has signs that no version may have');
  });

  it('takes components instead of one file', () => {
    const { components, dev } = settingsOf(
      '{ components: { api: { file: ./api/VERSION, paths: [api/**], tagPrefix: api/ }, web: { file: web/VERSION } } }',
    );
    expect(components.map(({ name, file, tagPrefix }) => [name, file, tagPrefix])).toEqual([
      ['api', 'api/VERSION', 'api/'],
      ['web', 'web/VERSION', null],
    ]);
    expect(components[0]?.paths?.[0]?.matches('api/main.go')).toBe(true);
    expect(dev.skipIfOnly.map(({ source }) => source)).toEqual(['api/VERSION', 'web/VERSION']);
  });

  it.each`
    written                                         | says
    ${'{ scheme: { regex: "[0-9]+" } }'}            | ${'"[0-9]+" has no group major, so that two versions could not be compared'}
    ${'{ scheme: { regex: "(?P<major>a)(?=b)" } }'} | ${'is no RE2 expression'}
    ${'{ releaseBranches: "regex: v.*" }'}          | ${'"regex: v.*" is no glob'}
    ${'{ dev: { fallback: dev } }'}                 | ${'`dev` is no version as 1.2.3, 1.2.3-dev or 1.2.3-rc.1'}
    ${'{ release: { tags: ["{{branch}}"] } }'}      | ${'every release would be tagged "{{branch}}", and tags of a release are never overwritten'}
    ${'{ release: { initiators: ["a b"] } }'}       | ${'"a b" is neither a login nor a team'}
    ${'{ release: { needs: [unit] } }'}             | ${'there is no job "unit"'}
    ${'{ file: ../VERSION }'}                       | ${'"../VERSION" is not inside the repository'}
    ${'{ components: {} }'}                         | ${'names no component'}
  `('$written is refused: $says', ({ written, says }) => {
    expect(complaints(written).join('\n')).toContain(says);
  });
});
