import { afterEach, expect, it } from 'vitest';
import { type ImageWorld, startImageWorld } from '../../harness/image-world.ts';
import { readDigest } from '../../harness/oci-image.ts';
import { deleteTags } from './delete-tags.ts';
import { landImage, promotionSays } from './land-image.ts';

let world: ImageWorld;

afterEach(async () => world.stop());

const landed = (...change: [name: string, files?: Readonly<Record<string, string>>]) => landImage(world, ...change);
const told = (commit: string, fits: RegExp) => promotionSays(world, commit, fits);
const isPublished = /^completed success/;
const digestAt = (image: string, commit: string): string | undefined =>
  world.uploaded.get(`${image}@${commit}`)?.digest;

/** As a registry does whose tags are set once and for all. */
function fixTags(): void {
  world.final.spoil({
    on: /^PUT .*\/manifests\/(?!sha256:)/,
    async fault({ line }) {
      const [, name = '', tag = ''] = /^PUT \/v2\/(.+)\/manifests\/(.+)$/.exec(line) ?? [];
      if ((await readDigest(world.final.base, name, tag)) === null) return null;
      const message = `tag '${tag}' exists and cannot be overwritten because the repository is immutable`;
      return { kind: 'answer', status: 400, body: { errors: [{ code: 'TAG_INVALID', message }] } };
    },
  });
}

it('a registry whose tags never move takes each candidate and each new tag; what cannot move is told as refused', async () => {
  world = await startImageWorld({ mode: 'tag' });
  fixTags();
  const first = await landed('Ash');
  await told(first, isPublished);
  const second = await landed('Birch');
  const said = await told(second, /1 of 1 images refused/);
  expect(said).toMatch(/refused since \d\d:\d\d UTC: latest: .*immutable/);
  expect(said).not.toContain('waits');
  expect([await world.published('api'), await world.published('api', second)]).toEqual([
    digestAt('api', first),
    digestAt('api', second),
  ]);
}, 240_000);

it('a registry that deletes no tags keeps those of changes, which is told and spoils no promotion, and nothing is deleted by digest', async () => {
  world = await startImageWorld();
  const commit = await landed('Ash');
  await told(commit, isPublished);
  await world.until('it was asked to delete the tag', () => world.staging.count(/^DELETE .*manifests\/change_1_/) > 0);
  expect(await world.changeTags()).toEqual([expect.stringContaining(`change_1_${commit.slice(0, 12)}_latest`)]);
  expect(await told(commit, /change_1_\w+_latest`, under which it waited, could not be taken away/)).toMatch(
    isPublished,
  );
  expect(await world.published('api')).toBe(digestAt('api', commit));
  for (const front of [world.final, world.staging]) expect(front.count(/^DELETE .*sha256:/)).toBe(0);
}, 240_000);

it('a registry that deletes tags is left with those that people pull', async () => {
  world = await startImageWorld({ mode: 'tag' });
  deleteTags(world.final, world.finalStorage);
  const commit = await landed('Ash');
  await told(commit, isPublished);
  await world.until('the change tag is gone', async () => (await world.changeTags()).length === 0);
  expect([await world.published('api'), await world.published('api', commit)]).toEqual([
    digestAt('api', commit),
    digestAt('api', commit),
  ]);
}, 240_000);

it.each([
  ['the first tag was set', /^PUT .*\/acme\/api\/manifests\/latest/, 'final'],
  ['a part of an image was copied', /^GET .*\/acme\/web\/blobs/, 'staging'],
] as const)(
  'a registry that takes our credential back after %s is told as refusing, and promotion goes on once it lets us',
  async (_, first, which) => {
    world = await startImageWorld({ images: ['api', 'web'] });
    const front = world[which];
    let isBarred = false;
    front.spoil({
      on: /^/,
      fault({ line }) {
        const bars = isBarred && !line.includes('/change_');
        isBarred ||= first.test(line);
        const body = { errors: [{ code: 'UNAUTHORIZED', message: 'the robot was locked' }] };
        return bars ? { kind: 'answer', status: 401, body, headers: { 'www-authenticate': 'Basic realm="x"' } } : null;
      },
    });
    const commit = await landed('Ash');
    const said = await told(commit, /images refused/);
    expect(said).toMatch(/refused since \d\d:\d\d UTC: .*the robot was locked/);
    expect(await world.published('web')).toBeNull();
    front.calm();
    await world.say({ name: 'Ash', repo: world.repo, number: 1, head: '' }, '/promote');
    await told(commit, isPublished);
    for (const image of ['api', 'web']) expect(await world.published(image)).toBe(digestAt(image, commit));
  },
  240_000,
);
