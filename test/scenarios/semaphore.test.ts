import { afterEach, expect, it } from 'vitest';
import { startWorld, type World } from '../harness/world.ts';

const config = [
  'jobs:',
  '  e2e: { on: [presubmit], image: localhost/busybox:1, run: make e2e, semaphore: cluster }',
  '  unit: { on: [presubmit], image: localhost/busybox:1, run: make test }',
  '',
].join('\n');

const repo = 'acme/api';
let world: World;

afterEach(async () => world.stop());

function open(text: string) {
  return world.github.openPullRequest({ repo, by: 'ada', files: { 'README.md': text } });
}

async function running(count: number): Promise<string[]> {
  return world.until(`${count} of e2e run`, () => {
    const found = world.executor.running('e2e');
    return found.length === count && found;
  });
}

it('lets the builds of two pull requests run one after the other, says why, and keeps nothing else waiting', async () => {
  world = await startWorld({ files: { 'README.md': 'hello\n', '.sluice.yaml': config } });
  world.executor.always('unit', { exitCode: 0 });
  const first = await open('a\n');
  const [held = ''] = await running(1);
  const second = await open('b\n');
  await world.until('the second says what it waits for', async () => {
    const run = await world.check(repo, second.headSha, 'e2e');
    return run?.title === 'Waiting for the semaphore cluster, which another build holds' && run;
  });
  expect(await world.concluded(repo, second.headSha, 'unit')).toMatchObject({ conclusion: 'success' });
  expect(world.executor.running('e2e')).toEqual([held]);
  world.executor.finish(held, { exitCode: 0 });
  expect(await world.concluded(repo, first.headSha, 'e2e')).toMatchObject({ conclusion: 'success' });
  const [next = ''] = await running(1);
  expect(next).not.toBe(held);
  world.executor.finish(next, { exitCode: 0 });
  expect(await world.concluded(repo, second.headSha, 'e2e')).toMatchObject({ conclusion: 'success' });
}, 180_000);

it('holds after a lost Redis: who held it is found by its pod before anybody else may start', async () => {
  world = await startWorld({ files: { 'README.md': 'hello\n', '.sluice.yaml': config } });
  world.executor.always('unit', { exitCode: 0 });
  const first = await open('a\n');
  const [held = ''] = await running(1);
  const second = await open('b\n');
  await world.concluded(repo, second.headSha, 'unit');
  await world.redis.open().flushall();
  await world.sluice.close();
  await world.startAnother({ worker: 'worker-2' });
  await world.until('the second says what it waits for', async () =>
    (await world.check(repo, second.headSha, 'e2e'))?.title?.startsWith('Waiting for the semaphore'),
  );
  expect(world.executor.running('e2e')).toEqual([held]);
  world.executor.finish(held, { exitCode: 0 });
  expect(await world.concluded(repo, first.headSha, 'e2e')).toMatchObject({ conclusion: 'success' });
  const [next = ''] = await running(1);
  world.executor.finish(next, { exitCode: 0 });
  expect(await world.concluded(repo, second.headSha, 'e2e')).toMatchObject({ conclusion: 'success' });
}, 180_000);
