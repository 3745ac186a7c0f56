import { afterEach, expect, it } from 'vitest';
import { type GateWorld, startGateWorld, untilTold } from '../../harness/gate-world.ts';
import { operate } from './operator.ts';

let world: GateWorld;

afterEach(async () => world.stop());

const image = `localhost/busybox@sha256:${'b'.repeat(64)}`;

function filesOf(lanes: string, { joins = 'off', prefixes = false } = {}): Readonly<Record<string, string>> {
  const job = (name: string): string =>
    `  ${name}: { on: [gate], image: "${image}", run: make, reusable: true, onlyIf: { paths: ["${name}/**"] } }`;
  const gate = `gate: { requires: { approvals: 1 }, scheduler: best-first, slots: 4, prefixes: ${prefixes}, lanes: ${lanes}, joins: ${joins} }`;
  const lines = ['apiVersion: sluice/v1', 'jobs:', job('left'), job('right'), gate, ''];
  return { '.sluice.yaml': lines.join('\n'), 'README.md': 'hello\n' };
}

it('what touches nothing in common is tested apart and lands on each other untested; whoever asks reads as what it was tested', async () => {
  world = await startGateWorld({ files: filesOf('closure'), judge: untilTold });
  const ash = await world.change('Ash', { 'left/a.txt': 'a\n' });
  const birch = await world.change('Birch', { 'right/b.txt': 'b\n' });
  await world.ask(ash, birch);
  await world.tests('left@Ash', 'right@Birch');
  await world.end('right@Birch', 'success');
  await world.ended(birch, 'success');
  await world.end('left@Ash', 'success');
  const told = await world.ended(ash, 'success');
  expect(world.landed()).toEqual(['Birch (#2)', 'Ash (#1)']);
  expect(world.built()).toEqual(['left@Ash', 'right@Birch']);
  expect(told).toMatch(
    /On top of the branch as it is it is `[0-9a-f]{12}`; it was tested as `[0-9a-f]{12}`, and none of the files that its jobs read differs there: it is not tested again \(`lanes: closure`\)\./,
  );
  expect(told).toMatch(/\| `left` \| passed \| passed as [0-9a-f]{12} of #1 .*: not built again \| \[log\]\(http/);
  const tested = world.git('rev-parse', 'main^1');
  const { detail } = JSON.parse(world.git('show', 'refs/sluice/ledger/main:entry.json'));
  expect(detail).toMatchObject({ number: 1, from: tested, commit: world.git('rev-parse', 'main') });
  expect(detail.verdict).toMatchObject({ tree: world.git('rev-parse', 'main^{tree}') });
  expect(detail.verdict.reused.tree).toMatch(/^[0-9a-f]{40}$/);
  expect(detail.verdict.reused.tree).not.toBe(detail.verdict.tree);
  expect(world.git('ls-tree', '-r', '--name-only', 'main').split('\n')).toEqual(
    expect.arrayContaining(['left/a.txt', 'right/b.txt']),
  );
}, 240_000);

it('what passed with another inside lands with it on top of what landed meanwhile in another lane, and neither is tested again', async () => {
  world = await startGateWorld({ files: filesOf('closure', { prefixes: true }), judge: untilTold });
  const ash = await world.change('Ash', { 'left/a.txt': 'a\n' });
  const aspen = await world.change('Aspen', { 'left/b.txt': 'b\n' });
  const birch = await world.change('Birch', { 'right/b.txt': 'b\n' });
  await world.ask(ash, aspen, birch);
  await world.tests('left@Ash', 'left@Ash+Aspen', 'right@Birch');
  await world.end('right@Birch', 'success');
  await world.ended(birch, 'success');
  await world.end('left@Ash+Aspen', 'success');
  const inside = await world.ended(ash, 'success');
  const told = await world.ended(aspen, 'success');
  expect(world.landed()).toEqual(['Birch (#3)', 'Ash (#1)', 'Aspen (#2)']);
  expect(world.built()).toEqual(['left@Ash', 'left@Ash+Aspen', 'right@Birch']);
  expect(inside).toMatch(/#2/);
  expect(told).toMatch(/\| `left` \| passed \| passed as [0-9a-f]{12} of #2 .*: not built again \|/);
  const { detail } = JSON.parse(world.git('show', 'refs/sluice/ledger/main:entry.json'));
  expect(detail).toMatchObject({ number: 2, commit: world.git('rev-parse', 'main') });
  expect(detail.verdict.reused.tree).not.toBe(detail.verdict.tree);
}, 240_000);

it('where what is inside cannot be put on what landed meanwhile, that one hears it, and who stood on it is tested without it', async () => {
  world = await startGateWorld({ files: filesOf('closure', { prefixes: true }), judge: untilTold });
  const ash = await world.change('Ash', { 'left/a.txt': 'a\n', 'NEWS.md': 'Ash\n' });
  const aspen = await world.change('Aspen', { 'left/b.txt': 'b\n' });
  const birch = await world.change('Birch', { 'right/b.txt': 'b\n', 'NEWS.md': 'Birch\n' });
  await world.ask(ash, aspen, birch);
  await world.tests('left@Ash', 'left@Ash+Aspen', 'right@Birch');
  await world.end('right@Birch', 'success');
  await world.ended(birch, 'success');
  await world.end('left@Ash+Aspen', 'success');
  world.judgeBy(() => 'success');
  await world.end('left@Ash', 'success');
  expect(await world.ended(ash, 'failure')).toContain('It conflicts with `main` in `NEWS.md`');
  await world.ended(aspen, 'success');
  expect(world.landed()).toEqual(['Birch (#3)', 'Aspen (#2)']);
}, 240_000);

it('each is tested on the other where whole trees are', async () => {
  world = await startGateWorld({ files: filesOf('off'), judge: untilTold });
  const ash = await world.change('Ash', { 'left/a.txt': 'a\n' });
  const birch = await world.change('Birch', { 'right/b.txt': 'b\n' });
  await world.ask(ash, birch);
  await world.tests('left@Ash', 'right@Ash+Birch');
}, 240_000);

it.each([
  ['is tested anew', 'a lock file', 'right/go.sum', ['left@Ash', 'left@Direct+Ash']],
  ['lands as it was tested', 'what no job of it reads', 'right/c.txt', ['left@Ash']],
])(
  'what passed %s where somebody pushed %s meanwhile',
  async (_, __, path, built) => {
    world = await startGateWorld({ files: filesOf('closure'), judge: untilTold });
    const ash = await world.change('Ash', { 'left/a.txt': 'a\n' });
    await world.ask(ash);
    await world.tests('left@Ash');
    await operate(world, 'freeze', 'a release');
    await world.told(ash, /The queue is frozen/);
    await world.end('left@Ash', 'success');
    await world.told(ash, /\| `left` \| passed/);
    await world.github.push({
      repo: world.repo,
      by: 'boss',
      branch: 'main',
      files: { [path]: 'x\n' },
      message: 'Direct',
    });
    world.judgeBy(() => 'success');
    await operate(world, 'thaw');
    await world.ended(ash, 'success');
    expect(world.landed()).toEqual(['Direct', 'Ash (#1)']);
    expect(world.built()).toEqual(built);
  },
  240_000,
);
