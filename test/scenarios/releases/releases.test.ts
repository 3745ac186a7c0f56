import { afterEach, expect, it } from 'vitest';
import { cutRelease, type ReleaseWorld, restricted, startReleaseWorld } from './release-world.ts';

let world: ReleaseWorld;

afterEach(async () => world.stop());

const branch = 'release-v1.2';

it('a version that becomes final on a release branch is built at that commit and published once (V11)', async () => {
  world = await startReleaseWorld({ images: ['api', 'web'] });
  await cutRelease(world);
  const [fix = '', final = '', next = ''] = await world.pushTo(
    branch,
    'boss',
    { files: { 'fix.go': 'a fix\n' } },
    { files: { VERSION: 'v1.2.3\n' } },
    { files: { VERSION: 'v1.2.4-dev\n' } },
  );
  const check = await world.concludedOn(final, 'sluice/release/v1.2.3');
  expect(check).toMatchObject({
    conclusion: 'success',
    title: `V11: released v1.2.3 from ${final.slice(0, 12)} (2 images)`,
  });
  for (const image of ['api', 'web']) expect(await world.published(image, 'v1.2.3')).toBe(world.digestOf(image, final));
  expect(world.digestOf('api', fix)).toBeUndefined();
  expect(world.digestOf('api', next)).toBeUndefined();
  expect(world.releasesOf(branch)).toEqual(['releasing v1.2.3', 'released v1.2.3']);
  expect(await world.concludedOn(next, 'sluice/version')).toMatchObject({
    conclusion: 'success',
    title: `V11: release v1.2.3 from ${final.slice(0, 12)} (2 images)`,
  });
}, 240_000);

const release123 = 'sluice/release/v1.2.3';

async function pressRelease(commit: string, by: string): Promise<void> {
  const held = (await world.github.checkRuns(world.repo, commit)).find(({ name }) => name === release123);
  await world.github.pressCheckAction(world.repo, held?.id ?? 0, 'release', by);
}

it('who may not release has it held with a button, and only who may presses it (V16)', async () => {
  world = await startReleaseWorld({ lines: restricted });
  await world.github.createTeam('acme', 'releasers', ['boss']);
  await world.github.setPermission(world.repo, 'mallory', 'write');
  await cutRelease(world);
  const [final = ''] = await world.pushTo(branch, 'ada', { files: { VERSION: 'v1.2.3\n' } });
  const held = await world.concludedOn(final, release123);
  expect(held).toMatchObject({ conclusion: 'action_required' });
  expect(held.title).toBe('V16: ada is not in `initiators` (robot, team:acme/releasers): one of them may release it');
  expect(await world.concludedOn(final, 'sluice/version')).toMatchObject({ conclusion: 'action_required' });
  await pressRelease(final, 'mallory');
  await world.until('mallory is told', async () =>
    (await world.concludedOn(final, release123)).summary.includes('mallory is not in'),
  );
  expect(world.releasesOf(branch)).toEqual([]);
  expect(await world.published('api', 'v1.2.3')).toBeNull();
  await pressRelease(final, 'boss');
  await world.until(
    'it is released',
    async () => (await world.concludedOn(final, release123)).conclusion === 'success',
  );
  expect(await world.published('api', 'v1.2.3')).toBe(world.digestOf('api', final));
  const released = world.ledgerOf(branch).find(({ kind }) => kind === 'released');
  expect(released).toMatchObject({ by: { login: 'boss' } });
}, 240_000);

it('a robot that is named by its login releases', async () => {
  world = await startReleaseWorld({ lines: restricted });
  await world.github.createUser('robot');
  await world.github.setPermission(world.repo, 'robot', 'write');
  await cutRelease(world);
  const [final = ''] = await world.pushTo(branch, 'robot', { files: { VERSION: 'v1.2.3\n' } });
  expect(await world.concludedOn(final, release123)).toMatchObject({ conclusion: 'success' });
}, 240_000);

it('a release that did not build is begun again by Re-run at the same commit, by who may write there', async () => {
  world = await startReleaseWorld();
  await cutRelease(world);
  world.uploadBy(() => 'fail');
  const [final = ''] = await world.pushTo(branch, 'boss', { files: { VERSION: 'v1.2.3\n' } });
  expect(await world.concludedOn(final, release123)).toMatchObject({ conclusion: 'failure' });
  world.uploadBy(() => 'upload');
  const failed = (await world.github.checkRuns(world.repo, final)).find(({ name }) => name === release123);
  await world.github.pressRerun(world.repo, { checkRun: failed?.id ?? 0 }, 'mallory');
  await world.until('mallory is told', async () =>
    (await world.concludedOn(final, release123)).summary.includes('it takes write permission'),
  );
  await world.github.pressRerun(world.repo, { checkRun: failed?.id ?? 0 }, 'boss');
  await world.until(
    'it is released',
    async () => (await world.concludedOn(final, release123)).conclusion === 'success',
  );
  expect(await world.published('api', 'v1.2.3')).toBe(world.digestOf('api', final));
}, 240_000);

it('Re-run on a job of a release begins the release again where it failed, and says why not where it did not', async () => {
  world = await startReleaseWorld();
  await cutRelease(world);
  world.uploadBy(() => 'fail');
  const [final = ''] = await world.pushTo(branch, 'boss', { files: { VERSION: 'v1.2.3\n' } });
  expect(await world.concludedOn(final, release123)).toMatchObject({ conclusion: 'failure' });
  const pressJob = async (login: string): Promise<void> => {
    const runs = (await world.github.checkRuns(world.repo, final)).filter(({ name }) => name === 'publish');
    const job = runs.findLast(({ conclusion }) => conclusion !== 'skipped');
    await world.github.pressRerun(world.repo, { checkRun: job?.id ?? 0 }, login);
  };
  const isTold = (words: string) =>
    world.until(`it says: ${words}`, async () => {
      const runs = await world.github.checkRuns(world.repo, final);
      return runs.some(({ name, summary }) => name === 'publish' && summary?.includes(words));
    });
  await pressJob('mallory');
  await isTold('@mallory pressed Re-run: it takes write permission');
  world.uploadBy(() => 'upload');
  await pressJob('boss');
  await world.until('it is released', async () => (await world.published('api', 'v1.2.3')) !== null);
  expect(await world.concludedOn(final, release123)).toMatchObject({ conclusion: 'success' });
  await pressJob('boss');
  await isTold('@boss pressed Re-run: it passed, and nothing is built twice');
  expect(world.releasesOf(branch)).toEqual(['releasing v1.2.3', 'released v1.2.3']);
}, 240_000);
