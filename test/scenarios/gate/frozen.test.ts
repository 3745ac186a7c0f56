import { afterEach, expect, it } from 'vitest';
import { type GateWorld, startGateWorld, untilTold } from '../../harness/gate-world.ts';
import { operate } from './operator.ts';

let world: GateWorld;

afterEach(async () => world.stop());

it('25: a frozen queue goes on testing and lands nothing, also after a lost Redis; thawed, it lands in order', async () => {
  world = await startGateWorld({ judge: untilTold });
  const ash = await world.change('Ash', { 'a.txt': 'a\n' });
  const birch = await world.change('Birch', { 'b.txt': 'b\n' });
  await world.ask(ash);
  await world.tests('unit@Ash');
  await operate(world, 'freeze', 'the release is cut');
  await world.told(ash, /The queue is frozen and lands nothing: the release is cut/);
  await world.ask(birch);
  await world.end('unit@Ash', 'success');
  await world.end('unit@Ash+Birch', 'success');
  await world.told(birch, /`unit` \| passed[\s\S]*/);
  expect(world.landed()).toEqual([]);
  await world.sluice.close();
  await world.redis.open().flushall();
  world.judgeBy(() => 'success');
  world.sluice = await world.startAnother();
  await world.until('Birch is found again', async () => world.built().length > 2);
  await world.told(birch, /The queue is frozen and lands nothing: the release is cut/);
  expect(world.landed()).toEqual([]);
  await operate(world, 'thaw');
  await world.ended(ash, 'success');
  await world.ended(birch, 'success');
  expect(world.landed()).toEqual(['Ash (#1)', 'Birch (#2)']);
}, 240_000);
