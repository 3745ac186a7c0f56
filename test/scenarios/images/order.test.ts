import { afterEach, expect, it } from 'vitest';
import { type ImageWorld, startImageWorld } from '../../harness/image-world.ts';
import { makeImage, seedImage } from '../../harness/oci-image.ts';
import { landImage, promotionSays } from './land-image.ts';

let world: ImageWorld;

afterEach(async () => world.stop());

const land = (...change: [name: string, files?: Readonly<Record<string, string>>]) => landImage(world, ...change);
const told = (commit: string, fits: RegExp) => promotionSays(world, commit, fits);
const isPublished = /^completed success/;
const digestAt = (image: string, commit: string): string | undefined =>
  world.uploaded.get(`${image}@${commit}`)?.digest;
const promote = (number: number) => world.say({ name: '', repo: world.repo, number, head: '' }, '/promote');
const ledger = (): readonly string[] => world.git('log', '--format=%s', 'refs/sluice/ledger/main').split('\n');
/** Waits until people pull what was built for this commit. */
const pulls = (image: string, commit: string) =>
  world.until(
    `${image} is what was built for ${commit.slice(0, 7)}`,
    async () => (await world.published(image)) === digestAt(image, commit),
  );

it('a tag goes back only when the branch does, after that is recorded, and forward again with what lands', async () => {
  world = await startImageWorld({ mode: 'tag' });
  const ash = await land('Ash');
  await told(ash, isPublished);
  const birch = await land('Birch');
  await told(birch, isPublished);
  expect(await world.published('api')).toBe(digestAt('api', birch));

  world.final.clear();
  await promote(1);
  await told(ash, isPublished);
  expect(ledger().filter((line) => line.includes('reset'))).toEqual([]);
  expect(world.final.count(/^PUT/)).toBe(0);

  let recorded: boolean | null = null;
  world.final.spoil({
    on: /^PUT .*manifests\/latest$/,
    fault() {
      recorded ??= ledger().some((line) => line.includes('reset'));
      return null;
    },
  });
  world.git('update-ref', 'refs/heads/main', ash);
  await promote(1);
  await pulls('api', ash);
  expect(recorded).toBe(true);
  expect(await world.published('api', birch)).toBe(digestAt('api', birch));

  const cedar = await land('Cedar');
  await told(cedar, isPublished);
  await pulls('api', cedar);
  // What an image says of itself is not read: no label can tell where it stands.
  expect(world.final.count(/^(GET|HEAD) .*\/blobs\//)).toBe(0);
  expect(ledger().filter((line) => line.includes('reset'))).toHaveLength(1);
}, 240_000);

it('of a landing whose promotion waited, each image is looked at on its own: a later one takes only what it built', async () => {
  world = await startImageWorld({ mode: 'tag', images: ['api', 'web'], onlyIf: { web: 'web/**' } });
  world.final.spoil({ on: /^PUT .*manifests\/latest$/, fault: { kind: 'answer', status: 503 } });
  const ash = await land('Ash', { 'README.md': 'hello, Ash\n', 'web/index.html': 'Ash\n' });
  await told(ash, /2 of 2 images wait/);
  const birch = await land('Birch', { 'README.md': 'hello, Birch\n' });
  await told(birch, /1 of 1 images wait/);
  world.final.calm();
  await promote(1);
  await told(birch, isPublished);
  expect(await told(ash, isPublished)).not.toContain('acme/api:latest');
  expect([await world.published('api'), await world.published('web')]).toEqual([
    digestAt('api', birch),
    digestAt('web', ash),
  ]);
}, 240_000);

it('what postsubmit built of a push is later than the landing before it, and no pass sets the older one again', async () => {
  world = await startImageWorld({ mode: 'tag' });
  const ash = await land('Ash');
  await told(ash, isPublished);
  await world.github.push({
    repo: world.repo,
    by: 'boss',
    branch: 'main',
    files: { 'README.md': 'pushed\n' },
    message: 'Direct',
  });
  const pushed = world.git('rev-parse', 'main');
  await told(pushed, isPublished);
  await pulls('api', pushed);
  const moved = makeImage([10]);
  await seedImage(world.final.base, 'acme/api', moved, 'latest');
  world.final.clear();
  await promote(1);
  await pulls('api', pushed);
  const set = world.final.seen.filter(({ line }) => /^PUT .*manifests\/latest$/.test(line));
  expect(set.map(({ content }) => content)).toEqual([digestAt('api', pushed)]);
}, 240_000);
