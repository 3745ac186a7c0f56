import { afterEach, expect, it } from 'vitest';
import { type ImageWorld, type ImageWorldOptions, startImageWorld } from '../../harness/image-world.ts';
import { makeImage, seedImage } from '../../harness/oci-image.ts';
import { deleteTags } from './delete-tags.ts';
import { promotionSays } from './land-image.ts';

let world: ImageWorld;
let ahead = 0;

afterEach(async () => world.stop());

const hour = 3_600_000;

/** A world whose registry deletes tags, whose clock a story moves on, and whose gate rejects what is bad. */
async function start(options: ImageWorldOptions = {}): Promise<void> {
  ahead = 0;
  world = await startImageWorld({
    now: () => Date.now() + ahead,
    lines: 'jobs: { e2e: { on: [gate], image: localhost/busybox:1, run: make e2e } }',
    judge: (files) => (files.has('slow.txt') ? null : files.has('bad.txt') ? 'failure' : 'success'),
    ...options,
  });
  deleteTags(world.staging, world.stagingStorage);
}

const place = (): string => `waiting/${world.final.host.replace(':', '-')}/acme/api`;
/** Tags that others have where images of changes wait: of no change, of a candidate that nobody knows, and of no candidate. */
const strangers = ['latest', 'change_log', 'change_7_0123456789ab_latest', 'change_8_README_latest'];

async function seedStrangers(more: readonly string[] = []): Promise<void> {
  for (const tag of [...strangers, ...more]) await seedImage(world.staging.base, place(), makeImage([20]), tag);
}

async function tagsThere(): Promise<readonly string[]> {
  const answer = await fetch(`${world.staging.base}/v2/${place()}/tags/list`);
  const { tags } = (await answer.json()) as { tags: readonly string[] | null };
  return [...(tags ?? [])].sort();
}

const changesThere = async () =>
  (await tagsThere()).flatMap((tag) => /^change_(\d+)_[0-9a-f]{12}_/.exec(tag)?.[1] ?? []).map(Number);
const gone = (...numbers: readonly number[]) =>
  world.until(`the uploads of ${numbers} are gone`, async () => {
    const left = await changesThere();
    return numbers.every((number) => !left.includes(number));
  });

async function tagOf(number: number): Promise<string> {
  const found = (await tagsThere()).find((tag) => tag.startsWith(`change_${number}_`));
  if (found === undefined) throw new Error(`no change tag of ${number}`);
  return found;
}

async function reject(name: string): Promise<number> {
  const bad = await world.change(name, { 'bad.txt': `${name}\n` });
  await world.ask(bad);
  await world.ended(bad, 'failure');
  return bad.number;
}

it('what was rejected or closed keeps its change tag for a day, what landed until it is promoted, however the pull request looks', async () => {
  await start();
  world.final.spoil({ on: /^PUT .*manifests\/latest$/, fault: { kind: 'answer', status: 503 } });
  const ash = await world.change('Ash', { 'README.md': 'hello, Ash\n' });
  await world.ask(ash);
  await world.ended(ash, 'success');
  const commit = world.git('rev-parse', 'main');
  await promotionSays(world, commit, /1 of 1 images wait/);
  const rejected = await reject('Bad');
  const closed = await world.change('Closed', { 'slow.txt': 'slow\n' });
  await world.ask(closed);
  await world.tests('e2e@Ash+Closed');
  await world.github.closePullRequest(world.repo, closed.number, 'ada');
  await world.until('it has left', async () => (await world.gateCheck(closed))?.status === 'completed');
  await seedStrangers();
  const uploads = [ash.number, rejected, closed.number];
  expect(await changesThere()).toEqual([...uploads, 7].sort());

  const tries = () => world.final.count(/^PUT .*manifests\/latest$/);
  /** Each try is part of a pass over the list. */
  const later = async (ms: number) => {
    const before = tries();
    ahead += ms;
    await world.until('a pass was made', () => tries() > before);
  };
  await later(hour);
  await later(22 * hour);
  expect(world.staging.count(/^DELETE/)).toBe(0);
  // The queue may have named one of them for a while longer.
  ahead += 4 * hour;
  await gone(rejected, closed.number);
  expect(await changesThere()).toEqual([ash.number, 7]);
  world.final.calm();
  await world.say(ash, '/promote');
  await promotionSays(world, commit, /^completed success/);
  await gone(ash.number);
  expect(await tagsThere()).toEqual([...strangers].sort());
}, 300_000);

it('lost with everything else, the list is made anew from the tags that are there: ours, by change and candidate, and no others', async () => {
  await start();
  const ash = await world.change('Ash', { 'README.md': 'hello, Ash\n' });
  await world.ask(ash);
  await world.ended(ash, 'success');
  const commit = world.git('rev-parse', 'main');
  await promotionSays(world, commit, /^completed success/);
  await gone(ash.number);
  const rejected = await reject('Bad');
  const own = await tagOf(rejected);
  // Of a commit of ours, but of no change that it is the candidate of; and as somebody else's candidate would be called.
  const others = [own.replace(`_${rejected}_`, '_99_'), `change_99_${commit.slice(0, 12)}_latest`];
  await seedStrangers(others);

  await world.sluice.close();
  await world.redis.open().flushall();
  world.staging.clear();
  deleteTags(world.staging, world.stagingStorage);
  world.sluice = await world.startAnother();
  const listings = () => world.staging.count(/^GET .*\/acme\/api\/tags\/list/);
  await world.until('the tags are listed', () => listings() > 0);
  ahead += 23 * hour;
  await world.until('they are listed once more', () => listings() > 1);
  expect(world.staging.count(/^DELETE/)).toBe(0);
  ahead += 2 * hour;
  await gone(rejected);
  ahead += 48 * hour;
  await world.until('they are listed again', () => listings() > 2);
  expect(await tagsThere()).toEqual([...strangers, ...others].sort());
  expect([await world.published('api'), await world.published('api', commit)]).toEqual(
    Array(2).fill(world.uploaded.get(`api@${commit}`)?.digest),
  );
}, 300_000);
