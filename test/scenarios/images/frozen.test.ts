import { afterEach, expect, it } from 'vitest';
import { type ImageWorld, startImageWorld } from '../../harness/image-world.ts';
import { operate } from '../gate/operator.ts';
import { landImage, promotionSays } from './land-image.ts';

let world: ImageWorld;

afterEach(async () => world.stop());

const land = (...change: [name: string, files?: Readonly<Record<string, string>>]) => landImage(world, ...change);
const told = (commit: string, fits: RegExp) => promotionSays(world, commit, fits);
const isPublished = /^completed success/;
const digestAt = (image: string, commit: string): string | undefined =>
  world.uploaded.get(`${image}@${commit}`)?.digest;

/** What people pull of both images. */
const pulled = async () => [await world.published('api'), await world.published('web')];

it('a tag stays with the last change that built its image, and waits while the branch is frozen', async () => {
  world = await startImageWorld({ mode: 'tag', images: ['api', 'web'], onlyIf: { web: 'web/**' } });
  const { repo } = world;
  const subjects = () => world.git('log', '--format=%s', 'refs/sluice/ledger/main');
  const ash = await land('Ash', { 'README.md': 'hello, Ash\n', 'web/index.html': 'Ash\n' });
  await told(ash, isPublished);
  const before = [digestAt('api', ash), digestAt('web', ash)];
  expect(await pulled()).toEqual(before);

  world.final.spoil({ on: /^PUT .*manifests\/latest$/, fault: { kind: 'answer', status: 503 } });
  const birch = await land('Birch', { 'README.md': 'hello, Birch\n' });
  await told(birch, /1 of 1 images wait/);
  await operate(world, 'freeze', 'the release is cut');
  await world.until('it is frozen', () => subjects().includes('frozen'));
  world.final.clear();
  await world.say({ name: 'Birch', repo, number: 2, head: '' }, '/promote');
  await told(birch, /The branch is frozen and publishes nothing: the release is cut/);
  expect(world.final.count(/^PUT .*manifests\/latest$/)).toBe(0);
  expect(await pulled()).toEqual(before);
  await operate(world, 'thaw');
  await world.until('it is thawed', () => subjects().includes('thawed'));
  await world.say({ name: 'Birch', repo, number: 2, head: '' }, '/promote');
  await told(birch, isPublished);
  expect(digestAt('web', birch)).toBeUndefined();
  expect(await pulled()).toEqual([digestAt('api', birch), digestAt('web', ash)]);
}, 240_000);
