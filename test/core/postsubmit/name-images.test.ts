import { describe, expect, it } from 'vitest';
import { parseProjectConfig } from '../../../src/config/parse-project-config.ts';
import { nameCommit, nameDev, nameGitTag, nameImages, nameRelease } from '../../../src/core/postsubmit/name-images.ts';
import { parseVersion } from '../../../src/core/version/read-version.ts';
import type { Image } from '../../../src/model/image.ts';
import type { Version } from '../../../src/model/version.ts';
import type { VersionSettings } from '../../../src/model/version-settings.ts';

const sha = 'a'.repeat(40);
const place = { sha, branch: 'feature/x' };
const day = Date.UTC(2024, 2, 14, 23, 59, 59);

interface Read {
  readonly images: readonly Image[];
  readonly settings: VersionSettings;
}

function read(version: string, images = '{ name: api, repository: r.example.com/api }'): Read {
  const state = parseProjectConfig(`images: [${images}]\nversion: ${version}\n`, { file: 'f', repositoryName: 'r' });
  if (state.kind !== 'valid' || state.config.version === null) throw new Error(JSON.stringify(state));
  return { images: state.config.images, settings: state.config.version };
}

function version(text: string, { settings }: Read): Version {
  const parsed = parseVersion(text, settings.scheme);
  if (typeof parsed === 'string') throw new Error(parsed);
  return parsed;
}

function tagsOf(found: ReturnType<typeof nameImages>): unknown {
  return found.kind === 'named' ? found.images.map(({ tags }) => tags.join(' ').replaceAll(sha, 'SHA')) : found.because;
}

describe('dev images (versions.md §4)', () => {
  it.each`
    written                                       | text            | tags
    ${'{}'}                                       | ${'v1.2.3-dev'} | ${'v1.2.3-dev-SHA v1.2.3-dev'}
    ${'{}'}                                       | ${'1.2.3-dev'}  | ${'1.2.3-dev-SHA 1.2.3-dev'}
    ${'{ tagPrefix: v }'}                         | ${'1.2.3-dev'}  | ${'v1.2.3-dev-SHA v1.2.3-dev'}
    ${'{ tagPrefix: v }'}                         | ${'v1.2.3-dev'} | ${'v1.2.3-dev-SHA v1.2.3-dev'}
    ${'{}'}                                       | ${'v1.2.3'}     | ${'v1.2.3-dev-SHA v1.2.3-dev'}
    ${'{ scheme: date-epoch }'}                   | ${'today'}      | ${'1443.0-SHA 1443.0'}
    ${'{ dev: { tags: ["latest-{{branch}}"] } }'} | ${'1.2.3-dev'}  | ${'latest-feature-x'}
  `('with $written, $text is $tags', ({ written, text, tags }) => {
    const here = read(written);
    expect(tagsOf(nameImages(here.images, nameDev(here.settings, version(text, here), place, day)))).toEqual([tags]);
  });

  it('of two images in one repository, or two stages of one, are refused unless their tags tell them apart', () => {
    const two = '{ name: api, repository: r.example.com/x }, { name: web, repository: r.example.com/x, tags: [web] }';
    const plain = read('{}', two);
    const naming = nameDev(plain.settings, version('1.2.3-dev', plain), place, day);
    expect(tagsOf(nameImages(plain.images, naming))).toContain('api and web would both be r.example.com/x:1.2.3-dev');
    const apart = read('{ dev: { tags: ["{{image}}-{{v}}"] } }', two);
    const named = nameImages(apart.images, nameDev(apart.settings, version('1.2.3-dev', apart), place, day));
    expect(tagsOf(named)).toEqual(['api-1.2.3-dev', 'web-1.2.3-dev']);
    const stages = read('{}', '{ name: api, repository: r.example.com/x, targets: [a, b], tags: ["{{target}}"] }');
    expect(tagsOf(nameImages(stages.images, naming))).toContain('api (a) and api (b) would both be');
  });
});

describe('releases', () => {
  const moving = '{ release: { moving: ["v{{major}}.{{minor}}", "v{{major}}", latest] } }';

  it.each`
    text            | released              | tags
    ${'v1.2.3'}     | ${[]}                 | ${'v1.2.3 v1.2 v1 latest'}
    ${'v1.2.3'}     | ${['1.2.2']}          | ${'v1.2.3 v1.2 v1 latest'}
    ${'v1.2.3'}     | ${['1.2.9']}          | ${'v1.2.3'}
    ${'v1.2.3'}     | ${['1.3.0']}          | ${'v1.2.3 v1.2'}
    ${'v1.2.3'}     | ${['2.0.0', '1.1.9']} | ${'v1.2.3 v1.2 v1'}
    ${'v1.2.3-rc1'} | ${[]}                 | ${'v1.2.3-rc1'}
    ${'1.2.3+b.5'}  | ${[]}                 | ${'1.2.3_b.5 v1.2 v1 latest'}
  `('$text after $released is $tags: a moving tag only ever goes to the highest', ({ text, released, tags }) => {
    const here = read(moving);
    const before = (released as readonly string[]).map((each) => version(each, here));
    const naming = nameRelease(here.settings, version(text, here), place, before);
    expect(tagsOf(nameImages(here.images, naming))).toEqual([tags]);
  });
});

describe('images of a project without versions', () => {
  it.each`
    tags                               | ofCommit                                               | ofTag
    ${'[latest]'}                      | ${['latest']}                                          | ${['v7']}
    ${'["{{ sha }}", "{{ branch }}"]'} | ${['SHA feature-x']}                                   | ${['v7']}
    ${'["r-{{ tag }}", latest]'}       | ${['latest']}                                          | ${['r-v7']}
    ${'["{{ v }}"]'}                   | ${'none of the tags of image `api` can be named here'} | ${['v7']}
  `('$tags are $ofCommit on a branch and $ofTag at a tag', ({ tags, ofCommit, ofTag }) => {
    const { images } = read('{}', `{ name: api, repository: r.example.com/api, tags: ${tags} }`);
    expect(tagsOf(nameImages(images, nameCommit(place)))).toEqual(ofCommit);
    expect(tagsOf(nameImages(images, nameGitTag('v7', sha)))).toEqual(ofTag);
  });
});
