import { expect, it } from 'vitest';
import { imagesOfJob } from '../../../src/core/promote/collect-images.ts';
import { changeTag, uploadPlaceOf } from '../../../src/core/promote/places.ts';
import { type Build, buildIdFor } from '../../../src/model/build.ts';
import type { Image } from '../../../src/model/image.ts';
import type { Job } from '../../../src/model/job.ts';
import type { PromotionSettings } from '../../../src/model/promotion.ts';
import { aJob, anImage, sha } from '../../fakes/model-data.ts';
import { digest } from './promote-fixture.ts';

const candidate = sha('c');
const mediaType = 'application/vnd.oci.image.manifest.v1+json';
const staged: PromotionSettings = { mode: 'intermediate', staging: 'staging.acme.io/wait', executor: 'worker' };

function job(...images: readonly Image[]): Job {
  return aJob('stage', { content: { template: 'upload-image', images, publish: 'promote' } });
}

/** A Build that uploaded where the gate told it to; `of` null: it failed. */
function built(image: Image, target: string | null, platform: string | null, of: string | null): Build {
  const place = uploadPlaceOf(image, staged, { number: 7, candidate, target, platform });
  const point = { image: image.name, ...(target ? { target } : {}), ...(platform ? { platform } : {}) };
  const parts = {
    subject: 's',
    entry: '7/1',
    commit: candidate,
    job: 'stage',
    point,
    definition: 'd',
    request: 1,
    attempt: 1,
  };
  const uploaded = { repository: place?.repository ?? '', tag: place?.tag ?? '', mediaType, manifestBytes: 400 };
  const outcome = {
    image: of === null ? null : { digest: digest(of), bytes: 1, layers: 1, uploaded },
    tail: '',
    annotation: null,
  };
  const result = of === null ? 'failure' : 'success';
  const state = { phase: 'finished', result, because: '', startedAt: null, finishedAt: 1, outcome } as const;
  return { id: buildIdFor(parts), parts, trust: 'approved', state };
}

const status = (...builds: readonly Build[]) => ({ status: { kind: 'ended', result: 'success', builds } }) as const;
const api = anImage('api', { repository: 'quay.io:443/acme/api', tags: ['latest', 'v1'] });

it('records what an upload said, with where it waits and the tags of the file', () => {
  const found = imagesOfJob(job(api), status(built(api, null, null, 'a')), new Map());
  const place = { repository: 'staging.acme.io/wait/quay.io-443/acme/api', tag: changeTag(7, candidate, 'latest') };
  expect(found.images).toEqual([
    {
      name: 'api',
      target: null,
      repository: 'quay.io:443/acme/api',
      tags: ['latest', 'v1'],
      digest: digest('a'),
      staged: place,
    },
  ]);
  expect([found.indexes, found.waits]).toEqual([[], null]);
});

it('is one image for each stage that is named', () => {
  const image = { ...api, targets: ['one', 'two'], tags: ['{{ target }}'] };
  const builds = [built(image, 'one', null, 'a'), built(image, 'two', null, 'b')];
  const { images } = imagesOfJob(job(image), status(...builds), new Map());
  expect(images.map(({ target, digest: of, staged: { tag } }) => [target, of, tag])).toEqual([
    ['one', digest('a'), changeTag(7, candidate, 'one')],
    ['two', digest('b'), changeTag(7, candidate, 'two')],
  ]);
});

it('is the index over all platforms, which is wanted first, by a name that the same children give again', () => {
  const image = { ...api, platforms: ['linux/amd64', 'linux/arm64'] };
  const builds = [built(image, null, 'linux/arm64', 'b'), built(image, null, 'linux/amd64', 'a')];
  const first = imagesOfJob(job(image), status(...builds), new Map());
  expect(first.images).toEqual([]);
  const [wanted] = first.indexes;
  expect(wanted?.place).toEqual({
    repository: 'staging.acme.io/wait/quay.io-443/acme/api',
    tag: changeTag(7, candidate, 'latest'),
  });
  expect(wanted?.children).toEqual([
    { digest: digest('a'), mediaType, bytes: 400, platform: 'linux/amd64' },
    { digest: digest('b'), mediaType, bytes: 400, platform: 'linux/arm64' },
  ]);
  const key = wanted?.key ?? '';
  expect(imagesOfJob(job(image), status(...builds.toReversed()), new Map()).indexes[0]?.key).toBe(key);
  const known = imagesOfJob(job(image), status(...builds), new Map([[key, digest('e')]]));
  expect(known.images.map((each) => [each.digest, each.staged.tag])).toEqual([
    [digest('e'), changeTag(7, candidate, 'latest')],
  ]);
  const unwritten = new Map([[key, { because: 'quay.io gave no answer' }]]);
  expect(imagesOfJob(job(image), status(...builds), unwritten).waits).toBe('quay.io gave no answer');
});

it('each platform waits under a tag of its own', () => {
  const image = { ...api, platforms: ['linux/amd64', 'linux/arm64'] };
  const tags = image.platforms.map(
    (platform) => uploadPlaceOf(image, staged, { number: 7, candidate, target: null, platform })?.tag,
  );
  expect(tags).toEqual(
    ['linux-amd64', 'linux-arm64'].map((suffix) => `${changeTag(7, candidate, 'latest')}-${suffix}`),
  );
});

it('is nothing of a job that lacks a platform', () => {
  const image = { ...api, platforms: ['linux/amd64', 'linux/arm64'] };
  const builds = [built(image, null, 'linux/amd64', 'a'), built(image, null, 'linux/arm64', null)];
  const failed = { status: { kind: 'ended', result: 'failure', builds } } as const;
  expect(imagesOfJob(job(image), failed, new Map())).toEqual({ images: [], indexes: [], waits: null });
});

it('is nothing of a build that failed, of another job, or of an image without a repository', () => {
  expect(imagesOfJob(job(api), status(built(api, null, null, null)), new Map()).images).toEqual([]);
  expect(imagesOfJob(aJob('unit'), status(built(api, null, null, 'a')), new Map()).images).toEqual([]);
  const nowhere = anImage('api', { repository: null });
  expect(uploadPlaceOf(nowhere, staged, { number: 7, candidate, target: null, platform: null })).toBeNull();
  expect(imagesOfJob(job(nowhere), status(built(nowhere, null, null, 'a')), new Map()).images).toEqual([]);
});
