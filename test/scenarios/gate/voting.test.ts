import { afterEach, expect, it } from 'vitest';
import { type GateWorld, startGateWorld, untilTold } from '../../harness/gate-world.ts';

let world: GateWorld;

afterEach(async () => world.stop());

function configOf(...jobs: readonly string[]): Record<string, string> {
  const lines = ['apiVersion: sluice/v1', 'jobs:', ...jobs.map((job) => `  ${job}`)];
  return { '.sluice.yaml': [...lines, 'gate: { requires: { approvals: 1 } }', ''].join('\n'), 'README.md': 'hello\n' };
}

const unit = 'unit: { on: [gate], image: localhost/busybox:1, run: make test }';

it('17: a job that does not count is shown when it fails, and its change lands', async () => {
  const hint = 'hint: { on: [gate], image: localhost/busybox:1, run: make hint, optional: true }';
  world = await startGateWorld({
    files: configOf(unit, hint),
    judge: (_files, job) => (job === 'unit' ? null : 'failure'),
  });
  const ash = await world.change('Ash', { 'a.txt': 'a\n' });
  await world.ask(ash);
  await world.told(ash, /`hint` \(optional\) \| failed/);
  await world.end('unit@Ash', 'success');
  expect(await world.ended(ash, 'success')).toMatch(/`hint` \(optional\) \| failed/);
  expect(world.landed()).toEqual(['Ash (#1)']);
}, 240_000);

it('17: with only jobs that do not count nothing ever lands', async () => {
  const hint = 'hint: { on: [gate], image: localhost/busybox:1, run: make hint, optional: true }';
  world = await startGateWorld({ files: configOf(hint) });
  const ash = await world.change('Ash', { 'a.txt': 'a\n' });
  await world.ask(ash);
  expect(await world.ended(ash, 'failure')).toContain('No job of the gate counts: all of them are optional.');
  expect(world.landed()).toEqual([]);
}, 240_000);

it('17: a change of documentation lands though no job applies, and every reason is told', async () => {
  const skips = 'unit: { on: [gate], image: localhost/busybox:1, run: make test, skipIf: { only: ["*.md"] } }';
  world = await startGateWorld({ files: configOf(skips), judge: untilTold });
  const ash = await world.change('Ash', { 'README.md': 'hello again\n' });
  await world.ask(ash);
  const told = await world.ended(ash, 'success');
  expect(told).toContain('No job applies');
  expect(told).toMatch(/`unit` \| skipped \| .*\*\.md/);
  expect(world.built()).toEqual([]);
  expect(world.landed()).toEqual(['Ash (#1)']);
}, 240_000);
