import { afterAll, beforeAll, expect, it } from 'vitest';
import { listBuilds } from '../../src/list-builds.ts';
import { startWorld, type World } from '../harness/world.ts';
import { machineWith } from './local-repository.ts';

let world: World;

beforeAll(async () => {
  const config =
    'jobs:\n  one: { on: presubmit, image: "a", run: "b" }\n  two: { on: presubmit, image: "a", run: "b" }\n  after: { on: postsubmit, image: "a", run: "b" }\n';
  world = await startWorld({
    files: { '.sluice.yaml': config, 'README.md': 'x\n' },
    sluice: { limits: { pool: 1, perRepository: 1, perAuthor: 1 } },
  });
});
afterAll(() => world.stop());

const builds = (all: boolean) => listBuilds(all, machineWith({ REDIS_URL: world.redis.address }));

it('shows what runs, what waits and how many are ahead, and with "all" what ended and why', async () => {
  expect(await builds(true)).toEqual([]);
  const pull = await world.github.openPullRequest({ repo: 'acme/api', by: 'ada', files: { 'README.md': 'y\n' } });
  const change = `acme/api#${pull.number}`;
  await world.until('one build runs and one waits', async () => {
    const states = (await builds(false)).map(({ state }) => state.kind).join();
    return world.executor.running().length === 1 && states === 'running,waiting';
  });
  const [running, waiting] = await builds(false);
  expect(running).toMatchObject({
    change,
    job: 'one',
    build: expect.stringMatching(/^b-/),
    because: expect.stringContaining('automatic'),
  });
  expect(waiting).toMatchObject({ change, job: 'two', state: { kind: 'waiting', ahead: 0 } });
  world.executor.finish(world.executor.running('one')[0] ?? '', { exitCode: 0, log: 'fine\n' });
  await world.until('the other one runs', async () => world.executor.running('two').length === 1);
  expect(
    await world.until('the first has ended', async () =>
      (await builds(true)).find(({ state }) => state.kind === 'ended'),
    ),
  ).toMatchObject({
    job: 'one',
    state: { kind: 'ended', result: 'success', at: expect.any(Number) },
  });
  expect((await builds(false)).map(({ job }) => job)).toEqual(['two']);
});

it('shows what is built of a pushed branch, at which commit', async () => {
  const sha = await world.github.push({
    repo: 'acme/api',
    by: 'boss',
    branch: 'main',
    files: { 'README.md': 'z\n' },
    message: 'Direct',
  });
  const shown = await world.until('it is shown', async () => (await builds(false)).find(({ job }) => job === 'after'));
  expect(shown).toMatchObject({ change: `acme/api main@${sha.slice(0, 12)}` });
});

it('listing builds without any server says what is missing', async () => {
  await expect(listBuilds(false, machineWith())).rejects.toMatchObject({
    kind: 'unreachable',
    message: expect.stringContaining('REDIS_URL is not set'),
  });
});
