import { describe, expect, it } from 'vitest';
import { resolveVersion } from '../../../src/config/resolve/resolve-version.ts';
import { judgeClaims } from '../../../src/core/gate/claim-tags.ts';
import type { Image } from '../../../src/model/image.ts';
import type { PipelineName } from '../../../src/model/job.ts';
import { anImage, anImageJob } from '../../fakes/model-data.ts';
import { aBranch, aDraft, main, theFacts } from './gate-fixture.ts';

const repository = 'quay.io/acme/api';
const key = (tag: string): string => `${main} ${repository}:${tag}`;

function fileOf(over: Partial<Image>, pipelines: readonly PipelineName[] = ['gate']) {
  const image = anImage('api', { repository, ...over });
  const content = { template: 'upload-image', images: [image], publish: 'promote' } as const;
  return {
    version: null,
    jobs: [anImageJob('upload-image', [image], { pipelines, content })],
  };
}

function judged(
  file: Parameters<typeof judgeClaims>[3],
  claims: Readonly<Record<string, string | null>>,
  reading?: null,
) {
  const draft = aDraft();
  const branches = reading === null ? { branches: new Map([[main, aBranch({ reading })]]) } : {};
  const facts = theFacts({ ...branches, claims: new Map(Object.entries(claims)) });
  const found = judgeClaims(draft, facts, { branch: main }, file);
  return { found, wanted: draft.wants.tags.map(({ tag }) => tag) };
}

describe('tags that a change’s file gives to what lands', () => {
  it.each<[string, Partial<Image>, readonly PipelineName[], readonly string[]]>([
    [
      'those that each landing moves',
      { tags: ['latest', '{{ sha }}', 'b-{{ branch }}'] },
      ['gate'],
      ['latest', 'b-main'],
    ],
    ['one of each stage', { tags: ['{{ target }}'], targets: ['a', 'b'] }, ['gate'], ['a', 'b']],
    ['those of what is built again once it has landed', { tags: ['latest'] }, ['postsubmit'], ['latest']],
    ['none of what is only tried', { tags: ['latest'] }, ['presubmit'], []],
    ['none of an image without a repository', { repository: null }, ['gate'], []],
  ])('are asked about: %s', (_title, image, pipelines, expected) => {
    expect(judged(fileOf(image, pipelines), {}).wanted).toEqual(expected);
  });

  it('of an image with a version are those of its dev builds, and no other’s', () => {
    const version = resolveVersion({ dev: { tags: ['edge-{{ branch }}', '{{ version }}', '{{ sha }}'] } });
    const named = resolveVersion({ components: { web: { file: 'web/VERSION' } }, dev: { tags: ['edge'] } });
    const file = fileOf({ tags: ['latest'] });
    expect(judged({ ...file, version }, {}).wanted).toEqual(['edge-main']);
    expect(judged({ ...file, version: named }, {}).wanted).toEqual(['latest']);
  });

  it('are told with all that others have', () => {
    const claims = { [key('latest')]: 'latest is theirs', [key('v1')]: null, [key('v2')]: 'v2 is theirs' };
    expect(judged(fileOf({ tags: ['latest', 'v1', 'v2'] }), claims).found).toEqual({
      kind: 'taken',
      problems: ['`latest is theirs`', '`v2 is theirs`'],
    });
  });

  it('are free where nobody else has them', () => {
    expect(judged(fileOf({ tags: ['latest'] }), { [key('latest')]: null }).found).toEqual({ kind: 'free' });
  });

  it('wait while what the branch has by now could not be read', () => {
    expect(judged(fileOf({ tags: ['latest'] }), {}, null)).toEqual({ found: { kind: 'unread' }, wanted: [] });
  });
});
