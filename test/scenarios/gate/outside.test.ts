import { afterEach, expect, it } from 'vitest';
import { type GateWorld, startGateWorld, untilTold } from '../../harness/gate-world.ts';

let world: GateWorld;

afterEach(async () => world.stop());

it('11: one that a person merges by hand leaves as landed outside, and the others stand on it', async () => {
  world = await startGateWorld({ judge: untilTold });
  const ash = await world.change('Ash', { 'a.txt': 'a\n' });
  const birch = await world.change('Birch', { 'b.txt': 'b\n' });
  await world.ask(ash, birch);
  await world.tests('unit@Ash', 'unit@Ash+Birch');
  expect(await world.github.pressMerge(world.repo, birch.number, 'boss')).toMatchObject({ kind: 'merged' });
  const told = await world.ended(birch, 'neutral');
  expect(told).toMatch(/^Landed outside the gate\nSomebody merged it by hand\./);
  const [merged = ''] = world.landed();
  await world.tests(`unit@${merged.replace(/ \(#\d+\)$/, '')}+Ash`);
  world.judgeBy(() => 'success');
  await world.ended(ash, 'success');
  expect(world.landed()).toEqual([merged, 'Ash (#1)']);
}, 240_000);

it('12: after a direct push all are tested anew in their order, and nothing lands that was tested before it', async () => {
  world = await startGateWorld({ judge: untilTold });
  const ash = await world.change('Ash', { 'a.txt': 'a\n' });
  const birch = await world.change('Birch', { 'b.txt': 'b\n' });
  await world.ask(ash, birch);
  await world.tests('unit@Ash', 'unit@Ash+Birch');
  await world.github.push({
    repo: world.repo,
    by: 'boss',
    branch: 'main',
    files: { 'x.txt': 'x\n' },
    message: 'Direct',
  });
  world.judgeBy((files) => (files.has('x.txt') ? 'success' : null));
  await world.ended(ash, 'success');
  await world.ended(birch, 'success');
  expect(world.landed()).toEqual(['Direct', 'Ash (#1)', 'Birch (#2)']);
  expect(world.built().slice(2)).toEqual(['unit@Direct+Ash', 'unit@Direct+Ash+Birch']);
}, 240_000);

it('29: what a reset took back has not landed, also once others have landed after it', async () => {
  world = await startGateWorld({ judge: () => 'success' });
  const before = world.git('rev-parse', 'main').trim();
  const ash = await world.change('Ash', { 'a.txt': 'a\n' });
  await world.ask(ash);
  await world.ended(ash, 'success');
  world.git('update-ref', 'refs/heads/main', before);
  const birch = await world.change('Birch', { 'b.txt': 'b\n' });
  await world.ask(birch);
  await world.ended(birch, 'success');
  const cedar = await world.change('Cedar', { 'c.txt': 'c\n' }, { body: `Depends-On: #${ash.number}` });
  await world.ask(cedar);
  expect(await world.told(cedar, /one thing is missing/)).toContain('It depends on `acme/api#1`');
  expect(world.landed()).toEqual(['Birch (#2)']);
}, 240_000);

it('12: a push that breaks main: nobody is rejected for it, the queue says since when it is red, and a repair lands', async () => {
  world = await startGateWorld({ judge: (files) => (files.has('broken.txt') ? 'failure' : 'success') });
  const { repo } = world;
  await world.github.push({ repo, by: 'boss', branch: 'main', files: { 'broken.txt': 'x\n' }, message: 'Breaks' });
  const breaking = world.git('rev-parse', 'main').slice(0, 12);
  const ash = await world.change('Ash', { 'a.txt': 'a\n' });
  const birch = await world.change('Birch', { 'b.txt': 'b\n' });
  await world.ask(ash, birch);
  const red = new RegExp(
    `\\\\?\`main\\\\?\` is red since \`${breaking}\`[\\s\\S]*\`unit\` fails there too. Nobody is rejected for it`,
  );
  await world.told(ash, red);
  await world.told(birch, red);
  expect(world.built().filter((name) => name === 'unit@Breaks')).toHaveLength(1);
  const repair = await world.change('Repair', { 'broken.txt': null });
  await world.ask(repair);
  await world.ended(repair, 'success');
  await world.ended(ash, 'success');
  await world.ended(birch, 'success');
  expect(world.landed()).toEqual(['Breaks', 'Repair (#3)', 'Ash (#1)', 'Birch (#2)']);
}, 240_000);

it('12: a change that fails on a tip which passes by itself is rejected, though the gate did not land that tip', async () => {
  world = await startGateWorld({ judge: (files) => (files.has('bad.txt') ? 'failure' : 'success') });
  const ash = await world.change('Ash', { 'bad.txt': 'x\n' });
  await world.ask(ash);
  expect(await world.ended(ash, 'failure')).toMatch(/^Rejected/);
  expect(world.built()).toEqual(['unit@Ash', 'unit@']);
}, 240_000);

it('29: with main set back under a landing nothing lands on the old one, and what was dropped does not come back', async () => {
  world = await startGateWorld({ judge: untilTold });
  const { repo } = world;
  const before = world.git('rev-parse', 'main');
  const ash = await world.change('Ash', { 'a.txt': 'a\n' });
  await world.github.push({ repo, by: 'boss', branch: 'main', files: { 'x.txt': 'x\n' }, message: 'Dropped' });
  await world.ask(ash);
  await world.tests('unit@Dropped+Ash');
  // The branch is read as it was before, so that only the push itself can notice.
  await world.github.lagBehind(repo, 'main', 12);
  await world.github.setBranch({ repo, by: 'boss', branch: 'main', sha: before });
  world.judgeBy((files) => (files.has('a.txt') ? 'success' : null));
  await world.ended(ash, 'success');
  expect(world.landed()).toEqual(['Ash (#1)']);
  const refused = world.lines.filter(({ fields }) => 'kind' in fields && fields.kind === 'moved');
  expect(refused.length).toBeGreaterThan(0);
  expect(world.git('ls-tree', '--name-only', 'main')).not.toContain('x.txt');
}, 240_000);
