import { afterAll, beforeAll, expect, it } from 'vitest';
import { dockerfile, startWorld, type World } from '../harness/world.ts';

const own = 'acme/.sluice';
const command = (run: string): string => `{ on: [presubmit, gate], image: localhost/busybox:1, run: ${run} }`;
const withJobs = (jobs: Readonly<Record<string, string>>): string =>
  [
    'templates:',
    '  make@v1:',
    '    jobs:',
    ...Object.entries(jobs).map(([name, job]) => `      ${name}: ${job}`),
    'repos:',
    '  - { match: { hasFile: Makefile }, apply: make@v1 }',
    '',
  ].join('\n');

const first = withJobs({ unit: command('make test') });
let world: World;

beforeAll(async () => {
  world = await startWorld({ files: { Dockerfile: dockerfile, Makefile: 'test:\n' } });
  for (const job of ['unit', 'after', 'lint', 'build-image']) world.executor.always(job, { exitCode: 0, log: 'ok\n' });
  await world.github.createRepository('acme/plain', { files: { Dockerfile: dockerfile } });
  await world.github.createRepository(own, { files: { 'sluice.yaml': first, 'README.md': 'ours\n' } });
  await world.github.setPermission('acme/plain', 'ada', 'write');
}, 120_000);

afterAll(async () => {
  expect(world.github.violations).toEqual([]);
  await world.stop();
});

let counter = 0;
async function opened(files: Readonly<Record<string, string>> = {}, repo = 'acme/api') {
  counter += 1;
  const pull = await world.github.openPullRequest({ repo, by: 'ada', files: { 'n.md': `${counter}\n`, ...files } });
  return { ...pull, repo };
}

/** Exactly these are told there. */
async function expectOnly({ repo, headSha }: { repo: string; headSha: string }, ...names: readonly string[]) {
  for (const name of names) await world.concluded(repo, headSha, name);
  expect((await world.github.checkRuns(repo, headSha)).map(({ name }) => name).sort()).toEqual(names);
}

const push = (text: string, message: string): Promise<string> =>
  world.github.push({ repo: own, by: 'boss', branch: 'main', files: { 'sluice.yaml': text }, message });

it('gives a repository without a file what its selectors choose, and no other', async () => {
  const [chosen, plain] = [await opened(), await opened({}, 'acme/plain')];
  await world.concluded(chosen.repo, chosen.headSha, 'unit');
  await world.concluded(plain.repo, plain.headSha, 'build-image');
  await world.concluded(plain.repo, plain.headSha, 'sluice');
  await expectOnly(chosen, 'build-image', 'sluice', 'unit');
  await expectOnly(plain, 'build-image', 'sluice');
  const job = world.executor.manifests.find(({ metadata }) => metadata.labels['sluice.dev/job'] === 'unit');
  expect(JSON.stringify(job)).toContain('make test');
}, 120_000);

it('takes up what is pushed there, and what waited for it is built without a further word', async () => {
  const pull = await opened({ '.sluice.yaml': 'extends: make@v2\n' });
  const refused = await world.concluded(pull.repo, pull.headSha, 'sluice');
  expect(refused).toMatchObject({ conclusion: 'action_required', title: 'Configuration: one mistake' });
  expect(refused.summary).toContain('`.sluice.yaml:1:10` `extends`: the organisation has no template');
  const second = first.replace('templates:\n', `templates:\n  make@v2: { jobs: { lint: ${command('make lint')} } }\n`);
  await push(second, 'A second template');
  expect(await world.concluded(pull.repo, pull.headSha, 'lint')).toMatchObject({ conclusion: 'success' });
}, 120_000);

it('says on a change of it whether it is valid and for how many, and takes nothing from it before it landed', async () => {
  const valid = await opened({ 'sluice.yaml': withJobs({ lint: command('make lint') }) }, own);
  const said = await world.concluded(own, valid.headSha, 'sluice/organisation');
  expect(said).toMatchObject({
    conclusion: 'success',
    title: 'Valid: chosen for 0 and, as their files say, up to 3 more of 3 repositories',
  });
  expect(said.summary).toContain('* `make@v1`: as their files say, 3 repositories at most: `acme/api`');
  const broken = await opened({ 'sluice.yaml': first.replace('image:', 'imago:') }, own);
  const told = await world.concluded(own, broken.headSha, 'sluice/organisation');
  expect(told).toMatchObject({ conclusion: 'failure', title: 'sluice.yaml: one mistake' });
  expect(told.summary).toMatch(/acme\/\.sluice\/sluice\.yaml:\d+:\d+/);
  const refused = await opened({ 'sluice.yaml': first.replace('run: make test', 'needs: [zz], run: make test') }, own);
  const lacking = await world.concluded(own, refused.headSha, 'sluice/organisation');
  expect(lacking).toMatchObject({ conclusion: 'neutral' });
  expect(lacking.summary).toContain('there is no job "zz"');
  const pull = await opened();
  await world.concluded(pull.repo, pull.headSha, 'unit');
  await expectOnly(pull, 'build-image', 'sluice', 'unit');
}, 120_000);

it('lets what was planned go on as it was planned, after a restart too', async () => {
  const behind = command('make after').replace('run:', 'needs: [unit], run:');
  const both = await push(withJobs({ unit: command('make test'), after: behind }), 'One after the other');
  await world.concluded(own, both, 'sluice/organisation');
  world.executor.always('unit', null);
  const pull = await opened();
  const build = await world.until('unit runs', () => world.executor.running('unit')[0]);
  const tip = await push(withJobs({ lint: command('make lint') }), 'No unit any more');
  await world.concluded(own, tip, 'sluice/organisation');
  const next = await opened();
  await world.concluded(next.repo, next.headSha, 'lint');
  await world.sluice.close();
  world.sluice = await world.startAnother();
  const later = await opened();
  await world.concluded(later.repo, later.headSha, 'lint');
  world.executor.finish(build, { exitCode: 0, log: 'ok\n' });
  const unit = await world.concluded(pull.repo, pull.headSha, 'unit');
  expect(unit).toMatchObject({ conclusion: 'success' });
  expect(await world.concluded(pull.repo, pull.headSha, 'after')).toMatchObject({ conclusion: 'success' });
  world.executor.always('unit', { exitCode: 0, log: 'ok\n' });
  await push(first, 'unit again');
}, 120_000);

it('keeps to the last valid one while the newest is broken, and says so where people look', async () => {
  const main = await push('templates: [', 'Break it');
  const broken = await world.concluded(own, main, 'sluice/organisation');
  expect(broken).toMatchObject({ conclusion: 'failure', title: 'sluice.yaml: one mistake' });
  expect(broken.summary).toContain('Until it is mended the last valid one counts');
  const pull = await opened();
  await world.concluded(pull.repo, pull.headSha, 'unit');
  const sluice = await world.concluded(pull.repo, pull.headSha, 'sluice');
  expect(sluice).toMatchObject({ conclusion: 'success', title: '2 jobs to build, 0 skipped' });
  expect(sluice.summary).toContain(`the organisation's defaults are invalid at ${main.slice(0, 12)}`);
}, 120_000);

it('reads it anew after a restart, the last valid one too', async () => {
  await world.sluice.close();
  world.sluice = await world.startAnother();
  const pull = await opened();
  expect(await world.concluded(pull.repo, pull.headSha, 'unit')).toMatchObject({ conclusion: 'success' });
  const tip = await push(withJobs({ lint: command('make lint') }), 'Mend it');
  const mended = await world.concluded(own, tip, 'sluice/organisation');
  expect(mended).toMatchObject({ conclusion: 'success' });
  const next = await opened();
  await world.concluded(next.repo, next.headSha, 'lint');
  await expectOnly(next, 'build-image', 'lint', 'sluice');
}, 120_000);
