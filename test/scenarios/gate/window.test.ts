import { afterEach, expect, it } from 'vitest';
import { type GateWorld, startGateWorld, untilTold } from '../../harness/gate-world.ts';

let world: GateWorld;

afterEach(async () => world.stop());

const narrow = [
  'apiVersion: sluice/v1',
  'jobs:',
  '  unit: { on: [gate], image: localhost/busybox:1, run: make test }',
  'gate: { requires: { approvals: 1 }, window: { start: 2, floor: 1 } }',
  '',
].join('\n');

it('15: two are tested at once and the third waits; a failure makes it one, a landing two again', async () => {
  world = await startGateWorld({ judge: untilTold, files: { '.sluice.yaml': narrow, 'README.md': 'hello\n' } });
  const ash = await world.change('Ash', { 'a.txt': 'a\n' });
  const birch = await world.change('Birch', { 'b.txt': 'b\n' });
  const cedar = await world.change('Cedar', { 'c.txt': 'c\n' });
  const dogwood = await world.change('Dogwood', { 'd.txt': 'd\n' });
  await world.ask(ash, birch, cedar, dogwood);
  await world.tests('unit@Ash', 'unit@Ash+Birch');
  expect(await world.told(cedar, /only the first 2 are tested at once/)).toContain('3. of 4 in the queue');
  await world.end('unit@Ash', 'failure');
  await world.ended(ash, 'failure');
  await world.told(cedar, /only the first 1 are tested at once/);
  await world.tests('unit@Birch');
  await world.end('unit@Birch', 'success');
  await world.ended(birch, 'success');
  await world.tests('unit@Birch+Cedar', 'unit@Birch+Cedar+Dogwood');
}, 240_000);
