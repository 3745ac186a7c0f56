import { afterEach, expect, it } from 'vitest';
import { type ImageWorld, startImageWorld } from '../../harness/image-world.ts';
import { makeImage, readDigest, seedImage } from '../../harness/oci-image.ts';
import { uploadOf } from '../../harness/run-image-step.ts';
import { landImage, promotionSays } from './land-image.ts';

let world: ImageWorld;

afterEach(async () => world.stop());

const land = (...change: [name: string, files?: Readonly<Record<string, string>>]) => landImage(world, ...change);
const told = (commit: string, fits: RegExp) => promotionSays(world, commit, fits);
const isPublished = /^completed success/;
const digestAt = (image: string, commit: string): string | undefined =>
  world.uploaded.get(`${image}@${commit}`)?.digest;

it('two stages of an image are two images, each published under tags of its own', async () => {
  world = await startImageWorld({ stages: ['slim', 'debug'] });
  const commit = await land('Ash', { 'README.md': 'hello, Ash\n' });
  expect(await told(commit, isPublished)).toContain('2 images published');
  for (const stage of ['slim', 'debug']) {
    const digest = digestAt(`api/${stage}`, commit);
    expect(digest).toMatch(/^sha256:/);
    expect([await world.published('api', stage), await world.published('api', `${stage}-${commit}`)]).toEqual([
      digest,
      digest,
    ]);
  }
}, 240_000);

it('a late upload for an older candidate of a change takes nothing from the one that lands', async () => {
  world = await startImageWorld({
    mode: 'tag',
    lines: 'jobs: { e2e: { on: [gate], image: localhost/busybox:1, run: make e2e } }',
    judge: (_files, job) => (job === 'e2e' ? null : 'success'),
  });
  const ash = await world.change('Ash', { 'a.txt': 'a\n' });
  const birch = await world.change('Birch', { 'b.txt': 'b\n' });
  await world.ask(ash, birch);
  await world.tests('e2e@Ash', 'e2e@Ash+Birch');
  const older = world.executor.manifests
    .flatMap((pod) => uploadOf(pod) ?? [])
    .find(({ tag }) => /^change_2_/.test(tag));
  await world.end('e2e@Ash', 'failure');
  await world.ended(ash, 'failure');
  await world.until('the newer one is uploaded', () => world.uploaded.size === 3);
  const late = makeImage([30]);
  await seedImage(world.final.base, 'acme/api', late, older?.tag);
  await world.end('e2e@Birch', 'success');
  await world.ended(birch, 'success');
  const commit = world.git('rev-parse', 'main');
  await told(commit, isPublished);
  expect(await world.published('api')).toBe(digestAt('api', commit));
  const own = (await world.changeTags()).filter((tag) => tag.includes(`change_2_${commit.slice(0, 12)}`));
  expect(own).toHaveLength(1);
  expect(await readDigest(world.final.base, 'acme/api', own[0]?.split(':')[1] ?? '')).toBe(digestAt('api', commit));
}, 240_000);
