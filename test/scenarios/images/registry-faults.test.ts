import { afterEach, expect, it } from 'vitest';
import { type ImageWorld, type ImageWorldOptions, startImageWorld } from '../../harness/image-world.ts';
import { digestOf as digestOfBlob, hasBlob, makeImage, readDigest, seedImage } from '../../harness/oci-image.ts';
import type { Fault } from '../../harness/registry-front.ts';
import { uploadOf } from '../../harness/run-image-step.ts';
import { worldClock } from '../../harness/world-clock.ts';
import { landImage, promotionSays } from './land-image.ts';

let world: ImageWorld;

afterEach(async () => world.stop());

const isPublished = /^completed success/;
const told = (commit: string, fits: RegExp) => promotionSays(world, commit, fits);
const imageAt = (commit: string) => world.uploaded.get(`api@${commit}`);

/** Pauses are short here: what is waited for is a state. */
async function start(options: ImageWorldOptions = {}): Promise<void> {
  const sleep: typeof worldClock.sleep = (ms, signal) => worldClock.sleep(Math.min(ms, 400), signal);
  world = await startImageWorld({ ...options, sluice: { clock: { ...worldClock, sleep } } });
}

const busy: Fault = { kind: 'answer', status: 429, headers: { 'retry-after': '1' } };

it('F24: registries that are slow, cut, reset and refuse for a while get the whole image all the same, and no other', async () => {
  await start();
  const { staging, final } = world;
  const blob = /^GET .*\/blobs\//;
  staging.spoil({ on: blob, fault: { kind: 'slow', ms: 20 } });
  staging.spoil({ on: blob, fault: { kind: 'cut-answer', after: 900 }, times: 1 });
  staging.spoil({ on: blob, fault: busy, times: 1 });
  staging.spoil({ on: /^GET .*\/manifests\/sha256:/, fault: { kind: 'answer', status: 502 }, times: 1 });
  final.spoil({ on: /^POST .*\/uploads\//, fault: { kind: 'answer', status: 503 }, times: 1 });
  final.spoil({ on: /^POST .*\/uploads\//, fault: { kind: 'reset' }, times: 1 });
  final.spoil({ on: /^PATCH /, fault: { kind: 'cut-upload', after: 700 }, times: 1 });
  final.spoil({ on: /^PUT .*\/manifests\/sha256:/, fault: busy, times: 1 });
  final.spoil({ on: /^PUT .*\/manifests\/latest$/, fault: { kind: 'reset' }, times: 1 });
  const commit = await landImage(world, 'Ash');
  await told(commit, isPublished);
  const image = imageAt(commit);
  expect([await world.published('api'), await world.published('api', commit)]).toEqual([image?.digest, image?.digest]);
  expect(image?.blobs.length).toBeGreaterThan(1);
  for (const each of image?.blobs ?? []) expect(await hasBlob(final.base, 'acme/api', digestOfBlob(each))).toBe(true);
  expect(staging.count(blob)).toBeGreaterThan(image?.blobs.length ?? 0);
}, 240_000);

it('F25: what was carried out though its answer was lost is found, and is there once', async () => {
  await start();
  world.final.spoil({ on: /^PUT .*\/manifests\//, fault: { kind: 'lose-reply' }, times: 3 });
  const commit = await landImage(world, 'Ash');
  expect(await told(commit, isPublished)).toContain('1 image published, as the gate tested them');
  const digest = imageAt(commit)?.digest;
  expect([await world.published('api'), await world.published('api', commit)]).toEqual([digest, digest]);
  const put = world.final.seen.filter(({ line }) => /^PUT .*\/manifests\//.test(line));
  expect(new Set(put.flatMap(({ content }) => content ?? []))).toEqual(new Set([digest]));
  const names = await fetch(`${world.final.base}/v2/acme/api/tags/list`).then((answer) => answer.json());
  expect((names as { tags: string[] }).tags.sort()).toEqual([commit, 'latest'].sort());
}, 240_000);

it('F26: what a registry does not know for a while after it was pushed is asked for again, and not built again', async () => {
  await start();
  const unknown: Fault = { kind: 'answer', status: 404, body: { errors: [{ code: 'MANIFEST_UNKNOWN' }] } };
  world.staging.spoil({ on: /^(GET|HEAD) .*\/manifests\/sha256:/, fault: unknown, times: 2 });
  const commit = await landImage(world, 'Ash');
  await told(commit, /any more, where the gate put it/);
  // Only after what is under way here: how a registry answers what was just written there.
  world.final.spoil({ on: /^(GET|HEAD) .*\/manifests\/latest/, fault: unknown, times: 3 });
  await world.say({ name: '', repo: world.repo, number: 1, head: '' }, '/promote');
  expect(await told(commit, isPublished)).toContain('as the gate tested them');
  expect(await world.published('api')).toBe(imageAt(commit)?.digest);
  expect(world.uploaded.size).toBe(1);
}, 240_000);

it('F29: a digest that an upload names and the registry has not is never published, nor what is there in its place', async () => {
  await start({ mode: 'tag' });
  world.uploadBy(() => 'wait');
  const ash = await world.change('Ash', { 'README.md': 'hello, Ash\n' });
  await world.ask(ash);
  const pod = await world.until('its upload runs', () =>
    world.executor.manifests.find(
      (manifest) => uploadOf(manifest) !== null && world.executor.running().includes(manifest.metadata.name),
    ),
  );
  const to = uploadOf(pod);
  const [there, named] = [makeImage([40]), makeImage([50])];
  await seedImage(world.final.base, 'acme/api', there, to?.tag);
  const { mediaType, content } = named;
  const uploaded = { repository: to?.repository, tag: to?.tag, mediaType, manifestBytes: content.length };
  const message = JSON.stringify({ digest: named.digest, bytes: 50, layers: 1, uploaded });
  world.executor.finish(pod.metadata.name, { exitCode: 0, message });
  await world.ended(ash, 'success');
  const commit = world.git('rev-parse', 'main');
  await told(commit, /any more, where the gate put it/);
  expect([await world.published('api'), await world.published('api', commit)]).toEqual([null, null]);
  world.uploadBy(() => 'upload');
  for (let time = 2; time <= 4; time += 1) {
    await world.say(ash, '/promote');
    await told(commit, new RegExp(`Tried ${time} times|It is built again|^completed`));
  }
  expect(await told(commit, isPublished)).toContain('built again at this commit');
  const rebuilt = imageAt(commit)?.digest;
  expect([there.digest, named.digest]).not.toContain(rebuilt);
  expect([await world.published('api'), await world.published('api', commit)]).toEqual([rebuilt, rebuilt]);
  expect(await readDigest(world.final.base, 'acme/api', named.digest)).toBeNull();
}, 480_000);
