import { afterEach, expect, it } from 'vitest';
import { cutRelease, type ReleaseWorld, restricted, startReleaseWorld } from './release-world.ts';

let world: ReleaseWorld;

afterEach(async () => world.stop());

const branch = 'release-v1.2';
const check = 'sluice/release/v1.2.3';

it('a version that lands through the gate is released from what the gate built, by who asked for the landing (§6.2, V16)', async () => {
  world = await startReleaseWorld({ lines: restricted.replace('robot', 'boss') });
  await world.pushTo('main', 'boss', { files: { VERSION: 'v1.2.3-dev\n' } });
  await world.github.setBranch({ repo: world.repo, by: 'boss', branch, sha: world.git('rev-parse', 'main') });
  const change = await world.change('Ash', { VERSION: 'v1.2.3\n' }, { base: branch });
  await world.ask(change);
  await world.ended(change, 'success');
  const landed = world.git('rev-parse', branch);
  expect(await world.concludedOn(landed, check)).toMatchObject({ conclusion: 'success' });
  expect(await world.published('api', 'v1.2.3')).toBe(world.digestOf('api', landed));
  expect(world.uploaded.size).toBe(1);
  const released = world.ledgerOf(branch).find(({ kind }) => kind === 'released');
  expect(released).toMatchObject({ by: { login: 'boss' }, commit: landed });
}, 240_000);

it('nobody names themselves with the push that releases', async () => {
  world = await startReleaseWorld({ lines: restricted });
  await cutRelease(world);
  const file = world.git('show', `${branch}:.sluice.yaml`);
  const [, final = ''] = await world.pushTo(
    branch,
    'ada',
    { files: { '.sluice.yaml': file.replace('robot', 'ada') } },
    { files: { VERSION: 'v1.2.3\n' } },
  );
  expect(await world.concludedOn(final, check)).toMatchObject({ conclusion: 'action_required' });
  expect(world.releasesOf(branch)).toEqual([]);
}, 240_000);

it('a release waits for the jobs that it needs, and goes on by itself once they are green (§6.8)', async () => {
  world = await startReleaseWorld({
    lines: [
      'jobs: { unit: { on: [postsubmit], branches: ["release-v*"], image: localhost/busybox:1, run: make test } }',
      'version: { main: main, releaseBranches: "release-v*", release: { needs: [unit] } }',
    ].join('\n'),
    judge: () => null,
  });
  const main = world.git('rev-parse', 'main');
  await world.github.setBranch({ repo: world.repo, by: 'boss', branch, sha: main });
  const [final = ''] = await world.pushTo(branch, 'boss', { files: { VERSION: 'v1.2.3\n', 'a.go': 'a\n' } });
  const held = await world.until('it is held', async () => {
    const run = await world.check(world.repo, final, check);
    return run?.title?.startsWith('Held: ') && run;
  });
  expect(held).toMatchObject({ title: `Held: unit is not green on ${final.slice(0, 12)}`, status: 'queued' });
  expect(world.uploaded.size).toBe(0);
  world.judgeBy((_, job) => (job === 'unit' ? 'success' : null));
  expect(await world.concludedOn(final, check)).toMatchObject({ conclusion: 'success' });
}, 240_000);

it('a branch that is created on a final version is asked about, and released by the button (V24)', async () => {
  world = await startReleaseWorld();
  const [final = ''] = await world.pushTo('main', 'boss', { files: { VERSION: 'v1.2.3\n' } });
  await world.concludedOn(final, 'sluice/version');
  await world.github.setBranch({ repo: world.repo, by: 'boss', branch, sha: final });
  const held = await world.concludedOn(final, check);
  expect(held).toMatchObject({
    conclusion: 'action_required',
    title: 'V24: v1.2.3 is unreleased on the new branch: release it?',
  });
  const [run] = (await world.github.checkRuns(world.repo, final)).filter(({ name }) => name === check);
  await world.github.pressCheckAction(world.repo, run?.id ?? 0, 'release', 'boss');
  await world.until('it is released', async () => (await world.concludedOn(final, check)).conclusion === 'success');
  expect(await world.published('api', 'v1.2.3')).toBe(world.digestOf('api', final));
}, 240_000);
