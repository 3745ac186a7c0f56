import { afterEach, expect, it } from 'vitest';
import { known, type NightWorld, startNightWorld } from './night-world.ts';

let world: NightWorld;

afterEach(async () => world.stop());

const mine = 'mine: { image: localhost/busybox:1, run: steal, on: { cron: "* * * * *" } }';
const lines = 'jobs: { night: { image: localhost/busybox:1, run: make night, on: { cron: "H 2 * * *" } } }';

async function schedulers(): Promise<readonly string[]> {
  const redis = world.redis.open();
  return redis.zrange('sluice:bull:reconcile:repeat', 0, '-1');
}

function startedJobs(): readonly string[] {
  return world.executor.manifests.map(({ metadata }) => metadata.annotations['sluice.dev/job'] ?? '');
}

it('neither another branch, nor a pull request, nor a fork adds times; what lands on the default branch does', async () => {
  world = await startNightWorld({ lines });
  await known(world);
  await world.until('it is scheduled', async () => (await schedulers()).length === 1);
  const file = world.git('show', 'main:.sluice.yaml').replace('jobs: {', `jobs: { ${mine},`);
  await world.push({ '.sluice.yaml': file }, 'side');
  await world.github.openPullRequest({ repo: world.repo, by: 'ada', files: { '.sluice.yaml': file }, branch: 'pull' });
  await world.github.fork(world.repo, 'mallory');
  await world.github.openPullRequest({
    repo: world.repo,
    by: 'mallory',
    fork: 'mallory/api',
    files: { '.sluice.yaml': file },
  });
  await world.github.webhooks.settled();
  await world.sluice.worker?.resync();
  world.pass(1);
  await world.concludedAt(world.tip(), 'night');
  expect(startedJobs()).not.toContain('mine');
  expect(await schedulers()).toHaveLength(1);
  await world.push({ '.sluice.yaml': file });
  await world.until('both are scheduled', async () => (await schedulers()).length === 2);
  await world.push({ '.sluice.yaml': file.replace(`${mine},`, '') });
  await world.until('it is gone again', async () => (await schedulers()).length === 1);
}, 300_000);

it('the images of a nightly are published as built then, and a tag that names a commit stays what it was', async () => {
  world = await startNightWorld({
    lines: 'jobs: { night-upload: { template: upload-image, publish: direct, on: { cron: "H 2 * * *" } } }',
  });
  await known(world);
  const commit = await world.push({ 'README.md': 'one\n' });
  const first = await world.until(
    'the push is published',
    async () => (await world.published('api', commit)) ?? undefined,
  );
  await world.until('under its other tag, too', async () => (await world.published('api')) === first);
  world.pass(1);
  expect(await world.concludedAt(commit, 'night-upload')).toMatchObject({ conclusion: 'success' });
  const rebuilt = world.uploaded.get(`api@${commit}`)?.digest;
  expect(rebuilt).not.toBe(first);
  await world.until('the newer image is published', async () => (await world.published('api')) === rebuilt);
  // What names a commit stays what it was.
  expect(await world.published('api', commit)).toBe(first);
  const pods = world.executor.manifests.filter(
    ({ metadata }) => metadata.annotations['sluice.dev/subject'] === world.subject,
  );
  expect(pods.map(({ metadata }) => metadata.annotations['sluice.dev/commit'])).toEqual([commit]);
  expect(JSON.stringify(pods[0]?.metadata)).toContain('trusted');
}, 300_000);

it('after everything was lost a run goes on with its pod, and a push that was not known leaves its check run alone', async () => {
  let hold = true;
  world = await startNightWorld({ lines, judge: (_files, job) => (job === 'night' && hold ? null : 'success') });
  await known(world);
  const files = { 'README.md': 'one\n' };
  await world.github.push({ repo: world.repo, by: 'boss', branch: 'main', files, message: 'One [skip ci]' });
  const commit = world.tip();
  await world.concludedAt(commit, 'publish');
  world.pass(1);
  await world.until('it runs', () => world.executor.running().length === 1);
  const next = await world.push({ 'README.md': 'two\n' });
  await world.sluice.close();
  await world.redis.open().flushall();
  world.sluice = await world.startAnother();
  await known(world);
  await world.concludedAt(next, 'publish');
  hold = false;
  expect(await world.concludedAt(commit, 'night')).toMatchObject({ conclusion: 'success' });
  expect(startedJobs().filter((job) => job === 'night')).toHaveLength(1);
  expect(await world.checks(next, 'night')).toEqual([]);
}, 300_000);
