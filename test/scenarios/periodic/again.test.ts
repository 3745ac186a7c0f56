import { afterEach, expect, it } from 'vitest';
import type { JudgeBuild } from '../../harness/gate-world.ts';
import { known, type NightWorld, startNightWorld } from './night-world.ts';

let world: NightWorld;

afterEach(async () => world.stop());

const line = 'on: { cron: "H 2 * * *", timeZone: Europe/Berlin }';
const lines = [
  'jobs:',
  `  quick: { image: localhost/busybox:1, run: make quick, ${line} }`,
  `  night: { image: localhost/busybox:1, run: make night, ${line} }`,
  `  after: { image: localhost/busybox:1, run: make after, needs: [night], ${line} }`,
].join('\n');

async function press(commit: string, name: string, login: string): Promise<void> {
  const run = (await world.github.checkRuns(world.repo, commit)).findLast((each) => each.name === name);
  await world.github.pressRerun(world.repo, { checkRun: run?.id ?? 0 }, login);
}

const isTold = (commit: string, name: string, words: string) =>
  world.until(`it says: ${words}`, async () => (await world.checks(commit, name)).at(-1)?.summary.includes(words));

it('Re-run of a nightly’s job builds what did not pass at that commit again, and its issue is closed by that', async () => {
  let isFixed = false;
  const judge: JudgeBuild = (_files, job) => (job === 'night' && !isFixed ? 'failure' : 'success');
  world = await startNightWorld({ lines, judge });
  await known(world);
  const commit = world.tip();
  world.pass(1);
  expect(await world.concludedAt(commit, 'night')).toMatchObject({ conclusion: 'failure' });
  expect(await world.concludedAt(commit, 'after')).toMatchObject({ conclusion: 'skipped' });
  await world.issue(({ state }) => state === 'open');
  const tip = await world.push({ 'README.md': 'moved on\n' });
  await press(commit, 'night', 'mallory');
  await isTold(commit, 'night', '@mallory pressed Re-run: it takes write permission');
  isFixed = true;
  await press(commit, 'night', 'boss');
  expect(await world.concludedAt(commit, 'night', 2)).toMatchObject({ conclusion: 'success' });
  expect(await world.concludedAt(commit, 'after', 2)).toMatchObject({ conclusion: 'success' });
  const quick = await world.concludedAt(commit, 'quick', 2);
  expect(quick).toMatchObject({ conclusion: 'success' });
  const ran = world.executor.manifests.map(({ metadata }) => metadata.annotations['sluice.dev/job']);
  expect(ran.filter((job) => job === 'quick')).toHaveLength(1);
  const closed = await world.issue(({ state }) => state === 'closed');
  expect(closed.body).toContain(`is green again at \`${commit.slice(0, 12)}\``);
  expect(await world.checks(tip, 'night')).toEqual([]);
  await press(commit, 'night', 'boss');
  await isTold(commit, 'night', '@boss pressed Re-run: it passed, and nothing is built twice');
}, 240_000);

it('"Re-run all" of a commit builds all that did not pass of its nightly again, also after everything was lost', async () => {
  let failing = true;
  const judge: JudgeBuild = (_files, job) => (job !== 'after' && failing ? 'failure' : 'success');
  world = await startNightWorld({ lines, judge });
  await known(world);
  const commit = world.tip();
  world.pass(1);
  await world.concludedAt(commit, 'night');
  await world.concludedAt(commit, 'quick');
  await world.issue(({ state }) => state === 'open');
  failing = false;
  const [run] = await world.github.checkRuns(world.repo, commit);
  await world.github.pressRerun(world.repo, { checkSuite: run?.suiteId ?? 0 }, 'boss');
  for (const job of ['quick', 'night', 'after'])
    expect(await world.concludedAt(commit, job, 2)).toMatchObject({ conclusion: 'success' });
  await world.issue(({ state }) => state === 'closed');
  await world.sluice.close();
  await world.redis.open().flushall();
  world.sluice = await world.startAnother();
  await known(world);
  await press(commit, 'quick', 'boss');
  await isTold(commit, 'quick', '@boss pressed Re-run: what ran there is not known any more');
}, 300_000);
