import { afterEach, expect, it } from 'vitest';
import { type ImageWorld, startImageWorld } from '../../harness/image-world.ts';

let world: ImageWorld;

afterEach(async () => world.stop());

async function push(text: string): Promise<string> {
  await world.github.push({
    repo: world.repo,
    by: 'boss',
    branch: 'main',
    files: { 'README.md': text },
    message: text,
  });
  return world.git('rev-parse', 'main');
}

const job = (images: string, rest: string): string =>
  `{ template: upload-image, images: [${images}], on: [postsubmit], publish: direct, concurrency: ${rest} }`;

const uploads = (): number =>
  world.executor.running().filter((name) => name.includes('api') || name.includes('web')).length;

const titleOf = async (commit: string, name: string): Promise<string> =>
  (await world.check(world.repo, commit, name))?.title ?? '';

async function concluded(commit: string, name: string): Promise<string | null> {
  const run = await world.until(`${name} on ${commit.slice(0, 7)} is concluded`, async () => {
    const found = (await world.github.checkRuns(world.repo, commit)).findLast((each) => each.name === name);
    return found?.status === 'completed' && found;
  });
  return run.conclusion === null ? null : `${run.conclusion}`;
}

it('jobs of a group run one after the other, each with all its builds; pushes that queue are all built, also by another worker', async () => {
  const lines = ['jobs:', `  publish: ${job('api, web', '{ group: dev, onNew: queue }')}`].join('\n');
  world = await startImageWorld({ images: ['api', 'web'], lines });
  world.uploadBy(() => 'wait');
  const first = await push('one\n');
  await world.until('both builds of the first run', () => uploads() === 2);
  const second = await push('two\n');
  const waits = 'Waiting for the group dev, which another job holds';
  await world.until('the second says what it waits for', async () => (await titleOf(second, 'publish')) === waits);
  await world.sluice.close();
  world.sluice = await world.startAnother();
  const third = await push('three\n');
  await world.until('the third says so too', async () => (await titleOf(third, 'publish')) === waits);
  expect(uploads()).toBe(2);
  world.uploadBy(() => 'upload');
  for (const commit of [first, second, third]) expect(await concluded(commit, 'publish')).toBe('success');
  await concluded(third, 'sluice/promote');
  for (const image of ['api', 'web'])
    for (const commit of [first, second, third])
      await world.until(`${image} of ${commit.slice(0, 7)} is published`, async () => {
        return (await world.published(image, commit)) === world.uploaded.get(`${image}@${commit}`)?.digest;
      });
  expect(await world.published('api')).toBe(world.uploaded.get(`api@${third}`)?.digest);
  expect(world.uploaded.size).toBe(6);
}, 240_000);

it('one that takes the place of what waits is the usual, in a group as well', async () => {
  const lines = ['jobs:', `  publish: ${job('api', 'dev')}`].join('\n');
  world = await startImageWorld({ lines });
  world.uploadBy(() => 'wait');
  const first = await push('one\n');
  await world.until('its build runs', () => uploads() === 1);
  const second = await push('two\n');
  await world.until('the second waits', async () => (await titleOf(second, 'publish')).includes('the group dev'));
  const third = await push('three\n');
  expect(await concluded(second, 'publish')).toBe('cancelled');
  world.uploadBy(() => 'upload');
  for (const commit of [first, third]) expect(await concluded(commit, 'publish')).toBe('success');
  expect(world.uploaded.size).toBe(2);
}, 240_000);
