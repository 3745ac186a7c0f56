import { afterEach, expect, it } from 'vitest';
import { type GateWorld, startGateWorld, untilTold } from '../../harness/gate-world.ts';

let world: GateWorld;

afterEach(async () => world.stop());

it('9: what a change depends on is named while nobody asked for it, and then enters ahead of it', async () => {
  world = await startGateWorld({ judge: untilTold });
  const cedar = await world.change('Cedar', { 'c.txt': 'c\n' });
  const dogwood = await world.change('Dogwood', { 'd.txt': 'd\n' }, { body: `Depends-On: #${cedar.number}` });
  await world.ask(dogwood);
  const waits = await world.told(dogwood, /one thing is missing/);
  expect(waits).toContain('It depends on `acme/api#1`, which nobody asked to land. Ask for it there with `/gate`');
  await world.ask(cedar);
  await world.tests('unit@Cedar', 'unit@Cedar+Dogwood');
  expect(await world.told(dogwood, /Tested on top of #1/)).toContain('2. of 2 in the queue');
  world.judgeBy(() => 'success');
  await world.ended(dogwood, 'success');
  expect(world.landed()).toEqual(['Cedar (#1)', 'Dogwood (#2)']);
}, 240_000);

it('10: with the one it depends on failed, its builds stop and it is told so', async () => {
  world = await startGateWorld({ judge: untilTold });
  const cedar = await world.change('Cedar', { 'c.txt': 'c\n' });
  const dogwood = await world.change('Dogwood', { 'd.txt': 'd\n' }, { body: `Depends-On: #${cedar.number}` });
  await world.ask(cedar, dogwood);
  await world.tests('unit@Cedar', 'unit@Cedar+Dogwood');
  await world.end('unit@Cedar', 'failure');
  expect(await world.ended(cedar, 'failure')).toContain('unit did not pass.');
  await world.tests();
  await world.told(dogwood, /It depends on #1, which failed\./);
  expect(world.built()).toEqual(['unit@Cedar', 'unit@Cedar+Dogwood', 'unit@']);
}, 240_000);
