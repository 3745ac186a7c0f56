import { afterEach, expect, it } from 'vitest';
import { type GateWorld, startGateWorld, untilTold } from '../../harness/gate-world.ts';
import { operate } from './operator.ts';

let world: GateWorld;

afterEach(async () => world.stop());

it('19: the command, the button and the operator take a change out alike, and who did it is told', async () => {
  world = await startGateWorld({ judge: untilTold });
  const ash = await world.change('Ash', { 'a.txt': 'a\n' });
  const birch = await world.change('Birch', { 'b.txt': 'b\n' });
  const cedar = await world.change('Cedar', { 'c.txt': 'c\n' });
  await world.ask(ash, birch, cedar);
  await world.tests('unit@Ash', 'unit@Ash+Birch', 'unit@Ash+Birch+Cedar');
  const runs = await world.github.checkRuns(world.repo, ash.head);
  const run = runs.find(({ name }) => name === 'sluice/gate/main');
  await world.github.pressCheckAction(world.repo, run?.id ?? 0, 'dequeue', 'boss');
  expect(await world.ended(ash, 'cancelled')).toMatch(
    /^Taken out of the queue\nBoss took it out\. Comment `\/gate` to ask again/,
  );
  await world.tests('unit@Birch', 'unit@Birch+Cedar');
  await world.say(birch, '/dequeue', 'ada');
  expect(await world.ended(birch, 'cancelled')).toMatch(/^Taken out of the queue\nAda took it out\./);
  await world.tests('unit@Cedar');
  await operate(world, 'dequeue', '', cedar);
  expect(await world.ended(cedar, 'cancelled')).toMatch(/^Taken out of the queue\nRoot took it out\./);
  await world.tests();
  const labels = async () => (await world.github.pullRequest(world.repo, birch.number)).labels;
  await world.until('the label is off again', async () => !(await labels()).includes('gate'));
}, 240_000);

it('19: somebody who may not merge takes nothing out, and is told why', async () => {
  world = await startGateWorld({ judge: untilTold });
  const ash = await world.change('Ash', { 'a.txt': 'a\n' });
  await world.ask(ash);
  await world.tests('unit@Ash');
  await world.say(ash, '/dequeue', 'mallory');
  const answers = await world.until('mallory is answered', async () =>
    (await world.github.comments(world.repo, ash.number)).find(({ body }) => body.includes('Nothing was taken out')),
  );
  expect(answers.body).toMatch(/mallory has (no|only read) permission here/);
  await world.end('unit@Ash', 'success');
  await world.ended(ash, 'success');
}, 240_000);

it('20: a hotfix goes to the front, and the others stand on it', async () => {
  world = await startGateWorld({ judge: untilTold });
  const ash = await world.change('Ash', { 'a.txt': 'a\n' });
  const birch = await world.change('Birch', { 'b.txt': 'b\n' });
  await world.ask(ash, birch);
  await world.tests('unit@Ash', 'unit@Ash+Birch');
  await world.say(birch, '/priority hotfix');
  await world.tests('unit@Birch', 'unit@Birch+Ash');
  await world.told(birch, /First in the queue/);
  await world.told(ash, /2\. of 2 in the queue/);
  world.judgeBy(() => 'success');
  await world.ended(ash, 'success');
  expect(world.landed()).toEqual(['Birch (#2)', 'Ash (#1)']);
}, 240_000);

it('20: a hotfix that depends on a normal one stays behind it', async () => {
  world = await startGateWorld({ judge: untilTold });
  const ash = await world.change('Ash', { 'a.txt': 'a\n' });
  const birch = await world.change('Birch', { 'b.txt': 'b\n' }, { body: `Depends-On: #${ash.number}` });
  const cedar = await world.change('Cedar', { 'c.txt': 'c\n' });
  await world.ask(ash, cedar, birch);
  await world.tests('unit@Ash', 'unit@Ash+Cedar', 'unit@Ash+Cedar+Birch');
  await world.say(birch, '/priority hotfix');
  await world.tests('unit@Ash', 'unit@Ash+Birch', 'unit@Ash+Birch+Cedar');
  expect(await world.told(birch, /2\. of 3 in the queue/)).toContain('Tested on top of #1, which is ahead');
}, 240_000);

it('21: a green head that is held keeps its place while those behind land, and lands when it is let go', async () => {
  world = await startGateWorld({ judge: untilTold });
  const ash = await world.change('Ash', { 'a.txt': 'a\n' });
  const birch = await world.change('Birch', { 'b.txt': 'b\n' });
  await world.ask(ash, birch);
  await world.tests('unit@Ash', 'unit@Ash+Birch');
  await world.say(ash, '/hold until the talk is over');
  await world.tests('unit@Ash', 'unit@Birch');
  await world.end('unit@Ash', 'success');
  expect(await world.told(ash, /It waits: it is held/)).toMatch(/First in the queue[\s\S]*`\/unhold` lets it/);
  await world.end('unit@Birch', 'success');
  await world.ended(birch, 'success');
  expect(world.landed()).toEqual(['Birch (#2)']);
  await world.say(ash, '/unhold');
  await world.end('unit@Birch+Ash', 'success');
  await world.ended(ash, 'success');
  expect(world.landed()).toEqual(['Birch (#2)', 'Ash (#1)']);
}, 240_000);
