import { afterEach, expect, it } from 'vitest';
import type { StoryChange } from '../../harness/gate-world.ts';
import { type ImageWorld, startImageWorld } from '../../harness/image-world.ts';

let world: ImageWorld;

afterEach(async () => world.stop());

async function promotionOf(change: StoryChange, fits: RegExp): Promise<string> {
  await world.ask(change);
  await world.ended(change, 'success');
  const commit = world.gitOf(change.repo)('rev-parse', 'main');
  return world.until(`the promotion of ${change.name} says ${fits}`, async () => {
    const runs = await world.github.checkRuns(change.repo, commit);
    const run = runs.findLast(({ name }) => name === 'sluice/promote');
    const text = run && `${run.status} ${run.conclusion}\n${run.title}\n${run.summary}`;
    return text !== undefined && fits.test(text) && text;
  });
}

it('a tag that two projects name stays that of the first; the other is told whose it is and what to do', async () => {
  world = await startImageWorld({ mode: 'tag' });
  const file = world.git('show', 'main:.sluice.yaml');
  const files = {
    Dockerfile: world.git('show', 'main:Dockerfile'),
    '.sluice.yaml': `${file}\n`,
    'README.md': 'fork\n',
  };
  await world.github.createRepository('acme/fork', { files });
  const ash = await world.change('Ash', { 'README.md': 'hello, Ash\n' });
  await promotionOf(ash, /^completed success/);
  const first = await world.published('api');
  const birch = await world.change('Birch', { 'README.md': 'hello, Birch\n' }, { repo: 'acme/fork' });
  const said = await promotionOf(birch, /images refused/);
  expect(said).toMatch(
    /refused since \d\d:\d\d UTC: .*api:latest belongs to acme\/api on main, which had it first: give the image of acme\/fork on main another repository or other tags/,
  );
  expect(first).not.toBeNull();
  expect(await world.published('api')).toBe(first);
}, 240_000);
