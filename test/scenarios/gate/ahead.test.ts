import { afterEach, expect, it } from 'vitest';
import { type GateWorld, startGateWorld, untilTold } from '../../harness/gate-world.ts';

let world: GateWorld;

afterEach(async () => world.stop());

async function askThree() {
  const ash = await world.change('Ash', { 'a.txt': 'a\n' });
  const birch = await world.change('Birch', { 'b.txt': 'b\n' });
  const cedar = await world.change('Cedar', { 'c.txt': 'c\n' });
  await world.ask(ash, birch, cedar);
  await world.tests('unit@Ash', 'unit@Ash+Birch', 'unit@Ash+Birch+Cedar');
  return { ash, birch, cedar };
}

it('2: one that fails behind another keeps its place, and those behind it go on at once without it', async () => {
  world = await startGateWorld({ judge: untilTold });
  const { ash, birch, cedar } = await askThree();
  await world.end('unit@Ash+Birch', 'failure');
  await world.tests('unit@Ash', 'unit@Ash+Cedar');
  const held = await world.told(birch, /failed together with what is ahead: #1\./);
  expect(held).toContain('2. of 3 in the queue');
  expect(held).toContain(`Tested on top of #${ash.number}, which is ahead`);
  await world.end('unit@Ash', 'success');
  await world.ended(ash, 'success');
  const told = await world.ended(birch, 'failure');
  expect(told).toMatch(/^Rejected\nunit did not pass\. Push a fix, or comment `\/gate`/);
  await world.end('unit@Ash+Cedar', 'success');
  await world.ended(cedar, 'success');
  expect(world.landed()).toEqual(['Ash (#1)', 'Cedar (#3)']);
  expect(world.built()).toEqual(['unit@Ash', 'unit@Ash+Birch', 'unit@Ash+Birch+Cedar', 'unit@Ash+Cedar']);
}, 240_000);

it('3: one that failed behind another that fails too is merged anew on the tip, and may land', async () => {
  world = await startGateWorld({ judge: untilTold });
  const { ash, birch, cedar } = await askThree();
  await world.end('unit@Ash+Birch', 'failure');
  await world.tests('unit@Ash', 'unit@Ash+Cedar');
  await world.end('unit@Ash', 'failure');
  expect(await world.ended(ash, 'failure')).toContain('unit did not pass.');
  await world.tests('unit@Birch', 'unit@Birch+Cedar');
  await world.end('unit@Birch', 'success');
  await world.end('unit@Birch+Cedar', 'success');
  await world.ended(birch, 'success');
  await world.ended(cedar, 'success');
  expect(world.landed()).toEqual(['Birch (#2)', 'Cedar (#3)']);
}, 240_000);

it('4: of two that are fine alone and broken together the later is rejected, and main is never red', async () => {
  const isGreen = (files: ReadonlyMap<string, string>): boolean => !(files.has('a.txt') && files.has('b.txt'));
  world = await startGateWorld({ judge: (files) => (isGreen(files) ? 'success' : 'failure') });
  const ash = await world.change('Ash', { 'a.txt': 'a\n' });
  const birch = await world.change('Birch', { 'b.txt': 'b\n' });
  await world.ask(ash, birch);
  expect(await world.ended(ash, 'success')).toMatch(/^Landed as [0-9a-f]{12}/);
  expect(await world.ended(birch, 'failure')).toMatch(/^Rejected\nunit did not pass/);
  expect(world.landed()).toEqual(['Ash (#1)']);
}, 240_000);

const twoJobs = [
  'apiVersion: sluice/v1',
  'jobs:',
  '  quick: { on: [gate], image: localhost/busybox:1, run: make quick }',
  '  slow: { on: [gate], image: localhost/busybox:1, run: make slow }',
  'gate: { requires: { approvals: 1 } }',
  '',
].join('\n');

it('5: behind a head that has failed they go on at once; it is reported when its own builds are done', async () => {
  world = await startGateWorld({ judge: untilTold, files: { '.sluice.yaml': twoJobs, 'README.md': 'hello\n' } });
  const ash = await world.change('Ash', { 'a.txt': 'a\n' });
  const birch = await world.change('Birch', { 'b.txt': 'b\n' });
  await world.ask(ash, birch);
  await world.tests('quick@Ash', 'slow@Ash', 'quick@Ash+Birch', 'slow@Ash+Birch');
  await world.end('quick@Ash', 'failure');
  await world.tests('slow@Ash', 'quick@Birch', 'slow@Birch');
  expect(await world.told(ash, /It has failed; what still runs is waited for/)).toMatch(/^in_progress/);
  await world.end('slow@Ash', 'success');
  const told = await world.ended(ash, 'failure');
  expect(told).toContain('quick did not pass.');
  expect(told).toMatch(/`slow` \| passed/);
  await world.end('quick@Birch', 'success');
  await world.end('slow@Birch', 'success');
  await world.ended(birch, 'success');
}, 240_000);
