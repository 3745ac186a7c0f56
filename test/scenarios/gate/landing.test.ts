import { afterEach, expect, it } from 'vitest';
import { type GateWorld, startGateWorld, untilTold } from '../../harness/gate-world.ts';

let world: GateWorld;

afterEach(async () => world.stop());

it('1: three asked for build together, and land in order without a build started anew', async () => {
  world = await startGateWorld({ judge: untilTold });
  const ash = await world.change('Ash', { 'a.txt': 'a\n' });
  const birch = await world.change('Birch', { 'b.txt': 'b\n' });
  const cedar = await world.change('Cedar', { 'c.txt': 'c\n' });
  await world.ask(ash, birch, cedar);
  await world.tests('unit@Ash', 'unit@Ash+Birch', 'unit@Ash+Birch+Cedar');
  world.judgeBy(() => 'success');
  await world.ended(ash, 'success');
  await world.ended(birch, 'success');
  await world.ended(cedar, 'success');
  expect(world.landed()).toEqual(['Ash (#1)', 'Birch (#2)', 'Cedar (#3)']);
  expect(world.built()).toHaveLength(3);
}, 240_000);
