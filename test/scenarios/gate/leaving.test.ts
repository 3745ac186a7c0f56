import { afterEach, expect, it } from 'vitest';
import { type GateWorld, startGateWorld, untilTold } from '../../harness/gate-world.ts';

let world: GateWorld;

afterEach(async () => world.stop());

it('8: one that is closed leaves with that reason, and what depends on it waits', async () => {
  world = await startGateWorld({ judge: untilTold });
  const birch = await world.change('Birch', { 'b.txt': 'b\n' });
  const dogwood = await world.change('Dogwood', { 'd.txt': 'd\n' }, { body: `Depends-On: #${birch.number}` });
  await world.ask(birch, dogwood);
  await world.tests('unit@Birch', 'unit@Birch+Dogwood');
  await world.github.closePullRequest(world.repo, birch.number, 'ada');
  const told = await world.ended(birch, 'cancelled');
  expect(told).toMatch(
    /^Taken out of the queue\nThe pull request is closed\. Open it again, then ask for its landing again/,
  );
  await world.tests();
  expect(await world.told(dogwood, /It waits: it depends on #1, not ahead of it any more/)).toMatch(
    /^in_progress|^queued/,
  );
  expect(world.landed()).toEqual([]);
}, 240_000);

it('8: one that becomes a draft, and one whose review is dismissed, leave with that reason', async () => {
  world = await startGateWorld({ judge: untilTold });
  const ash = await world.change('Ash', { 'a.txt': 'a\n' });
  const birch = await world.change('Birch', { 'b.txt': 'b\n' }, { approved: false });
  const review = await world.github.review({ repo: world.repo, number: birch.number, by: 'boss', state: 'APPROVED' });
  const cedar = await world.change('Cedar', { 'c.txt': 'c\n' });
  await world.ask(ash, birch, cedar);
  await world.tests('unit@Ash', 'unit@Ash+Birch', 'unit@Ash+Birch+Cedar');
  await world.github.convertToDraft(world.repo, ash.number, 'ada');
  await world.github.dismissReview(world.repo, birch.number, review, 'not yet', 'boss');
  expect(await world.ended(ash, 'cancelled')).toContain('It is a draft. Mark it as ready for review.');
  expect(await world.ended(birch, 'cancelled')).toContain('It has 0 of 1 approvals.');
  await world.tests('unit@Cedar');
  await world.end('unit@Cedar', 'success');
  await world.ended(cedar, 'success');
  expect(world.landed()).toEqual(['Cedar (#3)']);
}, 240_000);

it('8: one that goes to another branch now never lands on the one it was asked for', async () => {
  world = await startGateWorld({ judge: untilTold });
  const ash = await world.change('Ash', { 'a.txt': 'a\n' });
  const birch = await world.change('Birch', { 'b.txt': 'b\n' });
  await world.github.setBranch({ repo: world.repo, by: 'boss', branch: 'next', sha: world.git('rev-parse', 'main') });
  await world.ask(ash, birch);
  await world.tests('unit@Ash', 'unit@Ash+Birch');
  await world.github.retarget(world.repo, ash.number, 'next', 'ada');
  world.judgeBy(() => 'success');
  expect(await world.ended(ash, 'cancelled')).toContain('It goes to `next` now, and this queue is that of `main`.');
  await world.ended(birch, 'success');
  expect(world.landed()).toEqual(['Birch (#2)']);
}, 240_000);

it('while the App is suspended nothing is built or landed; afterwards everything goes on from its place', async () => {
  world = await startGateWorld({ judge: untilTold });
  const ash = await world.change('Ash', { 'a.txt': 'a\n' });
  const birch = await world.change('Birch', { 'b.txt': 'b\n' });
  await world.ask(ash, birch);
  await world.tests('unit@Ash', 'unit@Ash+Birch');
  const { installationId } = world.app;
  await world.github.suspend(installationId);
  await world.tests();
  expect(world.landed()).toEqual([]);
  await world.github.unsuspend(installationId);
  world.judgeBy(() => 'success');
  await world.ended(birch, 'success');
  expect(world.landed()).toEqual(['Ash (#1)', 'Birch (#2)']);
}, 240_000);
