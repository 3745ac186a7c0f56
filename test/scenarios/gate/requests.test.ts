import { afterEach, expect, it } from 'vitest';
import { type GateWorld, type StoryChange, startGateWorld, untilTold } from '../../harness/gate-world.ts';

let world: GateWorld;

afterEach(async () => world.stop());

function answerOn(change: StoryChange, words: string): Promise<string> {
  return world.until(`#${change.number} is answered`, async () => {
    const comments = await world.github.comments(world.repo, change.number);
    return comments.find(({ body }) => body.includes(words))?.body;
  });
}

it('26: a head pushed before the request for the earlier one is handled never enters', async () => {
  world = await startGateWorld();
  const ash = await world.change('Ash', { 'a.txt': 'a\n' });
  await world.github.webhooks.settled();
  world.github.webhooks.hold();
  await world.say(ash, `/gate ${ash.head}`);
  await world.say(ash, '/gate');
  const head = await world.github.push({ repo: world.repo, by: 'ada', branch: 'ash', files: { 'a.txt': 'evil\n' } });
  world.github.webhooks.release();
  const answer = await answerOn(ash, 'is not the present head');
  expect(answer).toContain(`\`${ash.head}\` is not the present head`);
  expect(answer).toContain(`/gate ${head}`);
  await answerOn(ash, 'the head came after that was said');
  expect(world.landed()).toEqual([]);
  expect(world.built()).toEqual([]);
}, 240_000);

it('31: the same head asked for again after a rejection is built anew, though nothing has moved', async () => {
  world = await startGateWorld({ judge: untilTold });
  const ash = await world.change('Ash', { 'a.txt': 'a\n' });
  await world.ask(ash);
  await world.end('unit@Ash', 'failure');
  await world.ended(ash, 'failure');
  await world.say(ash, `/gate ${ash.head}`);
  await world.told(ash, /First in the queue/);
  await world.end('unit@Ash', 'success');
  await world.told(ash, /Landed as/);
  expect(world.built()).toEqual(['unit@Ash', 'unit@', 'unit@Ash']);
}, 240_000);

it('31: a head that comes back after another one takes up no build that was stopped', async () => {
  world = await startGateWorld({ judge: untilTold });
  const { repo } = world;
  const ash = await world.change('Ash', { 'a.txt': 'a\n' });
  await world.ask(ash);
  await world.tests('unit@Ash');
  await world.github.push({ repo, by: 'ada', branch: 'ash', files: { 'a.txt': 'b\n' } });
  await world.ended(ash, 'cancelled');
  await world.tests();
  await world.github.setBranch({ repo, by: 'ada', branch: 'ash', sha: ash.head });
  await world.say(ash, `/gate ${ash.head}`);
  await world.told(ash, /First in the queue/);
  await world.end('unit@Ash', 'success');
  await world.told(ash, /Landed as/);
  expect(world.built()).toEqual(['unit@Ash', 'unit@Ash']);
}, 240_000);

it('33: what a stranger writes on queued changes moves none of them and rebuilds nothing', async () => {
  world = await startGateWorld({ judge: untilTold });
  const ash = await world.change('Ash', { 'a.txt': 'a\n' });
  const birch = await world.change('Birch', { 'b.txt': 'b\n' });
  await world.ask(ash, birch);
  await world.tests('unit@Ash', 'unit@Ash+Birch');
  for (const change of [ash, birch, ash, birch, ash]) await world.say(change, '/test unit', 'mallory');
  await world.github.webhooks.settled();
  await world.until('mallory is answered', async () =>
    (await world.github.comments(world.repo, ash.number)).some(
      ({ author }) => author !== 'mallory' && author !== 'boss',
    ),
  );
  world.judgeBy(() => 'success');
  await world.ended(ash, 'success');
  await world.ended(birch, 'success');
  expect(world.built()).toEqual(['unit@Ash', 'unit@Ash+Birch']);
}, 240_000);
