import { afterEach, expect, it } from 'vitest';
import { type GateWorld, type JudgeBuild, type StoryChange, startGateWorld } from '../../harness/gate-world.ts';

let world: GateWorld;

afterEach(async () => world.stop());

const image = `localhost/busybox@sha256:${'b'.repeat(64)}`;

function files(): Readonly<Record<string, string>> {
  const job = (name: string): string =>
    `  ${name}: { on: [gate], image: "${image}", run: make, reusable: true, onlyIf: { paths: ["${name}/**"] } }`;
  const gate =
    'gate: { requires: { approvals: 1 }, scheduler: best-first, slots: 4, prefixes: false, lanes: closure, joins: 1h }';
  const lines = ['apiVersion: sluice/v1', 'jobs:', job('left'), job('right'), gate, ''];
  return { '.sluice.yaml': lines.join('\n'), 'README.md': 'hello\n' };
}

async function joinCheck(commit: string) {
  const runs = await world.github.checkRuns(world.repo, commit);
  return runs.findLast(({ name }) => name === 'sluice/join/main');
}

/** Ash and Birch are tested beside each other and land, Birch first; `together` says what becomes of `right` with both. */
async function landBoth(together: JudgeBuild): Promise<{ readonly ash: StoryChange; readonly birch: StoryChange }> {
  let held = true;
  const judge: JudgeBuild = (tree, job) => {
    if (tree.has('left/a.txt') && tree.has('right/b.txt')) return together(tree, job);
    return job === 'left' && held ? null : 'success';
  };
  world = await startGateWorld({ files: files(), judge });
  const ash = await world.change('Ash', { 'left/a.txt': 'a\n' });
  const birch = await world.change('Birch', { 'right/b.txt': 'b\n' });
  await world.ask(ash, birch);
  await world.ended(birch, 'success');
  held = false;
  await world.ended(ash, 'success');
  return { ash, birch };
}

it('what landed in lanes is tested as a whole, and the commit says so', async () => {
  await landBoth(() => 'success');
  const tip = world.git('rev-parse', 'main');
  const run = await world.until('the join is told', async () => {
    const found = await joinCheck(tip);
    return found?.status === 'completed' && found;
  });
  expect(run).toMatchObject({ conclusion: 'success', title: 'All of the branch passed' });
  expect(world.built().slice(2)).toEqual(['left@Birch+Ash', 'right@Birch+Ash']);
}, 240_000);

it('what fails together names who landed last of it, on that pull request, and nothing lands in lanes until it passes', async () => {
  const { ash } = await landBoth((_, job) => (job === 'right' ? 'failure' : 'success'));
  const tip = world.git('rev-parse', 'main');
  const told = await world.until('the author is told', () => joinCheck(ash.head));
  expect(told).toMatchObject({ conclusion: 'failure', title: 'Red since this landed: right' });
  const run = await world.until('the join is told', async () => {
    const found = await joinCheck(tip);
    return found?.status === 'completed' && found;
  });
  expect(run).toMatchObject({ conclusion: 'failure', title: `Red since #${ash.number}: right` });
  expect(world.built().filter((name) => name === 'right@Birch+Ash')).toHaveLength(2);
  expect(world.built()).toContain('right@Birch');
  const cedar = await world.change('Cedar', { 'left/a.txt': null });
  await world.ask(cedar);
  await world.told(cedar, /Lanes are closed while the branch is red: right fails on [0-9a-f]{12}/);
  await world.ended(cedar, 'success');
  await world.until('what failed passes again', () => world.built().includes('right@Birch+Ash+Cedar'));
}, 240_000);
