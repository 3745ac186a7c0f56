import { afterEach, expect, it } from 'vitest';
import { type GateWorld, startGateWorld, untilTold } from '../../harness/gate-world.ts';

let world: GateWorld;

afterEach(async () => world.stop());

async function pageThat(shows: RegExp): Promise<string> {
  return world.until(`the page shows ${shows}`, async () => {
    const page = await (await fetch(world.sluice.url ?? '')).text();
    return shows.test(page) && page;
  });
}

it('the status page and /why show who is tested on whom, with logs and when it may land; the page only that there is a queue once its repository is private', async () => {
  world = await startGateWorld({ judge: untilTold });
  const ash = await world.change('Ash', { 'a.txt': 'a\n' });
  const birch = await world.change('Birch', { 'b.txt': 'b\n' });
  await world.ask(ash, birch);
  await world.tests('unit@Ash', 'unit@Ash+Birch');
  const page = await pageThat(/main, then #1 being tested, #2 being tested, each on the one before/);
  expect(page).toMatch(new RegExp(`<a href="[^"]*/acme/api/pull/${birch.number}">#2</a> Birch<`));
  const log = /href="(\/logs\/[^"]*)"/.exec(page)?.[1]?.replaceAll('&#38;', '&') ?? 'no log';
  expect((await fetch(new URL(log, world.sluice.url ?? ''))).status).toBe(200);
  expect(page).toContain('Expected to land: not known yet: nothing has landed from this queue so far.');
  await world.end('unit@Ash', 'success');
  await world.ended(ash, 'success');
  await world.told(birch, /Expected to land: (?:about \d\d:\d\d UTC|not known now: .* longer than the last landing)/);
  await pageThat(/Expected to land: (?!not known yet)/);
  await world.say(birch, '/why', 'mallory');
  const answer = await world.until('/why is answered', async () => {
    const comments = await world.github.comments(world.repo, birch.number);
    return comments.find(({ body }) => body.includes('`sluice/gate/main`: **First in the queue'))?.body;
  });
  expect(answer).toMatch(/Asked for by boss\.[\s\S]*Tested on top of [\s\S]*\| running \|/);
  await world.github.setPrivate(world.repo, true);
  await world.say(birch, '/why unit');
  expect(await pageThat(/1 queue of private repositories not shown/)).not.toMatch(/acme|Ash|Birch/);
}, 240_000);
