import { afterEach, expect, it } from 'vitest';
import { type GateWorld, startGateWorld, untilTold } from '../../harness/gate-world.ts';

let world: GateWorld;

afterEach(async () => world.stop());

it('6: one that conflicts with a change ahead is not built, and is merged anew once that one has left', async () => {
  world = await startGateWorld({ judge: untilTold });
  const ash = await world.change('Ash', { 'README.md': 'ash\n' });
  const birch = await world.change('Birch', { 'README.md': 'birch\n' });
  const cedar = await world.change('Cedar', { 'c.txt': 'c\n' });
  await world.ask(ash, birch, cedar);
  await world.tests('unit@Ash', 'unit@Ash+Cedar');
  const waits = await world.told(birch, /It waits: it conflicts with what is ahead: #1\./);
  expect(waits).toContain('2. of 3 in the queue');
  expect(waits).toContain('It conflicts in `README.md`');
  await world.say(ash, '/dequeue');
  expect(await world.ended(ash, 'cancelled')).toContain('Boss took it out');
  await world.tests('unit@Birch', 'unit@Birch+Cedar');
  world.judgeBy(() => 'success');
  await world.ended(birch, 'success');
  await world.ended(cedar, 'success');
  expect(world.landed()).toEqual(['Birch (#2)', 'Cedar (#3)']);
}, 240_000);

it('6: one that conflicts with what has landed is rejected with the files named', async () => {
  world = await startGateWorld();
  const ash = await world.change('Ash', { 'README.md': 'ash\n' });
  const birch = await world.change('Birch', { 'README.md': 'birch\n' });
  await world.ask(ash, birch);
  await world.ended(ash, 'success');
  const told = await world.ended(birch, 'failure');
  expect(told).toMatch(/^Rejected\nIt conflicts with `main` in `README.md`\. Push a fix/);
  expect(world.built()).toEqual(['unit@Ash']);
}, 240_000);

it('7: a new commit takes its change out, stops its builds, and needs its own approval and request', async () => {
  world = await startGateWorld({ judge: untilTold });
  const ash = await world.change('Ash', { 'a.txt': 'a\n' });
  const birch = await world.change('Birch', { 'b.txt': 'b\n' });
  const cedar = await world.change('Cedar', { 'c.txt': 'c\n' });
  await world.ask(ash, birch, cedar);
  await world.tests('unit@Ash', 'unit@Ash+Birch', 'unit@Ash+Birch+Cedar');
  const head = await world.github.push({ repo: world.repo, by: 'ada', branch: 'birch', files: { 'b.txt': 'b2\n' } });
  const told = await world.ended(birch, 'cancelled');
  expect(told).toContain('Taken out of the queue');
  expect(told).toContain(`It was asked for at \`${birch.head}\`, and the head is \`${head}\` now`);
  expect(told).toContain(`/gate ${head}`);
  await world.tests('unit@Ash', 'unit@Ash+Cedar');
  const again = { ...birch, head };
  await world.ask(again);
  expect(await world.told(again, /one thing is missing/)).toContain(
    'It has 0 of 1 approvals. Not counted: `boss` approved an older head.',
  );
  world.judgeBy(() => 'success');
  await world.ended(cedar, 'success');
  expect(world.landed()).toEqual(['Ash (#1)', 'Cedar (#3)']);
  await world.github.review({ repo: world.repo, number: birch.number, by: 'boss', state: 'APPROVED' });
  await world.ended(again, 'success');
}, 240_000);
