import { afterEach, expect, it } from 'vitest';
import { type GateWorld, startGateWorld, untilTold } from '../../harness/gate-world.ts';

let world: GateWorld;

afterEach(async () => world.stop());

it('32: the pull request of a deleted fork lands', async () => {
  world = await startGateWorld();
  const { repo, github } = world;
  const fork = await github.fork(repo, 'mallory');
  const pull = await github.openPullRequest({
    repo,
    by: 'mallory',
    fork: fork.fullName,
    branch: 'ash',
    title: 'Ash',
    files: { 'a.txt': 'a\n' },
  });
  const ash = { name: 'Ash', repo, number: pull.number, head: pull.headSha };
  await github.review({ repo, number: ash.number, by: 'boss', state: 'APPROVED' });
  await github.deleteRepository(fork.fullName);
  await world.ask(ash);
  await world.ended(ash, 'success');
  expect(world.landed()).toEqual(['Ash (#1)']);
}, 240_000);

it('32: one that is closed and opened again with the same head must be asked for again, and lands', async () => {
  world = await startGateWorld({ judge: untilTold });
  const ash = await world.change('Ash', { 'a.txt': 'a\n' });
  await world.ask(ash);
  await world.tests('unit@Ash');
  await world.github.closePullRequest(world.repo, ash.number, 'ada');
  await world.ended(ash, 'cancelled');
  await world.github.reopen(world.repo, ash.number, 'ada');
  await world.tests();
  await world.say(ash, `/gate ${ash.head}`);
  await world.told(ash, /First in the queue/);
  await world.end('unit@Ash', 'success');
  await world.told(ash, /Landed as/);
  expect(world.built()).toEqual(['unit@Ash', 'unit@Ash']);
}, 240_000);

it('32: with a head pushed before the forge marks the landing, what was asked for has landed and nothing else', async () => {
  world = await startGateWorld();
  const { repo, github } = world;
  github.mergedMarks.hold();
  const ash = await world.change('Ash', { 'a.txt': 'a\n' });
  await world.ask(ash);
  await world.until('Ash is on main', () => world.landed().length > 0);
  await github.push({ repo, by: 'ada', branch: 'ash', files: { 'a.txt': 'evil\n' } });
  await github.mergedMarks.release();
  expect(await world.ended(ash, 'success')).toMatch(/^Landed as/);
  expect(world.landed()).toEqual(['Ash (#1)']);
  expect(world.git('show', 'main:a.txt')).toBe('a');
}, 240_000);

it('32: a title edited in the queue changes nothing of what lands, and trailers in the body are no trailers', async () => {
  world = await startGateWorld({ judge: untilTold });
  const body = 'Some words.\n\nReviewed-by: linus\nChange: acme/api#99';
  const ash = await world.change('Ash', { 'a.txt': 'a\n' }, { body });
  await world.ask(ash);
  await world.tests('unit@Ash');
  await world.github.editTitle(world.repo, ash.number, 'Elder', 'ada');
  await world.github.webhooks.settled();
  await world.end('unit@Ash', 'success');
  await world.ended(ash, 'success');
  expect(world.landed()).toEqual(['Ash (#1)']);
  expect(world.built()).toEqual(['unit@Ash']);
  expect(world.git('log', '-1', '--format=%(trailers:only)', 'main').split('\n')).toEqual([
    'Reviewed-by: boss',
    'Requested-by: boss',
    'Change: acme/api#1',
  ]);
}, 240_000);

it('32: a required name counts only from the App that the rule names', async () => {
  world = await startGateWorld();
  const { repo, github } = world;
  const wish = { owner: 'acme', permissions: { checks: 'write' }, events: [] } as const;
  const ci = await github.createApp({ ...wish, name: 'ci', events: [] });
  const other = await github.createApp({ ...wish, name: 'other', events: [] });
  await github.setProtection(repo, 'main', { requiredChecks: [{ context: 'lint', appId: ci.appId }] });
  const ash = await world.change('Ash', { 'a.txt': 'a\n' });
  await github.reportCheck({ repo, app: other.appId, sha: ash.head, name: 'lint', conclusion: 'success' });
  await world.ask(ash);
  const waits = await world.told(ash, /missing/);
  expect(waits).toContain('`lint`');
  await github.setProtection(repo, 'main', null);
  await world.ended(ash, 'success');
}, 240_000);

it('32: an approval by somebody who may not write is named as one that does not count', async () => {
  world = await startGateWorld();
  const ash = await world.change('Ash', { 'a.txt': 'a\n' }, { approved: false });
  await world.github.review({ repo: world.repo, number: ash.number, by: 'mallory', state: 'APPROVED' });
  await world.ask(ash);
  const waits = await world.told(ash, /one thing is missing/);
  expect(waits).toContain('It has 0 of 1 approvals. Not counted: `mallory` has no write permission.');
  await world.github.review({ repo: world.repo, number: ash.number, by: 'boss', state: 'APPROVED' });
  await world.ended(ash, 'success');
}, 240_000);
