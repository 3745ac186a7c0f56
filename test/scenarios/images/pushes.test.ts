import { afterEach, expect, it } from 'vitest';
import type { JudgeBuild } from '../../harness/gate-world.ts';
import { type ImageWorld, startImageWorld } from '../../harness/image-world.ts';

let world: ImageWorld;

afterEach(async () => world.stop());

interface SaidCheck {
  readonly conclusion: string | null;
  readonly title: string;
  readonly summary: string;
}

/** Waits until a check run on a commit is concluded. */
async function concluded(commit: string, name: string): Promise<SaidCheck> {
  const run = await world.until(`${name} on ${commit.slice(0, 7)} is concluded`, async () => {
    const found = (await world.github.checkRuns(world.repo, commit)).findLast((each) => each.name === name);
    return found?.status === 'completed' && found;
  });
  return {
    conclusion: run.conclusion === null ? null : `${run.conclusion}`,
    title: run.title ?? '',
    summary: run.summary ?? '',
  };
}

async function push(files: Readonly<Record<string, string>>, branch = 'main'): Promise<string> {
  await world.github.push({ repo: world.repo, by: 'boss', branch, files, message: 'Direct' });
  return world.git('rev-parse', branch);
}

const digestAt = (image: string, commit: string): string | undefined =>
  world.uploaded.get(`${image}@${commit}`)?.digest;

it('what a person merges by hand is built at that commit, and published like what landed', async () => {
  world = await startImageWorld({ images: ['api', 'web'] });
  const ash = await world.change('Ash', { 'README.md': 'hello, Ash\n' });
  expect(await world.github.pressMerge(world.repo, ash.number, 'boss')).toMatchObject({ kind: 'merged' });
  const commit = world.git('rev-parse', 'main');
  expect(await concluded(commit, 'publish')).toMatchObject({ conclusion: 'success' });
  expect((await concluded(commit, 'sluice/promote')).title).toBe('2 images published, as built after the push');
  for (const image of ['api', 'web']) {
    expect(digestAt(image, commit)).toBeDefined();
    expect([await world.published(image), await world.published(image, commit)]).toEqual([
      digestAt(image, commit),
      digestAt(image, commit),
    ]);
  }
  expect(world.git('log', '--format=%s', 'refs/sluice/ledger/main')).toMatch(/pushed/);
}, 240_000);

it('what lands through the gate is promoted, and not built a second time', async () => {
  world = await startImageWorld();
  const pushed = await push({ 'README.md': 'pushed\n' });
  await concluded(pushed, 'sluice/promote');
  expect(await world.published('api')).toBe(digestAt('api', pushed));
  const ash = await world.change('Ash', { 'README.md': 'hello, Ash\n' });
  await world.ask(ash);
  await world.ended(ash, 'success');
  const landed = world.git('rev-parse', 'main');
  expect((await concluded(landed, 'sluice/promote')).title).toBe('1 image published, as the gate tested them');
  expect(await world.published('api')).toBe(digestAt('api', landed));
  expect(world.uploaded.size).toBe(2);
  expect((await world.github.checkRuns(world.repo, landed)).map(({ name }) => name)).not.toContain('publish');
}, 240_000);

it('a push of VERSION alone builds nothing and says so; with other files its dev images have the version', async () => {
  world = await startImageWorld();
  await world.github.push({
    repo: world.repo,
    by: 'boss',
    branch: 'main',
    files: { VERSION: 'v1.3.0-dev\n' },
    message: 'V',
  });
  const alone = world.git('rev-parse', 'main');
  expect(await concluded(alone, 'sluice/version')).toMatchObject({
    conclusion: 'skipped',
    title: 'V6: only VERSION changed, no dev images',
  });
  expect(await concluded(alone, 'publish')).toMatchObject({ conclusion: 'skipped' });
  const both = await push({ VERSION: 'v1.4.0-dev\n', 'README.md': 'more\n' });
  expect((await concluded(both, 'sluice/version')).title).toMatch(/^V8: /);
  await concluded(both, 'sluice/promote');
  const digest = digestAt('api', both);
  expect(digest).toBeDefined();
  for (const tag of [`v1.4.0-dev-${both}`, 'v1.4.0-dev']) expect(await world.published('api', tag)).toBe(digest);
  expect(await world.published('api')).toBeNull();
}, 240_000);

it('what does not build is told on the commit, and the tags stay where they were', async () => {
  world = await startImageWorld({ images: ['api', 'web'] });
  const first = await push({ 'README.md': 'one\n' });
  await concluded(first, 'sluice/promote');
  world.uploadBy((image) => (image === 'web' ? 'fail' : 'upload'));
  const second = await push({ 'README.md': 'two\n' });
  const check = await concluded(second, 'publish');
  expect(check).toMatchObject({ conclusion: 'failure' });
  expect(check.summary).toMatch(/`web`/);
  for (const image of ['api', 'web']) expect(await world.published(image)).toBe(digestAt(image, first));
  world.uploadBy(() => 'upload');
  const third = await push({ 'README.md': 'three\n' });
  await concluded(third, 'sluice/promote');
  for (const image of ['api', 'web']) expect(await world.published(image)).toBe(digestAt(image, third));
}, 240_000);

it('after everything was lost, what a push began goes on and is published once', async () => {
  world = await startImageWorld();
  const first = await push({ 'README.md': 'one\n' });
  await concluded(first, 'sluice/promote');
  world.uploadBy(() => 'wait');
  const second = await push({ 'README.md': 'two\n' });
  await world.until('its build runs', () => world.executor.running().some((name) => name.includes('publish')));
  await world.sluice.close();
  await world.redis.open().flushall();
  world.sluice = await world.startAnother();
  world.uploadBy(() => 'upload');
  expect(await concluded(second, 'publish')).toMatchObject({ conclusion: 'success' });
  await concluded(second, 'sluice/promote');
  expect(await world.published('api')).toBe(digestAt('api', second));
  const runs = await world.github.checkRuns(world.repo, second);
  expect(runs.filter(({ name }) => name === 'publish')).toHaveLength(1);
  expect(world.uploaded.size).toBe(2);
}, 240_000);

it('after everything was lost, all that came with a push is built, where nothing shows from where it was judged', async () => {
  world = await startImageWorld({ images: ['api', 'web'], onlyIf: { api: 'api/**', web: 'web/**' } });
  world.uploadBy(() => 'wait');
  const ash = await world.change('Ash', { 'web/a': '1\n' });
  await world.github.push({
    repo: world.repo,
    by: 'ada',
    branch: 'ash',
    files: { 'api/a': '2\n' },
    message: 'Two',
  });
  expect(await world.github.pressMerge(world.repo, ash.number, 'boss', { method: 'rebase' })).toMatchObject({
    kind: 'merged',
  });
  const commit = world.git('rev-parse', 'main');
  await world.until(
    'its builds run',
    () => world.executor.running().filter((name) => name.includes('publish')).length === 2,
  );
  await world.sluice.close();
  await world.redis.open().flushall();
  world.sluice = await world.startAnother();
  world.uploadBy(() => 'upload');
  await concluded(commit, 'sluice/promote');
  for (const image of ['api', 'web'])
    expect([image, await world.published(image)]).toEqual([image, digestAt(image, commit)]);
}, 240_000);

it('a newer push takes the place of one that waits, and loses none of its images', async () => {
  const limits = { pool: 1, perRepository: 1, perAuthor: 1 };
  world = await startImageWorld({
    lines:
      'jobs: { publish: { template: upload-image, images: [api], on: [postsubmit], publish: direct, onlyIf: { paths: ["src/**"] } } }',
    sluice: { limits },
  });
  world.uploadBy(() => 'wait');
  const running = await push({ 'src/a': '1\n' });
  await world.until('its build runs', () => world.executor.running().length === 1);
  const waiting = await push({ 'src/b': '2\n' });
  await world.until('it waits', () => world.check(world.repo, waiting, 'publish'));
  const newest = await push({ 'README.md': 'three\n' });
  const replaced = await concluded(waiting, 'publish');
  expect(replaced).toMatchObject({ conclusion: 'cancelled' });
  expect(replaced.summary).toContain(`${newest.slice(0, 12)} was pushed since: that is built in its place`);
  world.uploadBy(() => 'upload');
  expect(await concluded(running, 'publish')).toMatchObject({ conclusion: 'success' });
  await concluded(newest, 'sluice/promote');
  expect(await world.published('api')).toBe(digestAt('api', newest));
}, 240_000);

async function pressOn(commit: string, name: string, login: string): Promise<void> {
  const run = (await world.github.checkRuns(world.repo, commit)).findLast((each) => each.name === name);
  await world.github.pressRerun(world.repo, { checkRun: run?.id ?? 0 }, login);
}

/** The number and end of a job's last check run on a commit. */
async function lastOf(commit: string, name: string): Promise<readonly [number, string | null]> {
  const run = (await world.github.checkRuns(world.repo, commit)).findLast((each) => each.name === name);
  return [run?.id ?? 0, run?.conclusion ? `${run.conclusion}` : null];
}

it('a job of a push that failed is built again by Re-run, by who may, and never what passed or was left behind', async () => {
  world = await startImageWorld();
  const left = await push({ 'README.md': 'one\n' });
  await concluded(left, 'sluice/promote');
  world.uploadBy(() => 'fail');
  const commit = await push({ 'README.md': 'two\n' });
  expect(await concluded(commit, 'publish')).toMatchObject({ conclusion: 'failure' });
  world.uploadBy(() => 'upload');
  const isTold = (at: string, words: string) =>
    world.until(`it says: ${words}`, async () => (await concluded(at, 'publish')).summary.includes(words));
  await pressOn(commit, 'publish', 'mallory');
  await isTold(commit, '@mallory pressed Re-run: it takes write permission');
  await pressOn(left, 'publish', 'boss');
  await isTold(left, `main has moved on to ${commit.slice(0, 12)}`);
  const [failed, end] = await lastOf(commit, 'publish');
  expect(end).toBe('failure');
  await pressOn(commit, 'publish', 'boss');
  await world.until('it is published', async () => (await world.published('api')) === digestAt('api', commit));
  await world.until('it passed', async () => (await lastOf(commit, 'publish'))[1] === 'success');
  const passed = await lastOf(commit, 'publish');
  expect(passed[0]).not.toBe(failed);
  await pressOn(commit, 'publish', 'boss');
  await isTold(commit, '@boss pressed Re-run: it passed, and nothing is built twice');
  expect(await lastOf(commit, 'publish')).toEqual(passed);
  expect(world.uploaded.size).toBe(2);
}, 240_000);

it('"Re-run all" of a pushed commit builds all that did not pass again, and nothing else', async () => {
  const unit = (name: string) => `  ${name}: { on: [postsubmit], image: localhost/busybox:1, run: make ${name} }`;
  const lines = ['jobs:', unit('one'), unit('two'), unit('three')].join('\n');
  let failing = true;
  const judge: JudgeBuild = (_files, job) => (job === 'three' || !failing ? 'success' : 'failure');
  world = await startImageWorld({ lines, judge });
  const commit = await push({ 'README.md': 'one\n' });
  for (const name of ['one', 'two']) expect(await concluded(commit, name)).toMatchObject({ conclusion: 'failure' });
  await concluded(commit, 'sluice/promote');
  failing = false;
  const [run] = await world.github.checkRuns(world.repo, commit);
  await world.github.pressRerun(world.repo, { checkSuite: run?.suiteId ?? 0 }, 'boss');
  for (const name of ['one', 'two'])
    await world.until(`${name} passed`, async () => (await lastOf(commit, name))[1] === 'success');
  await pressOn(commit, 'sluice/promote', 'boss');
  await world.until('that it runs nothing is said there', async () =>
    (await concluded(commit, 'sluice/promote')).summary.includes('@boss pressed Re-run: nothing is run again by it'),
  );
  const ran = world.executor.manifests.map(({ metadata }) => metadata.annotations['sluice.dev/job']);
  expect(ran.toSorted()).toEqual(['one', 'one', 'publish', 'three', 'two', 'two']);
}, 240_000);
