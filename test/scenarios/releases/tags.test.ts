import { afterEach, expect, it } from 'vitest';
import { cutRelease, type ReleaseWorld, startReleaseWorld, versionLines } from './release-world.ts';

let world: ReleaseWorld;

afterEach(async () => world.stop());

const branch = 'release-v1.2';

async function tag(name: string, target: string, by = 'boss', message?: string): Promise<void> {
  await world.github.pushTag({
    repo: world.repo,
    by,
    tag: name,
    target,
    ...(message === undefined ? {} : { message }),
  });
}

it('a tag of a project without versions is built at its commit, annotated or not, and published once; moved, it fails', async () => {
  world = await startReleaseWorld({ lines: '' });
  const [first = ''] = await world.pushTo('main', 'boss', { files: { 'README.md': 'one\n' } });
  await tag('one', first);
  await tag('two', first, 'boss', 'an annotated one');
  for (const name of ['one', 'two']) {
    expect(await world.concludedOn(first, `sluice/tag/${name}`)).toMatchObject({
      conclusion: 'success',
      title: `V26: released ${name} from ${first.slice(0, 12)} (1 image)`,
    });
    expect(await world.published('api', name)).not.toBeNull();
  }
  const digest = await world.published('api', 'one');
  const second = world.commit(first, { files: { 'a.txt': 'more\n' } });
  await tag('one', second);
  const moved = await world.concludedOn(second, 'sluice/tag/one');
  expect(moved).toMatchObject({ conclusion: 'failure' });
  expect(moved.title).toMatch(/the tag one was moved: it is released already from .*, the registry was not touched/);
  expect(await world.published('api', 'one')).toBe(digest);
  expect(world.releasesOf('main').filter((each) => each.endsWith(' one'))).toEqual(['releasing one', 'released one']);
}, 240_000);

it('a branch and a tag pushed at once are one release; a tag on another version fails', async () => {
  world = await startReleaseWorld();
  await cutRelease(world);
  const [final = ''] = await world.pushTo(branch, 'boss', { files: { VERSION: 'v1.2.3\n' } });
  await tag('v1.2.3', final);
  expect(await world.concludedOn(final, 'sluice/release/v1.2.3')).toMatchObject({ conclusion: 'success' });
  await tag('v1.2.9', final);
  expect(await world.concludedOn(final, 'sluice/tag/v1.2.9')).toMatchObject({
    conclusion: 'failure',
    title: 'tag v1.2.9 on VERSION v1.2.3',
  });
  expect(world.releasesOf(branch)).toEqual(['releasing v1.2.3', 'released v1.2.3']);
  expect(world.uploaded.size).toBe(1);
}, 240_000);

it('more than three tags at once, of which the forge tells nothing, are found by looking', async () => {
  world = await startReleaseWorld({ lines: '' });
  const [first = ''] = await world.pushTo('main', 'boss', { files: { 'README.md': 'one\n' } });
  await tag('seen', first);
  await world.concludedOn(first, 'sluice/tag/seen');
  await world.github.pushTags(world.repo, ['a', 'b', 'c', 'd'], 'boss');
  await world.sluice.worker?.resync();
  for (const name of ['a', 'b', 'c', 'd'])
    expect(await world.concludedOn(first, `sluice/tag/${name}`)).toMatchObject({
      conclusion: 'success',
    });
}, 240_000);

it('Re-run on a tag that was refused has it judged again, and releases nothing that it does not name', async () => {
  const jobs = 'jobs: { publish: { template: upload-image, images: [api], on: [release, tag], publish: direct } }';
  world = await startReleaseWorld({ lines: [versionLines, jobs].join('\n') });
  await cutRelease(world);
  const [final = ''] = await world.pushTo(branch, 'boss', { files: { VERSION: 'v1.2.3\n' } });
  await world.concludedOn(final, 'sluice/release/v1.2.3');
  const check = 'sluice/tag/v1.2.9';
  await tag('v1.2.9', final);
  await world.concludedOn(final, check);
  const press = async (login: string): Promise<void> => {
    const refused = (await world.github.checkRuns(world.repo, final)).find(({ name }) => name === check);
    await world.github.pressRerun(world.repo, { checkRun: refused?.id ?? 0 }, login);
  };
  const isTold = (words: string) =>
    world.until(`it says: ${words}`, async () => (await world.concludedOn(final, check)).summary.includes(words));
  await press('mallory');
  await isTold('@mallory pressed Re-run: it takes write permission');
  await press('boss');
  await isTold('@boss pressed Re-run: it was judged again: tag v1.2.9 on VERSION v1.2.3');
  expect(await world.published('api', 'v1.2.9')).toBeNull();
  expect(world.uploaded.size).toBe(1);
}, 240_000);
