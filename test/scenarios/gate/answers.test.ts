import { afterEach, expect, it } from 'vitest';
import { type GateWorld, startGateWorld, untilTold } from '../../harness/gate-world.ts';

let world: GateWorld;

afterEach(async () => world.stop());

/** From here on the only pushes are landings. */
async function ledgerBegan(): Promise<void> {
  await world.until('the ledger has its owner', () => world.git('for-each-ref', 'refs/sluice').includes('ledger'));
}

async function askTwo() {
  const ash = await world.change('Ash', { 'a.txt': 'a\n' });
  const birch = await world.change('Birch', { 'b.txt': 'b\n' });
  await world.ask(ash, birch);
  await world.tests('unit@Ash', 'unit@Ash+Birch');
  await ledgerBegan();
  return { ash, birch };
}

it('13: a landing that protection refuses is told in its words, and the next one goes on with the tip', async () => {
  world = await startGateWorld({ judge: untilTold });
  const { ash, birch } = await askTwo();
  await world.github.setProtection(world.repo, 'main', { restrictPushesTo: ['boss'] });
  await world.end('unit@Ash', 'success');
  const told = await world.ended(ash, 'failure');
  expect(told).toMatch(/^Refused by GitHub\n/);
  expect(told).toContain("You're not authorized to push to this branch.");
  expect(told).toContain('Once that rule is met, comment `/gate` again.');
  await world.tests('unit@Birch');
  await world.github.setProtection(world.repo, 'main', null);
  await world.end('unit@Birch', 'success');
  await world.ended(birch, 'success');
  expect(world.landed()).toEqual(['Birch (#2)']);
}, 240_000);

it('14: a push whose answer is lost and that took effect lands once and is told once', async () => {
  world = await startGateWorld({ judge: untilTold });
  const { ash, birch } = await askTwo();
  world.github.faults.add({ path: /git-receive-pack$/, method: 'POST', does: { kind: 'reset', when: 'after' } });
  world.judgeBy(() => 'success');
  expect(await world.ended(ash, 'success')).toMatch(/^Landed as/);
  await world.ended(birch, 'success');
  expect(world.landed()).toEqual(['Ash (#1)', 'Birch (#2)']);
  const entries = world.git('log', '--format=%s', 'refs/sluice/ledger/main').split('\n');
  expect(entries).toEqual(['ledger 3: landed', 'ledger 2: landed', 'ledger 1: owner']);
  expect(
    world.lines.filter(
      ({ message, fields }) => message === 'effect performed' && /"effect":"land #1 /.test(JSON.stringify(fields)),
    ),
  ).toHaveLength(1);
}, 240_000);
