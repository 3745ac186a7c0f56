import { afterEach, expect, it } from 'vitest';
import { type GateWorld, startGateWorld, untilTold } from '../../harness/gate-world.ts';

let world: GateWorld;

afterEach(async () => world.stop());

const unit = '  unit: { on: [gate], image: localhost/busybox:1, run: make test }';
const lint = '  lint: { on: [gate], image: localhost/busybox:1, run: make lint }';

function fileOf(...jobs: readonly string[]): string {
  return ['apiVersion: sluice/v1', 'jobs:', ...jobs, 'gate: { requires: { approvals: 1 } }', ''].join('\n');
}

it('18: one whose configuration is invalid is told the line and not built; those behind are built without it', async () => {
  world = await startGateWorld({ judge: untilTold });
  const ash = await world.change('Ash', {
    '.sluice.yaml': fileOf(unit, '  lint: { on: [gate], imago: x, run: make }'),
  });
  const birch = await world.change('Birch', { 'b.txt': 'b\n' });
  await world.ask(ash, birch);
  const told = await world.ended(ash, 'failure');
  expect(told).toContain('The configuration of this change is invalid');
  expect(told).toMatch(/\.sluice\.yaml:4:\d+: /);
  await world.end('unit@Birch', 'success');
  await world.ended(birch, 'success');
  expect(world.built()).toEqual(['unit@Birch']);
}, 240_000);

it('18: while the file of main is invalid, a change that repairs it lands', async () => {
  world = await startGateWorld();
  const { repo } = world;
  for (const [text, message] of [
    ['jobs: [\n', 'Break'],
    ['jobs: [[\n', 'Break more'],
  ] as const)
    await world.github.push({ repo, by: 'boss', branch: 'main', files: { '.sluice.yaml': text }, message });
  const ash = await world.change('Ash', { 'a.txt': 'a\n' });
  await world.ask(ash);
  await world.told(ash, /is red since[\s\S]*the configuration fails there too/);
  const birch = await world.change('Birch', { '.sluice.yaml': fileOf(unit) });
  await world.ask(birch);
  await world.ended(birch, 'success');
  await world.ended(ash, 'success');
  expect(world.landed()).toEqual(['Break', 'Break more', 'Birch (#2)', 'Ash (#1)']);
}, 240_000);

it('27: a job that a change ahead adds tests those behind it, and rejects what violates it', async () => {
  world = await startGateWorld({
    judge: (files, job) => (job === 'lint' && files.has('bad.txt') ? 'failure' : 'success'),
  });
  const ash = await world.change('Ash', { '.sluice.yaml': fileOf(unit, lint) });
  const birch = await world.change('Birch', { 'bad.txt': 'b\n' });
  await world.ask(ash, birch);
  await world.ended(ash, 'success');
  const told = await world.ended(birch, 'failure');
  expect(told).toContain('lint did not pass.');
  expect(told).toMatch(/`unit` \| passed/);
  expect(world.landed()).toEqual(['Ash (#1)']);
}, 240_000);

it('28: jobs see the files that a change touches only together with what is ahead of it', async () => {
  const svc = '  svc: { on: [gate], image: localhost/busybox:1, run: make svc, onlyIf: { paths: ["svc/**"] } }';
  const text = 'one\ntwo\nthree\nfour\nfive\nsix\nseven\neight\n';
  world = await startGateWorld({
    judge: untilTold,
    files: { '.sluice.yaml': fileOf(unit, svc), 'api/a.go': text, 'README.md': 'hello\n' },
  });
  const ash = await world.change('Ash', { 'api/a.go': null, 'svc/a.go': text });
  const birch = await world.change('Birch', { 'api/a.go': text.replace('five', '5') });
  await world.ask(ash, birch);
  await world.tests('svc@Ash', 'svc@Ash+Birch', 'unit@Ash', 'unit@Ash+Birch');
  world.judgeBy(() => 'success');
  await world.ended(birch, 'success');
  expect(world.git('show', 'main:svc/a.go')).toContain('5');
}, 240_000);

function settledBy(gate: string, ...jobs: readonly string[]): string {
  return ['apiVersion: sluice/v1', 'jobs:', ...jobs, `gate: ${gate}`, ''].join('\n');
}

it('a job that `protect` names is removed only by what an administrator approved', async () => {
  const gate = '{ requires: { approvals: 0 }, protect: [lint] }';
  world = await startGateWorld({ files: { '.sluice.yaml': settledBy(gate, unit, lint) } });
  const { repo } = world;
  const ash = await world.change('Ash', { '.sluice.yaml': settledBy(gate, unit) }, { approved: false });
  const birch = await world.change('Birch', { 'b.txt': 'b\n' }, { approved: false });
  await world.ask(ash, birch);
  expect(await world.ended(ash, 'failure')).toMatch(/takes `lint` out of the gate.*an administrator can approve/);
  await world.ended(birch, 'success');
  expect(world.built().sort()).toEqual(['lint@Birch', 'unit@Birch']);
  await world.github.review({ repo, number: ash.number, by: 'boss', state: 'APPROVED' });
  await world.ask(ash);
  await world.until('it has landed', () => world.landed().includes('Ash (#1)'));
  expect(world.built().slice(2)).toEqual(['unit@Birch+Ash']);
}, 240_000);

it('presubmits of what enters stop where the file says `supersedes`, once', async () => {
  const slow = '  slow: { on: [presubmit], image: localhost/busybox:1, run: make slow }';
  const gate = '{ requires: { approvals: 1 }, supersedes: [presubmit] }';
  world = await startGateWorld({ files: { '.sluice.yaml': settledBy(gate, unit, slow) }, judge: untilTold });
  const { repo } = world;
  const ash = await world.change('Ash', { 'a.txt': 'a\n' });
  await world.until('it runs', async () => (await world.check(repo, ash.head, 'slow'))?.status === 'in_progress');
  await world.ask(ash);
  await world.tests('unit@Ash');
  const stopped = await world.until('it is stopped', async () => {
    const check = await world.check(repo, ash.head, 'slow');
    return check?.status === 'completed' && check;
  });
  expect(stopped).toMatchObject({ conclusion: 'cancelled', summary: expect.stringContaining('entered the gate') });
  // Who starts it again means it.
  await world.say(ash, '/test slow');
  await world.until('it runs again', async () => {
    const runs = await world.github.checkRuns(repo, ash.head);
    return runs.some(({ name, status }) => name === 'slow' && status === 'in_progress');
  });
  await world.end('unit@Ash', 'success');
  await world.ended(ash, 'success');
}, 240_000);
