import { afterEach, expect, it } from 'vitest';
import { cutRelease, type ReleaseWorld, restricted, startReleaseWorld } from './release-world.ts';

let world: ReleaseWorld;

afterEach(async () => world.stop());

const branch = 'release-v1.2';
const version = (text: string) => ({ files: { VERSION: `${text}\n` } });
const check = 'sluice/release/v1.2.3';

async function loseEverything(): Promise<void> {
  await world.sluice.close();
  await world.redis.open().flushall();
  world.sluice = await world.startAnother();
}

it('all is lost while it is built: it is found again and released once, at the commit itself', async () => {
  world = await startReleaseWorld();
  await cutRelease(world);
  world.uploadBy(() => 'wait');
  const [final = '', next = ''] = await world.pushTo(branch, 'boss', version('v1.2.3'), version('v1.2.4-dev'));
  await world.until('it is built', () => world.executor.running().some((name) => name.includes('publish')));
  await loseEverything();
  world.uploadBy(() => 'upload');
  expect(await world.concludedOn(final, check)).toMatchObject({ conclusion: 'success' });
  expect(await world.concludedOn(next, 'sluice/version')).toMatchObject({ conclusion: 'success' });
  expect(await world.published('api', 'v1.2.3')).toBe(world.digestOf('api', final));
  expect(world.releasesOf(branch)).toEqual(['releasing v1.2.3', 'released v1.2.3']);
  expect(world.uploaded.size).toBe(1);
}, 240_000);

it('all is lost between the first tag and the last: the ledger says what is missing, and nothing is built again', async () => {
  world = await startReleaseWorld({ images: ['api', 'web'] });
  await cutRelease(world);
  // The second image's tag is refused until everything was lost.
  world.final.spoil({ on: /^PUT \/v2\/acme\/web\/manifests\/v1\.2\.3/, fault: { kind: 'answer', status: 503 } });
  const [final = ''] = await world.pushTo(branch, 'boss', version('v1.2.3'));
  await world.until('one tag is set', async () => (await world.published('api', 'v1.2.3')) !== null);
  expect(world.releasesOf(branch)).toEqual(['releasing v1.2.3']);
  await loseEverything();
  world.final.calm();
  expect(await world.concludedOn(final, check)).toMatchObject({ conclusion: 'success' });
  for (const image of ['api', 'web']) expect(await world.published(image, 'v1.2.3')).toBe(world.digestOf(image, final));
  expect(world.releasesOf(branch)).toEqual(['releasing v1.2.3', 'released v1.2.3']);
  expect(world.uploaded.size).toBe(2);
}, 240_000);

it('a release that waited for its button when all was lost is released by it all the same', async () => {
  world = await startReleaseWorld({ lines: restricted });
  await world.github.createTeam('acme', 'releasers', ['boss']);
  await cutRelease(world);
  const [final = ''] = await world.pushTo(branch, 'ada', version('v1.2.3'));
  expect(await world.concludedOn(final, check)).toMatchObject({ conclusion: 'action_required' });
  await loseEverything();
  const [held] = (await world.github.checkRuns(world.repo, final)).filter(({ name }) => name === check);
  await world.github.pressCheckAction(world.repo, held?.id ?? 0, 'release', 'boss');
  await world.until('it is released', async () => (await world.concludedOn(final, check)).conclusion === 'success');
  expect(await world.published('api', 'v1.2.3')).toBe(world.digestOf('api', final));
}, 240_000);

it('who named themselves with the push gains nothing by a loss', async () => {
  world = await startReleaseWorld({ lines: restricted });
  await world.github.setPermission(world.repo, 'mallory', 'write');
  await cutRelease(world);
  const file = world.git('show', `${branch}:.sluice.yaml`);
  const own = { files: { '.sluice.yaml': file.replace('robot', 'ada') } };
  const [, final = ''] = await world.pushTo(branch, 'ada', own, version('v1.2.3'));
  expect(await world.concludedOn(final, check)).toMatchObject({ conclusion: 'action_required' });
  await loseEverything();
  const [held] = (await world.github.checkRuns(world.repo, final)).filter(({ name }) => name === check);
  await world.github.pressCheckAction(world.repo, held?.id ?? 0, 'release', 'mallory');
  await world.until('mallory is told', async () =>
    (await world.concludedOn(final, check)).summary.includes('mallory is not in'),
  );
  expect(world.releasesOf(branch)).toEqual([]);
  expect(world.uploaded.size).toBe(0);
}, 240_000);
