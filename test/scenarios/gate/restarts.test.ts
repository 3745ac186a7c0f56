import { afterEach, expect, it } from 'vitest';
import { type GateWorld, startGateWorld, untilTold } from '../../harness/gate-world.ts';

let world: GateWorld;

const squash = [
  'apiVersion: sluice/v1',
  'jobs:',
  '  unit: { on: [gate], image: localhost/busybox:1, run: make test }',
  'gate: { requires: { approvals: 1 }, method: squash }',
  '',
].join('\n');
const squashing = { '.sluice.yaml': squash, 'README.md': 'hello\n' };

afterEach(async () => world.stop());

async function askThree() {
  const ash = await world.change('Ash', { 'a.txt': 'a\n' });
  const birch = await world.change('Birch', { 'b.txt': 'b\n' });
  const cedar = await world.change('Cedar', { 'c.txt': 'c\n' });
  await world.ask(ash, birch, cedar);
  await world.tests('unit@Ash', 'unit@Ash+Birch', 'unit@Ash+Birch+Cedar');
  return { ash, birch, cedar };
}

type Backup = readonly { readonly key: Buffer; readonly value: Buffer; readonly ms: number }[];

async function backUp(): Promise<Backup> {
  const redis = world.redis.open();
  const keys = await redis.keysBuffer('*');
  const read = keys.map(async (key) => ({ key, value: await redis.dumpBuffer(key), ms: await redis.pttl(key) }));
  return (await Promise.all(read)).flatMap(({ key, value, ms }) => (value ? [{ key, value, ms }] : []));
}

async function restore(backup: Backup): Promise<void> {
  const redis = world.redis.open();
  await redis.flushall();
  for (const { key, value, ms } of backup) await redis.restore(key, Math.max(0, ms), value);
}

it('22: when every process is started anew, places, results and builds survive, and each lands once', async () => {
  world = await startGateWorld({ judge: untilTold });
  const { ash, birch, cedar } = await askThree();
  await world.end('unit@Ash+Birch', 'success');
  await world.told(birch, /`unit` \| passed/);
  await world.sluice.close();
  world.sluice = await world.startAnother();
  await world.end('unit@Ash', 'success');
  await world.ended(ash, 'success');
  await world.ended(birch, 'success');
  await world.sluice.close();
  await world.end('unit@Ash+Birch+Cedar', 'success');
  world.sluice = await world.startAnother();
  await world.ended(cedar, 'success');
  expect(world.built()).toHaveLength(3);
  expect(world.landed()).toEqual(['Ash (#1)', 'Birch (#2)', 'Cedar (#3)']);
}, 240_000);

it('22: with one process after another ended while it lands, nothing lands twice and nothing is forgotten', async () => {
  world = await startGateWorld({ judge: untilTold });
  const { ash, birch, cedar } = await askThree();
  world.judgeBy(() => 'success');
  for (let landed = 0; landed < 3; landed += 1) {
    await world.until('one more has landed', () => world.landed().length > landed);
    await world.sluice.close();
    world.sluice = await world.startAnother();
  }
  for (const change of [ash, birch, cedar]) await world.ended(change, 'success');
  expect(world.landed()).toEqual(['Ash (#1)', 'Birch (#2)', 'Cedar (#3)']);
  expect(world.built()).toHaveLength(3);
}, 240_000);

it('23: after an emptied Redis the queue is there again, in the order of the requests, and lands each once', async () => {
  world = await startGateWorld({ judge: untilTold });
  const { ash, birch, cedar } = await askThree();
  await world.end('unit@Ash', 'success');
  await world.ended(ash, 'success');
  await world.sluice.close();
  await world.redis.open().flushall();
  world.judgeBy(() => 'success');
  world.sluice = await world.startAnother();
  await world.ended(cedar, 'success');
  await world.ended(birch, 'success');
  expect(world.landed()).toEqual(['Ash (#1)', 'Birch (#2)', 'Cedar (#3)']);
}, 240_000);

it('23: a Redis restored from an old backup takes up what has landed since, and lands the rest once', async () => {
  world = await startGateWorld({ judge: untilTold });
  const { ash, birch, cedar } = await askThree();
  await world.sluice.close();
  const backup = await backUp();
  world.sluice = await world.startAnother();
  await world.end('unit@Ash', 'success');
  await world.ended(ash, 'success');
  await world.sluice.close();
  await restore(backup);
  world.judgeBy(() => 'success');
  world.sluice = await world.startAnother();
  await world.ended(birch, 'success');
  await world.ended(cedar, 'success');
  expect(await world.ended(ash, 'success')).toMatch(/^Landed as/);
  expect(world.landed()).toEqual(['Ash (#1)', 'Birch (#2)', 'Cedar (#3)']);
}, 240_000);

it('30: squashed, landed and told, and then all is lost before its pull request is closed: it is closed all the same', async () => {
  world = await startGateWorld({ judge: () => 'success', files: squashing });
  const { repo } = world;
  const ash = await world.change('Ash', { 'a.txt': 'a\n' });
  world.github.faults.add({
    path: /\/pulls\/1$/,
    method: 'PATCH',
    count: 1_000,
    does: { kind: 'reset', when: 'before' },
  });
  await world.ask(ash);
  await world.ended(ash, 'success');
  await world.sluice.close();
  await world.redis.open().flushall();
  world.github.faults.clear();
  expect((await world.github.pullRequest(repo, ash.number)).state).toBe('open');
  world.sluice = await world.startAnother();
  await world.until('it is closed', async () => (await world.github.pullRequest(repo, ash.number)).state === 'closed');
  expect(world.landed()).toEqual(['Ash (#1)']);
}, 240_000);

it('30: squashed, landed, and then all is lost: nothing lands twice, and the pull request is closed', async () => {
  world = await startGateWorld({ judge: untilTold, files: squashing });
  const { repo } = world;
  const ash = await world.change('Ash', { 'a.txt': 'a\n' });
  await world.ask(ash);
  await world.tests('unit@Ash');
  // Nothing that is told after the landing arrives: as if the process had died right after its push.
  world.github.faults.add({
    path: /check-runs|\/pulls\/1$/,
    method: 'PATCH',
    count: 1_000,
    does: { kind: 'reset', when: 'before' },
  });
  world.judgeBy(() => 'success');
  await world.until('Ash is on main', () => world.landed().length > 0);
  await world.sluice.close();
  await world.redis.open().flushall();
  world.github.faults.clear();
  world.sluice = await world.startAnother();
  expect(await world.ended(ash, 'success')).toMatch(/^Landed as/);
  await world.until('it is closed', async () => (await world.github.pullRequest(repo, ash.number)).state === 'closed');
  expect(world.landed()).toEqual(['Ash (#1)']);
  expect(world.built()).toEqual(['unit@Ash']);
}, 240_000);

it('after a loss nothing lands before what was said meanwhile was read again, which people are told', async () => {
  world = await startGateWorld({ judge: untilTold });
  const ash = await world.change('Ash', { 'a.txt': 'a\n' });
  await world.ask(ash);
  await world.tests('unit@Ash');
  const redis = world.redis.open();
  const note = await world.until('all was read once', async () => (await redis.keys('*note:resynced-life'))[0]);
  const life = (await redis.get(note)) ?? '';
  // As where the server was started anew, and nothing was read since.
  await redis.del(...(await redis.keys('*note:resynced-projects')), note);
  await world.end('unit@Ash', 'success');
  await world.told(ash, /It does not land yet: what the server knew was lost/);
  expect(world.landed()).toEqual([]);
  await redis.set(note, life);
  await world.ended(ash, 'success');
  expect(world.landed()).toHaveLength(1);
});
