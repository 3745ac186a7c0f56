import { afterEach, expect, it } from 'vitest';
import { type GateWorld, startGateWorld, untilTold } from '../../harness/gate-world.ts';

let world: GateWorld;

afterEach(async () => world.stop());

function bestFirst(slots: number): string {
  return [
    'apiVersion: sluice/v1',
    'jobs:',
    '  unit: { on: [gate], image: localhost/busybox:1, run: make test }',
    `gate: { requires: { approvals: 1 }, scheduler: best-first, slots: ${slots} }`,
    '',
  ].join('\n');
}

async function start(slots: number): Promise<void> {
  world = await startGateWorld({
    judge: untilTold,
    files: { '.sluice.yaml': bestFirst(slots), 'README.md': 'hello\n' },
  });
}

it('what failed by itself is run once more beside the queue, and those behind do not wait for it', async () => {
  await start(4);
  const ash = await world.change('Ash', { 'a.txt': 'a\n' });
  const birch = await world.change('Birch', { 'b.txt': 'b\n' });
  await world.ask(ash, birch);
  await world.tests('unit@Ash', 'unit@Ash+Birch');
  await world.end('unit@Ash', 'failure');
  expect(await world.told(ash, /that may be a flake/)).toContain('those behind do not wait for it');
  await world.tests('unit@Ash', 'unit@Ash+Birch', 'unit@Birch');
  await world.end('unit@Birch', 'success');
  await world.ended(birch, 'success');
  await world.tests('unit@Birch+Ash');
  await world.end('unit@Birch+Ash', 'success');
  await world.ended(ash, 'success');
}, 240_000);

it('what failed once and then passed on the same tree lands, and is counted as a flake', async () => {
  await start(2);
  const ash = await world.change('Ash', { 'a.txt': 'a\n' });
  await world.ask(ash);
  await world.tests('unit@Ash');
  await world.end('unit@Ash', 'failure');
  await world.told(ash, /may be a flake/);
  await world.tests('unit@Ash');
  await world.end('unit@Ash', 'success');
  expect(await world.ended(ash, 'success')).toContain('`unit` failed once on the same tree before it passed');
}, 240_000);

it('what fails again and again is rejected, with how often that was', async () => {
  await start(2);
  const ash = await world.change('Ash', { 'a.txt': 'a\n' });
  await world.ask(ash);
  for (let time = 0; time < 2; time += 1) {
    await world.tests('unit@Ash');
    await world.end('unit@Ash', 'failure');
    await world.told(ash, /may be a flake/);
  }
  await world.tests('unit@Ash');
  await world.end('unit@Ash', 'failure');
  expect(await world.ended(ash, 'failure')).toMatch(/unit did not pass: it failed 3 times with nobody else to blame/);
}, 240_000);

it('what passed with another inside lands with it by one push, and both are told', async () => {
  await start(4);
  const ash = await world.change('Ash', { 'a.txt': 'a\n' });
  const birch = await world.change('Birch', { 'b.txt': 'b\n' });
  await world.ask(ash, birch);
  await world.tests('unit@Ash', 'unit@Ash+Birch');
  await world.end('unit@Ash+Birch', 'success');
  expect(await world.ended(birch, 'success')).toContain('#1 landed by the same push: it was inside of what was tested');
  const told = await world.ended(ash, 'success');
  expect(told).toMatch(/^Landed as [0-9a-f]{12}, inside of #2\n/);
  expect(told).toContain('It landed by the same push as #2, which was tested as');
  expect(world.landed().map((line) => line.replace(/ \(#\d+\)$/, ''))).toEqual(['Ash', 'Birch']);
  await world.tests();
}, 240_000);

it('what conflicts with one ahead is tested without it only when that one may fail', async () => {
  await start(4);
  const ash = await world.change('Ash', { 'a.txt': 'a\n' });
  const birch = await world.change('Birch', { 'a.txt': 'b\n' });
  const cedar = await world.change('Cedar', { 'c.txt': 'c\n' });
  await world.ask(ash, birch, cedar);
  await world.tests('unit@Ash', 'unit@Ash+Cedar');
  await world.end('unit@Ash', 'success');
  await world.ended(ash, 'success');
  expect(await world.ended(birch, 'failure')).toMatch(/conflicts/);
  await world.end('unit@Ash+Cedar', 'success');
  await world.ended(cedar, 'success');
}, 240_000);

it('more than there are slots wait, and are told so', async () => {
  await start(1);
  const ash = await world.change('Ash', { 'a.txt': 'a\n' });
  const birch = await world.change('Birch', { 'b.txt': 'b\n' });
  await world.ask(ash, birch);
  await world.tests('unit@Ash');
  await world.told(birch, /one candidate is tested at a time, that one first that will most likely count/);
  await world.end('unit@Ash', 'success');
  await world.ended(ash, 'success');
  await world.tests('unit@Ash+Birch');
}, 240_000);
