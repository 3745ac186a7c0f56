import { describe, expect, it } from 'vitest';
import { planNightly } from '../../../src/core/periodic/plan-nightly.ts';
import { anImage, anImageJob, sha } from '../../fakes/model-data.ts';

const commit = sha('b');
const tags = ['nightly', '{{ sha }}'];

function plannedWith(published: readonly string[], targets: readonly string[] = []) {
  const images = [
    anImage('api', { tags: targets.length === 0 ? tags : tags.map((tag) => `${tag}-{{ target }}`), targets }),
    anImage('web', { tags }),
  ];
  const content = { template: 'upload-image', images, publish: 'direct' } as const;
  const job = anImageJob('night', [], { content, pipelines: ['periodic'] });
  const ground = { branch: 'main', commit, at: 1, jobs: [job], versions: null, published: new Set(published) };
  return planNightly(ground).flatMap((planned) => planned.images);
}

describe('what a nightly builds of a commit whose image is published already', () => {
  it.each`
    published         | api                    | web
    ${[]}             | ${['nightly', commit]} | ${['nightly', commit]}
    ${['api']}        | ${['nightly']}         | ${['nightly', commit]}
    ${['api', 'web']} | ${['nightly']}         | ${['nightly']}
  `('takes no tag that names the commit: $published', ({ published, api, web }) => {
    expect(plannedWith(published)).toEqual([
      { name: 'api', tags: api },
      { name: 'web', tags: web },
    ]);
  });

  it('nor one of a stage that names it', () => {
    expect(plannedWith(['api'], ['run', 'debug'])[0]).toEqual({
      name: 'api',
      tags: ['nightly-run', 'nightly-debug'],
      byTarget: { run: ['nightly-run'], debug: ['nightly-debug'] },
    });
  });
});
