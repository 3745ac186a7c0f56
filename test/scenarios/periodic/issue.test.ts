import { afterEach, expect, it } from 'vitest';
import type { JudgeBuild } from '../../harness/gate-world.ts';
import { known, type NightWorld, startNightWorld } from './night-world.ts';

let world: NightWorld;

afterEach(async () => world.stop());

const lines =
  'jobs: { night: { image: localhost/busybox:1, run: make night, on: { cron: "H 2 * * *", timeZone: Europe/Berlin } } }';

/** Fails while the branch holds the fault, or has no end. */
const judge: JudgeBuild = (files) => {
  if (files.get('README.md') === 'endless') return null;
  return files.get('README.md') === 'fault' ? 'failure' : 'success';
};

async function begin(): Promise<string> {
  world = await startNightWorld({ lines, judge });
  await known(world);
  const green = world.tip();
  world.pass(1);
  await world.concludedAt(green, 'night');
  return green;
}

/** A night with what the branch has now. */
async function night(times = 1): Promise<void> {
  world.pass(1);
  await world.concludedAt(world.tip(), 'night', times);
}

/** A person of the repository does this to an issue. */
async function asPerson(method: 'POST' | 'PATCH', path: string, body: object): Promise<void> {
  const { token } = await world.github.createUser(`person-${Math.random().toString(36).slice(2, 8)}`);
  const answer = await fetch(`${world.github.apiUrl}/repos/${world.repo}/issues${path}`, {
    method,
    headers: { authorization: `token ${token}` },
    body: JSON.stringify(body),
  });
  expect(answer.ok, await answer.text()).toBe(true);
}

const broken = { 'README.md': 'fault' };
const mended = { 'README.md': 'mended' };

it('the first failure opens an issue, further ones edit it, and the next success closes it with the commits between', async () => {
  const green = await begin();
  expect(await world.issues()).toEqual([]);
  const first = await world.push(broken);
  await night();
  const opened = await world.issue(({ state }) => state === 'open');
  expect(opened.title).toBe('The nightly of main fails: night');
  expect(opened.body).toMatch(/`H 2 \* \* \* \(Europe\/Berlin\)` of `main` failed once, since 2027-01-1\d /);
  expect(opened.body).toContain('| `night` | failed |');
  expect(opened.body).toContain(`/compare/${green}...${first})`);
  const second = await world.push({ 'more.txt': 'more\n' });
  await night();
  const edited = await world.issue(({ body }) => body.includes('failed 2 times in a row'));
  expect(edited).toMatchObject({ number: opened.number, state: 'open' });
  expect(edited.body).toContain(`/compare/${green}...${second})`);
  expect(edited.body).toContain(`/compare/${green}...${first})`);
  const third = await world.push(mended);
  await night();
  const closed = await world.issue(({ state }) => state === 'closed');
  expect(closed.body).toContain(`is green again at \`${third.slice(0, 12)}\``);
  expect(closed.body).toContain('It had failed 2 times in a row');
  expect(closed.body).toContain(`/compare/${green}...${third})`);
  expect(await world.github.comments(world.repo, closed.number)).toEqual([]);
  expect(world.github.violations).toEqual([]);
  const writes = world.github.requests.filter(({ method, path }) => method !== 'GET' && /\/issues/.test(path));
  expect(writes.map(({ method }) => method)).toEqual(['POST', 'PATCH', 'PATCH']);
}, 240_000);

it('what a person closed stays closed until the next failure after a success, and is the same issue then', async () => {
  await begin();
  await world.push(broken);
  await night();
  const { number } = await world.issue(({ state }) => state === 'open');
  await asPerson('PATCH', `/${number}`, { state: 'closed' });
  await night(2);
  await world.until('that is heeded', async () => /was closed by a person, and stays so/.test(await world.history()));
  expect(await world.issue(() => true)).toMatchObject({ number, state: 'closed' });
  await night(3);
  expect(await world.issue(() => true)).toMatchObject({ number, state: 'closed' });
  await world.push(mended);
  await night();
  await world.push(broken);
  await night();
  const again = await world.issue(({ state }) => state === 'open');
  expect(again.number).toBe(number);
  expect(again.body).toContain('failed once');
}, 240_000);

it('after everything was lost the issue is found again, counts on, and is closed with the commits since it was green', async () => {
  const green = await begin();
  await world.push(broken);
  await night();
  await world.issue(({ state }) => state === 'open');
  for (let more = 0; more < 12; more += 1) await world.push({ 'more.txt': `${more}\n` });
  await night();
  const before = await world.issue(({ body }) => body.includes('failed 2 times in a row'));
  await world.sluice.close();
  await world.redis.open().flushall();
  world.sluice = await world.startAnother();
  await known(world);
  expect(await world.issue(() => true)).toEqual(before);
  await night(2);
  await world.issue(({ body }) => body.includes('failed 3 times in a row'));
  const mend = await world.push(mended);
  await night();
  const closed = await world.issue(({ state }) => state === 'closed');
  expect(closed.number).toBe(before.number);
  expect(closed.body).toContain(`/compare/${green}...${mend})`);
}, 300_000);

it('an issue of somebody else with our mark in it is nobody’s nightly', async () => {
  await begin();
  await world.push(broken);
  const { document } = await world.sluice.ports.documents.load(world.subject as never);
  const [{ key } = { key: '' }] = (document as { nightlies: { key: string }[] }).nightlies;
  await asPerson('POST', '', { title: 'Mine', body: `<!-- sluice-nightly ${key} {"red":null} -->` });
  await night();
  await world.until('ours is opened', async () => (await world.issues()).length === 2);
  const [theirs, ours] = await world.issues();
  expect(theirs).toMatchObject({ title: 'Mine', state: 'open' });
  expect(ours).toMatchObject({ state: 'open', author: expect.stringMatching(/\[bot\]$/) });
}, 240_000);

it('an answer that was lost opens no second issue', async () => {
  await begin();
  await world.push(broken);
  world.github.faults.add({ method: 'POST', path: /\/issues$/, does: { kind: 'reset', when: 'after' } });
  await night();
  await world.issue(({ state }) => state === 'open');
  await night(2);
  await world.issue(({ body }) => body.includes('failed 2 times in a row'));
}, 240_000);

it('a nightly that is taken out of the file while all is lost has its issue closed and its check run ended, with the reason', async () => {
  await begin();
  await world.push(broken);
  await night();
  const opened = await world.issue(({ state }) => state === 'open');
  await asPerson('POST', '', { title: 'Mine', body: opened.body });
  const begun = await world.push({ 'README.md': 'endless' });
  world.pass(1);
  await world.until('it runs', async () => (await world.checks(begun, 'night'))[0]?.status === 'in_progress');
  await world.sluice.close();
  await world.redis.open().flushall();
  const file = world.git('show', 'main:.sluice.yaml');
  await world.push({ '.sluice.yaml': file.replace(lines, '') });
  world.sluice = await world.startAnother();
  const closed = await world.until('it is closed', async () => {
    const found = (await world.issues()).find(({ number }) => number === opened.number);
    return found?.state === 'closed' && found;
  });
  expect(closed.body).toContain('It is not in the file of `main` any more: nothing runs, and this issue is closed.');
  expect(closed.body).toContain('failed once');
  expect((await world.issues()).find(({ title }) => title === 'Mine')?.state).toBe('open');
  expect(await world.concludedAt(begun, 'night')).toMatchObject({
    conclusion: 'cancelled',
    summary: expect.stringContaining('it is not in the file of `main` any more'),
  });
}, 240_000);
