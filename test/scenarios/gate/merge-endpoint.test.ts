import { afterEach, expect, it } from 'vitest';
import { type GateWorld, startGateWorld, untilTold } from '../../harness/gate-world.ts';

let world: GateWorld;

afterEach(async () => world.stop());

function files(method = 'merge'): Record<string, string> {
  const lines = [
    'apiVersion: sluice/v1',
    'jobs:',
    '  unit: { on: [gate], image: localhost/busybox:1, run: make test }',
  ];
  const gate = `gate: { requires: { approvals: 1 }, landing: merge-endpoint, method: ${method} }`;
  return { '.sluice.yaml': `${lines.join('\n')}\n${gate}\n`, 'README.md': 'hello\n' };
}

const treeOf = (commit: string): string => world.git('rev-parse', `${commit}^{tree}`);

it.each(['merge', 'squash'])(
  'by the merge endpoint three land in order as %s commits of the forge, and none is tested twice',
  async (method) => {
    world = await startGateWorld({ judge: untilTold, files: files(method) });
    const ash = await world.change('Ash', { 'a.txt': 'a\n' });
    const birch = await world.change('Birch', { 'b.txt': 'b\n' });
    const cedar = await world.change('Cedar', { 'c.txt': 'c\n' });
    await world.ask(ash, birch, cedar);
    await world.tests('unit@Ash', 'unit@Ash+Birch', 'unit@Ash+Birch+Cedar');
    world.judgeBy(() => 'success');
    for (const change of [ash, birch, cedar]) await world.told(change, /success\nLanded as/);
    expect(world.built()).toHaveLength(3);
    expect(world.landed().map((subject) => subject.replace(/ \(#\d\)$/, ''))).toEqual(['Ash', 'Birch', 'Cedar']);
    expect((await world.github.pullRequest(world.repo, cedar.number)).merged).toBe(true);
    const tested = world.executor.manifests.map(({ metadata }) => metadata.annotations['sluice.dev/commit'] ?? '');
    expect(treeOf('main')).toBe(treeOf(tested.at(-1) ?? ''));
  },
  240_000,
);

it('a merge endpoint that makes another tree stops the line, and says so to everybody', async () => {
  world = await startGateWorld({ judge: untilTold, files: files() });
  const { repo } = world;
  const ash = await world.change('Ash', { 'a.txt': 'a\n' });
  const birch = await world.change('Birch', { 'b.txt': 'b\n' });
  await world.ask(ash, birch);
  await world.github.miscomputeMerges(repo, 1);
  world.judgeBy(() => 'success');
  await world.told(ash, /whose tree \w+ is not the tested one; the queue is frozen/);
  await world.told(birch, /The queue is frozen and lands nothing: #1: the forge merged it/);
  expect(world.landed()).toHaveLength(1);
}, 240_000);

it('a merge whose answer is lost is read back, landed once and told once', async () => {
  world = await startGateWorld({ judge: untilTold, files: files() });
  const ash = await world.change('Ash', { 'a.txt': 'a\n' });
  await world.ask(ash);
  world.github.faults.add({ method: 'PUT', path: /\/merge$/, count: 1, does: { kind: 'reset', when: 'after' } });
  world.judgeBy(() => 'success');
  await world.told(ash, /success\nLanded as/);
  expect(world.landed()).toEqual(['Ash (#1)']);
}, 240_000);

it('a merge that the forge refuses turns the head red again with its words, and the next one lands', async () => {
  world = await startGateWorld({ judge: untilTold, files: files() });
  const ash = await world.change('Ash', { 'a.txt': 'a\n' });
  const birch = await world.change('Birch', { 'b.txt': 'b\n' });
  await world.ask(ash, birch);
  const does = { kind: 'status', status: 405, when: 'before', message: 'Repository rule violations found' } as const;
  world.github.faults.add({ method: 'PUT', path: /\/merge$/, count: 1, does });
  world.judgeBy(() => 'success');
  expect(await world.told(ash, /failure\nRefused by GitHub/)).toContain('Repository rule violations found');
  await world.told(birch, /success\nLanded as/);
  expect(world.landed()).toEqual(['Birch (#2)']);
}, 240_000);

it('a branch that moves just before the merge is not merged onto untested: the change is tested anew on it', async () => {
  world = await startGateWorld({ judge: untilTold, files: files() });
  const { repo } = world;
  const ash = await world.change('Ash', { 'a.txt': 'a\n' });
  await world.ask(ash);
  await world.tests('unit@Ash');
  await world.github.push({ repo, by: 'boss', branch: 'main', files: { 'x.txt': 'x\n' }, message: 'Direct' });
  world.judgeBy(() => 'success');
  await world.told(ash, /success\nLanded as/);
  expect(world.landed()).toEqual(['Direct', 'Ash (#1)']);
  expect(world.built()).toContain('unit@Direct+Ash');
}, 240_000);
