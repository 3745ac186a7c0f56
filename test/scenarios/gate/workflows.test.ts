import { afterEach, expect, it } from 'vitest';
import { appPermissions } from '../../adapters/github/stage.ts';
import { type GateWorld, startGateWorld } from '../../harness/gate-world.ts';

let world: GateWorld;

afterEach(async () => world.stop());

it('a change of workflows that GitHub would not take is told before anything is built, and lands once the App may', async () => {
  world = await startGateWorld();
  const ash = await world.change('Ash', { '.github/workflows/ci.yml': 'on: push\n' });
  const birch = await world.change('Birch', { 'b.txt': 'b\n' });
  await world.ask(ash, birch);
  const told = await world.ended(ash, 'failure');
  expect(told).toMatch(/^Refused by GitHub\n/);
  expect(told).toContain(
    'It changes `.github/workflows/ci.yml`, and GitHub lets this App change no workflow: give the App',
  );
  expect(told).toContain('comment `/gate` again');
  await world.ended(birch, 'success');
  expect(world.built()).toEqual(['unit@Birch']);
  await world.github.setAppPermissions(world.app.appId, { ...appPermissions, workflows: 'write' });
  await world.ask(ash);
  await world.until('it lands', () => world.landed().length === 2 || undefined);
  expect(world.landed()).toEqual(['Birch (#2)', 'Ash (#1)']);
}, 240_000);
