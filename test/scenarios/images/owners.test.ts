import { afterEach, expect, it } from 'vitest';
import type { StoryChange } from '../../harness/gate-world.ts';
import { type ImageWorld, startImageWorld } from '../../harness/image-world.ts';

let world: ImageWorld;
let ahead = 0;

afterEach(async () => world.stop());

const fork = 'acme/fork';
const whose =
  /acme\/api:latest belongs to acme\/api on main, which had it first: give the image of acme\/fork on main another repository or other tags/;

/** Two projects of one file, whose tests a story ends. */
async function startTwins(): Promise<void> {
  ahead = 0;
  world = await startImageWorld({
    now: () => Date.now() + ahead,
    mode: 'tag',
    twins: [fork],
    lines: 'jobs: { e2e: { on: [gate], image: localhost/busybox:1, run: make e2e } }',
    judge: (_files, job) => (job === 'e2e' ? null : 'success'),
  });
}

/** What the promotion of what landed last says, once that fits. */
async function promotionIn(repo: string, fits: RegExp): Promise<string> {
  const commit = world.gitOf(repo)('rev-parse', 'main');
  return world.until(`the promotion in ${repo} says ${fits}`, async () => {
    const run = (await world.github.checkRuns(repo, commit)).findLast(({ name }) => name === 'sluice/promote');
    const text = run && `${run.status} ${run.conclusion}\n${run.title}\n${run.summary}`;
    return text !== undefined && fits.test(text) && text;
  });
}

async function land(change: StoryChange): Promise<void> {
  await world.end(`e2e@${change.name}`, 'success');
  await world.ended(change, 'success');
}

it('a change that names a tag of another project does not land: it is told whose that is, and lands once it names another', async () => {
  await startTwins();
  const ash = await world.change('Ash', { 'README.md': 'hello, Ash\n' });
  await world.ask(ash);
  await land(ash);
  await promotionIn(world.repo, /^completed success/);
  const first = await world.published('api');
  // What tells people may be a few seconds old.
  ahead += 60_000;
  await world.github.setPermission(fork, 'ada', 'write');
  const birch = await world.change('Birch', { 'README.md': 'hello, Birch\n' }, { repo: fork });
  const line = await world.concluded(fork, birch.head, 'sluice');
  expect(line).toMatchObject({ conclusion: 'action_required', title: 'Its configuration names tags of others' });
  expect(line.summary).toMatch(whose);
  expect(await world.concluded(fork, birch.head, 'build-image')).toMatchObject({ conclusion: 'success' });
  await world.ask(birch);
  const said = await world.ended(birch, 'failure');
  expect(said).toMatch(/configuration of this change names tags of others/);
  expect(said).toMatch(whose);
  expect(world.landed(fork)).toEqual([]);
  const file = world.git('show', 'main:.sluice.yaml').replace('tags: [latest,', 'tags: [fork,');
  const cedar = await world.change('Cedar', { '.sluice.yaml': `${file}\n` }, { repo: fork });
  expect(await world.concluded(fork, cedar.head, 'sluice')).toMatchObject({ conclusion: 'success' });
  await world.ask(cedar);
  await land(cedar);
  await promotionIn(fork, /^completed success/);
  expect(first).not.toBeNull();
  expect(await world.published('api')).toBe(first);
  expect(await world.published('api', 'fork')).not.toBeNull();
}, 240_000);

it('a tag that two projects name whose changes were tested at one time stays that of the first to land; the other is told whose it is', async () => {
  await startTwins();
  const ash = await world.change('Ash', { 'README.md': 'hello, Ash\n' });
  const birch = await world.change('Birch', { 'README.md': 'hello, Birch\n' }, { repo: fork });
  await world.ask(ash, birch);
  await world.tests('e2e@Ash', 'e2e@Birch');
  await land(ash);
  await promotionIn(world.repo, /^completed success/);
  const first = await world.published('api');
  await land(birch);
  const said = await promotionIn(fork, /images refused/);
  expect(said).toMatch(/refused since \d\d:\d\d UTC/);
  expect(said).toMatch(whose);
  expect(first).not.toBeNull();
  expect(await world.published('api')).toBe(first);
  const cedar = await world.change('Cedar', { 'README.md': 'hello, Cedar\n' });
  await world.ask(cedar);
  await world.tests('e2e@Ash+Cedar');
}, 240_000);
