import { userInfo } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { auditHere } from '../../src/audit-queues.ts';
import { drawQueue } from '../../src/cli/draw-queue.ts';
import type { QueueWord } from '../../src/cli/queue-view.ts';
import { tellQueue } from '../../src/command-queue.ts';
import { explainChange } from '../../src/explain-change.ts';
import { listBuilds } from '../../src/list-builds.ts';
import { listQueues } from '../../src/list-queues.ts';
import { type GateWorld, type StoryChange, startGateWorld } from '../harness/gate-world.ts';
import { machineWith } from '../main/local-repository.ts';
import { sluice } from './cli-fixture.ts';

const me = userInfo().username;
let world: GateWorld;
let isGreen = false;
let ash: StoryChange;
let birch: StoryChange;
let tokens = 0;

const machine = () => machineWith({ REDIS_URL: world.redis.address });
const tell = (word: QueueWord) => {
  tokens += 1;
  return tellQueue(word, machine(), { newToken: () => `token-${tokens}` });
};
const enqueue = ({ number }: StoryChange) => tell({ command: 'enqueue', number, repository: null });
const queue = async () => (await listQueues(machine()))[0];
const audit = (since: number | null = null) =>
  auditHere({ repository: null, branch: null, since }, machine(), world.options.data);

beforeAll(async () => {
  world = await startGateWorld({ judge: () => (isGreen ? 'success' : null) });
  ash = await world.change('Ash', { 'a.txt': 'a\n' });
  birch = await world.change('Birch', { 'b.txt': 'b\n' }, { approved: false });
  for (const { number } of [ash, birch])
    await world.until(`the server knows #${number}`, () =>
      explainChange(number, null, machine()).then(
        ({ pull }) => pull !== null,
        () => false,
      ),
    );
}, 60_000);
afterAll(() => world.stop());

it('an enqueued change enters without "/gate"; one that lacks an approval waits, and says for what', async () => {
  expect(await listQueues(machine())).toEqual([]);
  expect(await enqueue(ash)).toMatchObject({
    command: 'enqueue',
    repository: 'acme/api',
    branch: 'main',
    change: { number: ash.number, title: 'Ash', head: ash.head },
    by: me,
    note: null,
  });
  await enqueue(birch);
  const missing = await world.until('Birch is told what it lacks', async () => {
    const found = await queue();
    return found?.items[0]?.jobs[0]?.state === 'running' && (found.asked[0]?.missing.join('\n') || false);
  });
  expect(missing).toMatch(/approv/i);
  expect(await queue()).toMatchObject({
    repository: 'acme/api',
    branch: 'main',
    window: 20,
    items: [{ place: 1, number: ash.number, title: 'Ash', head: ash.head, testedWith: [], askedBy: me }],
    asked: [{ place: null, number: birch.number }],
  });
}, 60_000);

it('the builds of a queue are listed with those of pull requests', async () => {
  const lines = (await listBuilds(false, machine())).filter(({ change }) => change === `acme/api#${ash.number}`);
  expect(lines.map(({ job, state }) => `${job} ${state.kind}`)).toContain('unit running');
});

it('asking again says where the change stands already', async () => {
  expect((await enqueue(ash)).note).toContain('in the queue already, at place 1');
});

it('a frozen queue tests and lands nothing, and says who froze it and why', async () => {
  await tell({ command: 'freeze', branch: null, repository: null, reason: 'release day' });
  const frozen = await world.until('it is frozen', async () => (await queue())?.frozen ?? false);
  expect(frozen).toMatchObject({ by: me, because: 'release day' });
  isGreen = true;
  const item = await world.until('Ash is green', async () => {
    const first = (await queue())?.items[0];
    return first?.stands === 'passed, lands next' && first;
  });
  expect(item.jobs).toMatchObject([{ job: 'unit', state: 'passed', required: true }]);
  expect(world.landed()).toEqual([]);
  const shown = await queue();
  if (!shown) throw new Error('there is no queue');
  const picture = drawQueue(shown, frozen.at + 5_000);
  expect(picture).toContain(`frozen 5 s ago by ${me}: release day\n`);
  expect(picture).toMatch(/^└─ 1 +#1 +Ash +[0-9a-f]{12} +main +unit passed +passed, lands next$/m);
  expect((await tell({ command: 'freeze', branch: 'main', repository: null, reason: 'again' })).note).toContain(
    'stays so, for that reason: release day',
  );
}, 60_000);

it('why tells how a change stands and how it came there, newest last', async () => {
  const first = await explainChange(ash.number, null, machine());
  expect(first.pull).toMatchObject({ title: 'Ash', state: 'open', head: ash.head, branch: 'main' });
  expect(first.queue).toMatchObject({
    branch: 'main',
    frozen: 'release day',
    says: expect.stringMatching(/^Place 1 of 1/),
  });
  const reasons = first.history.flatMap((line) => line.reasons);
  expect(reasons.indexOf(`#1: ${me} asked for ${ash.head.slice(0, 12)}`)).toBeGreaterThan(0);
  expect(reasons.indexOf('#1: entered the queue')).toBeGreaterThan(reasons.findIndex((each) => each.includes('asked')));
  expect(first.history.map(({ at }) => at)).toEqual(first.history.map(({ at }) => at).toSorted((a, b) => a - b));
  const second = await explainChange(birch.number, null, machine());
  expect(second.queue.says).toContain(`${me} asked for its landing`);
  expect(second.queue.change?.missing.join()).toMatch(/approv/i);
  expect(second.history.flatMap((line) => line.reasons).join()).not.toContain('#1');
});

it('thawed it lands, and what is taken out is gone', async () => {
  await tell({ command: 'thaw', branch: 'main', repository: 'ACME/api', reason: '' });
  await world.ended(ash, 'success');
  expect(world.landed()).toEqual(['Ash (#1)']);
  await tell({ command: 'dequeue', number: birch.number, repository: null });
  await world.until('Birch is out', async () => (await queue())?.asked.length === 0);
  expect((await explainChange(ash.number, null, machine())).queue.says).toBe(
    `It landed as ${world.git('rev-parse', 'main')}.`,
  );
}, 60_000);

it('the audit names who asked, froze, thawed, landed and took out, oldest first', async () => {
  const { lines, unread } = await audit();
  expect(unread).toEqual([]);
  const told = lines.map(({ what, who, number, from }) => `${from}: ${who} ${what} ${number}`);
  expect(told.toSorted()).toEqual(
    [
      `history: ${me} asked 1`,
      `history: ${me} asked 2`,
      `history: ${me} dequeued 2`,
      'ledger: null owned null',
      `ledger: ${me} frozen null`,
      `ledger: ${me} landed 1`,
      `ledger: ${me} thawed null`,
    ].toSorted(),
  );
  expect(lines.map(({ at }) => at)).toEqual(lines.map(({ at }) => at).toSorted((a, b) => a - b));
  expect(lines.find(({ what }) => what === 'landed')).toMatchObject({
    commit: world.git('rev-parse', 'main'),
    detail: 'merge; unit success',
  });
  const newest = lines.at(-1)?.at ?? 0;
  expect((await audit(newest)).lines).toEqual(lines.filter(({ at }) => at === newest));
});

it('an audit without the key of the ledger says that what landed is missing, and ends with 1', async () => {
  const withoutKey = () =>
    auditHere({ repository: null, branch: null, since: null }, machine(), join(world.options.data, 'elsewhere'));
  const { code, out, err } = await sluice(['audit'], { audit: withoutKey });
  expect(code).toBe(1);
  expect(out).not.toContain('landed');
  expect(err).toMatch(/^The ledger of acme\/api main was not read, .*no key is kept in .*elsewhere;/);
});

it.each`
  words                                                    | says
  ${['queue', 'show', 'mian']}                             | ${'there is no queue of mian, did you mean main? There is: acme/api main'}
  ${['queue', 'show', '--repository', 'acme/web']}         | ${'there is no queue of acme/web. There is: acme/api main'}
  ${['queue', 'freeze', '--branch', 'release']}            | ${'there is no queue of release. There is: acme/api main'}
  ${['audit', '--branch', 'mian']}                         | ${'there is no queue of mian, did you mean main?'}
  ${['why', '99']}                                         | ${'#99 is not known to this server: it was told of pull requests of acme/api'}
  ${['queue', 'enqueue', '99']}                            | ${'#99 is not known to this server'}
  ${['queue', 'enqueue', '1', '--repository', 'acme/web']} | ${'#1 in acme/web is not known to this server'}
  ${['queue', 'dequeue', '99']}                            | ${'#99 is not known to this server'}
  ${['queue', 'dequeue', '2']}                             | ${'#2 of acme/api is in no queue, and nobody asked for its landing'}
`('$words ends with 2 and says what is there', async ({ words, says }) => {
  const { code, out, err } = await sluice(words, {
    queues: () => listQueues(machine()),
    tellQueue: tell,
    why: (number, repository) => explainChange(number, repository, machine()),
    audit: (wish) => auditHere(wish, machine()),
  });
  expect({ code, out }).toEqual({ code: 2, out: '' });
  expect(err).toContain(says);
});

it('what has landed is not asked for again', async () => {
  await world.until(
    'the server knows that Ash is merged',
    async () => (await explainChange(ash.number, null, machine())).pull?.state !== 'open',
  );
  await expect(enqueue(ash)).rejects.toMatchObject({
    kind: 'failed',
    message: expect.stringContaining('nothing to land'),
  });
});
