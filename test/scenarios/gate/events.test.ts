import { afterEach, expect, it } from 'vitest';
import { type GateWorld, startGateWorld, untilTold } from '../../harness/gate-world.ts';

let world: GateWorld;

afterEach(async () => world.stop());

/** `main` asks for what another App and a person must say; nobody asked is read again for a minute. */
async function requiringCi() {
  world = await startGateWorld();
  const { repo, github } = world;
  const ci = await github.createApp({ owner: 'acme', name: 'ci', permissions: { checks: 'write' }, events: [] });
  const required_status_checks = [{ context: 'ci', integration_id: ci.appId }, { context: 'legal' }];
  const rules = [{ type: 'required_status_checks', parameters: { required_status_checks } }];
  await github.setRuleset(repo, { name: 'ci', rules, bypass: [{ app: world.app.appId }] });
  return ci.appId;
}

it('what another App and a person report on a head that was asked for reaches the list of what is missing at once', async () => {
  const app = await requiringCi();
  const { repo, github } = world;
  const ash = await world.change('Ash', { 'a.txt': 'a\n' });
  await world.ask(ash);
  await world.told(ash, /2 things are missing/);
  await github.reportCheck({ repo, app, sha: ash.head, name: 'ci', conclusion: 'success' });
  await world.told(ash, /one thing is missing/);
  await github.commitStatus({ repo, by: 'ada', sha: ash.head, context: 'legal', state: 'success' });
  await world.ended(ash, 'success');
}, 240_000);

it('reports on heads that nobody asked for cost neither a pass nor a call', async () => {
  const app = await requiringCi();
  const { repo, github } = world;
  const ash = await world.change('Ash', { 'a.txt': 'a\n' });
  const birch = await world.change('Birch', { 'b.txt': 'b\n' });
  await world.ask(ash);
  await world.told(ash, /2 things are missing/);
  const woken = (): unknown[] =>
    world.lines.flatMap(({ message, fields }) => {
      const { event, subject } = fields as { readonly event?: string; readonly subject?: string };
      return message === 'event routed' && /^(check|status)/.test(event ?? '') ? [subject] : [];
    });
  for (let run = 0; run < 20; run += 1)
    await github.reportCheck({ repo, app, sha: birch.head, name: `ci-${run}`, conclusion: 'success' });
  await github.webhooks.settled();
  await github.reportCheck({ repo, app, sha: ash.head, name: 'ci', conclusion: 'success' });
  await world.told(ash, /one thing is missing/);
  expect([...new Set(woken())]).toEqual([expect.stringMatching(/^queue\//)]);
  expect(woken().length).toBeLessThanOrEqual(2);
}, 240_000);

it('a direct push to the branch is seen at once, and what waits is tested anew on it', async () => {
  world = await startGateWorld({ judge: untilTold });
  const { repo, github } = world;
  const ash = await world.change('Ash', { 'a.txt': 'a\n' });
  await world.ask(ash);
  await world.tests('unit@Ash');
  await github.push({ repo, by: 'boss', branch: 'main', files: { 'z.txt': 'z\n' }, message: 'Direct' });
  await world.tests('unit@Direct+Ash');
  const woken = world.lines.filter(({ message, fields }) => {
    const { event, subject } = fields as { readonly event?: string; readonly subject?: string };
    return message === 'event routed' && event === 'push' && subject?.startsWith('queue/');
  });
  expect(woken).toHaveLength(1);
}, 240_000);

it('a change that goes to another branch now leaves the queue it was in at once', async () => {
  world = await startGateWorld({ judge: untilTold });
  const { repo, github } = world;
  await github.setBranch({ repo, by: 'boss', branch: 'stable', sha: world.git('rev-parse', 'main') });
  const ash = await world.change('Ash', { 'a.txt': 'a\n' });
  await world.ask(ash);
  await world.tests('unit@Ash');
  await github.retarget(repo, ash.number, 'stable', 'ada');
  expect(await world.ended(ash, 'cancelled')).toContain('It goes to `stable` now');
  const told = world.lines.filter(({ fields }) =>
    /^tell queue\/\d+\/main: gate.hint/.test((fields as { readonly effect?: string }).effect ?? ''),
  );
  expect(told.length).toBeGreaterThan(0);
}, 240_000);
