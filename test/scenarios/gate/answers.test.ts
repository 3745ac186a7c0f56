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

const landings = (): number =>
  world.lines.filter(
    ({ message, fields }) => message === 'effect performed' && /"effect":"land #/.test(JSON.stringify(fields)),
  ).length;

it('13: a landing that protection refuses is told in its words, and the next one goes on with the tip', async () => {
  world = await startGateWorld({ judge: untilTold });
  const { ash, birch } = await askTwo();
  const says = ['error: GH006: Protected branch update failed for refs/heads/main.', "You're not authorized to push."];
  const reason = 'protected branch hook declined';
  const does = { kind: 'push-refused', reason, says } as const;
  world.github.faults.add({ path: /git-receive-pack$/, method: 'POST', does });
  await world.end('unit@Ash', 'success');
  const told = await world.ended(ash, 'failure');
  expect(told).toMatch(/^Refused by GitHub\n/);
  expect(told).toContain("You're not authorized to push.");
  expect(told).toContain('Once that rule is met, comment `/gate` again.');
  await world.tests('unit@Birch');
  await world.end('unit@Birch', 'success');
  await world.ended(birch, 'success');
  expect(world.landed()).toEqual(['Birch (#2)']);
}, 240_000);

it('13: a rule that will refuse our push is named before anything is pushed, and lets both land once we are let past', async () => {
  world = await startGateWorld({ judge: untilTold });
  const { ash, birch } = await askTwo();
  await world.github.setProtection(world.repo, 'main', { restrictPushesTo: ['boss'] });
  world.judgeBy(() => 'success');
  expect(await world.told(ash, /restrict_pushes/)).toContain(
    'only those whom it names may push to this branch, and this App is not one of them. Let App',
  );
  expect(landings()).toBe(0);
  await world.github.setProtection(world.repo, 'main', { restrictPushesTo: ['boss', 'sluice[bot]'] });
  await world.ended(birch, 'success');
  expect(world.landed()).toEqual(['Ash (#1)', 'Birch (#2)']);
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
  expect(landings()).toBe(2);
}, 240_000);
