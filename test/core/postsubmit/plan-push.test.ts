import { expect, it } from 'vitest';
import { type PushedRef, planPush } from '../../../src/core/postsubmit/plan-push.ts';
import type { Sha } from '../../../src/model/sha.ts';
import { anImage, anImageJob, sha } from '../../fakes/model-data.ts';

const images = ['api', 'web'].map((name) => anImage(name, { repository: `quay.io/acme/${name}` }));
const uploads = anImageJob('publish', images, {
  content: { template: 'upload-image', images, publish: 'direct' },
  pipelines: ['postsubmit'],
});
const builds = anImageJob('build', images, { pipelines: ['postsubmit'] });

function pushed(published: PushedRef['published']): PushedRef {
  const changed = { known: true, paths: ['src/main.go'] } as const;
  const plain = { branch: 'main', isWatched: true, changed, change: 'pushed', at: 1, saysSkip: false } as const;
  return { ...plain, after: sha('b'), published, jobs: [uploads, builds], jobsAt: new Map(), versions: null };
}

function from(commit: Sha) {
  return { from: commit, changed: { known: true, paths: [] } } as const;
}

it('does not upload again what was published from the very commit (versions.md §6.5), but builds what is only built', () => {
  const planned = planPush(pushed(new Map([['api', from(sha('b'))]])));
  expect(planned.map(({ job, decision, images: built }) => [job, decision, built.map(({ name }) => name)])).toEqual([
    ['publish', 'run', ['web']],
    ['build', 'run', ['api', 'web']],
  ]);
  const both = new Map(['api', 'web'].map((name) => [name, from(sha('b'))] as const));
  expect(planPush(pushed(both))[0]).toMatchObject({
    decision: 'skip',
    reason:
      '`api` was built of this commit and published already; `web` was built of this commit and published already',
  });
  expect(planPush(pushed(new Map([['api', from(sha('a'))]])))[0]?.images.map(({ name }) => name)).toEqual([
    'api',
    'web',
  ]);
});
