import { afterEach, expect, it } from 'vitest';
import { type GateWorld, startGateWorld, untilTold } from '../../harness/gate-world.ts';

let world: GateWorld;

afterEach(async () => world.stop());

it('16: a pod lost twice is tried a third time, whose result counts', async () => {
  world = await startGateWorld({ judge: untilTold });
  const ash = await world.change('Ash', { 'a.txt': 'a\n' });
  await world.ask(ash);
  let left = 2;
  world.judgeBy(() => (left-- > 0 ? 'lost' : 'success'));
  await world.ended(ash, 'success');
  expect(world.built()).toEqual(['unit@Ash', 'unit@Ash', 'unit@Ash']);
}, 240_000);

it('16: one whose pods are lost three times is parked, not rejected, and goes on once the next one has landed', async () => {
  world = await startGateWorld({ judge: untilTold });
  const ash = await world.change('Ash', { 'a.txt': 'a\n' });
  const birch = await world.change('Birch', { 'b.txt': 'b\n' });
  await world.ask(ash);
  await world.tests('unit@Ash');
  world.judgeBy((files) => (files.has('b.txt') ? null : 'lost'));
  const parked = await world.told(ash, /could not be run: that is not the change's fault/);
  expect(parked).toMatch(/^in_progress/);
  expect(parked).toContain('First in the queue');
  expect(parked).toContain('once the next one has landed; `/gate` makes it go on now');
  expect(world.built()).toHaveLength(3);
  await world.ask(birch);
  await world.tests('unit@Birch');
  world.judgeBy((files) => (files.has('a.txt') && !files.has('b.txt') ? 'lost' : 'success'));
  await world.ended(birch, 'success');
  await world.ended(ash, 'success');
  expect(world.landed()).toEqual(['Birch (#2)', 'Ash (#1)']);
}, 240_000);
