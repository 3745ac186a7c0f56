import { describe, expect, it } from 'vitest';
import { parseVersion } from '../../../src/core/version/read-version.ts';
import { devVersion, epochOf, nameTag, versionValues } from '../../../src/core/version/version-tags.ts';
import type { Version } from '../../../src/model/version.ts';

const sha = 'a'.repeat(40);

function version(text: string, scheme: 'semver' | 'date-epoch' = 'semver'): Version {
  const parsed = parseVersion(text, scheme);
  if (typeof parsed === 'string') throw new Error(parsed);
  return parsed;
}

function tagsOf(text: string, shown: string, templates: readonly string[]): readonly string[] {
  return templates.map((template) => {
    const named = nameTag(template, versionValues(version(text), shown, sha));
    return named.kind === 'tag' ? named.tag : named.because;
  });
}

describe('tags of a version (versions.md §4)', () => {
  it.each([
    ['v1.2.3-dev', `v1.2.3-dev-${sha}`, 'v1.2.3-dev'],
    ['1.2.3-dev', `1.2.3-dev-${sha}`, '1.2.3-dev'],
    ['v1.2.3', `v1.2.3-dev-${sha}`, 'v1.2.3-dev'],
    ['v1.2.3-dev.4', `v1.2.3-dev.4-${sha}`, 'v1.2.3-dev.4'],
    ['v1.2.3-rc.1', `v1.2.3-rc.1-${sha}`, 'v1.2.3-rc.1'],
    ['1.2.3+build.5', `1.2.3-dev_build.5-${sha}`, '1.2.3-dev_build.5'],
  ])('of a dev build of %s are %s and %s: it never looks like a release', (text, immutable, moving) => {
    expect(tagsOf(text, devVersion(version(text)), ['{{v}}-{{sha}}', '{{ v }}'])).toEqual([immutable, moving]);
  });

  it.each([
    ['v1.2.3', ['v1.2.3', 'v1.2', 'v1', 'latest']],
    ['1.2.3+build.5', ['1.2.3_build.5', 'v1.2', 'v1', 'latest']],
  ])('of the release %s are %j', (text, tags) => {
    expect(tagsOf(text, text, ['{{v}}', 'v{{major}}.{{minor}}', 'v{{major}}', 'latest'])).toEqual(tags);
  });

  it('that are none are said so before anything is built', () => {
    expect(tagsOf('1.2.3', '1.2.3', ['{{v}}/x', `${'x'.repeat(128)}{{v}}`, '{{branch}}', '-{{v}}'])).toEqual([
      '`{{v}}/x` gives `1.2.3/x`, which is no tag: a tag has letters, digits, "_", "." and "-", and begins with one of the first three',
      expect.stringContaining('it is longer than 128 characters'),
      '`{{branch}}` names `branch`, which is not known here',
      expect.stringContaining('`-1.2.3`, which is no tag'),
    ]);
  });

  it('count days since the first of April 2020 where a project does', () => {
    expect(epochOf(Date.UTC(2020, 3, 1))).toBe('0.0');
    expect(epochOf(Date.UTC(2024, 2, 14, 23, 59, 59))).toBe('1443.0');
    expect(tagsOf('1.2.3', 'today', ['{{v}}'])).toEqual(['today']);
  });
});
