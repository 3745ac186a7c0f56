import { expect, it } from 'vitest';
import { lookKey, queuedKey } from '../../../src/core/promote/facts.ts';
import { changeTag, readChangeTag } from '../../../src/core/promote/places.ts';
import { sha } from '../../fakes/model-data.ts';
import { anImage, digest, LineWorld } from './promote-fixture.ts';

const day = 24 * 3_600_000;
const staging = 'staging.acme.io/quay.io/acme/api';

function upload(number: number, letter: string) {
  const tag = changeTag(number, sha(letter), 'latest');
  return { repository: staging, tag, digest: digest(letter), number, candidate: letter.repeat(12) };
}

function has(world: LineWorld, tag: string): boolean {
  return world.registry.has(lookKey(staging, tag));
}

it('keeps what the queue still names, however old, and takes it away a day after nothing does', () => {
  const world = new LineWorld();
  const waiting = upload(3, 'd');
  world.registry.set(lookKey(staging, waiting.tag), waiting.digest);
  world.queued = [waiting];
  world.pass();
  world.later(3 * day);
  expect(has(world, waiting.tag)).toBe(true);
  world.queued = [];
  world.later(60_000);
  world.later(day - 60_000);
  expect(has(world, waiting.tag)).toBe(true);
  world.later(60_001);
  expect(has(world, waiting.tag)).toBe(false);
  expect(world.record.uploads).toEqual([]);
});

it('keeps what a stopped job uploaded late, as long as its candidate stands in the queue', () => {
  const world = new LineWorld();
  const late = upload(3, 'd');
  world.registry.set(lookKey(staging, late.tag), late.digest);
  world.queued = [late];
  world.pass();
  world.queued = [];
  world.candidates = new Set([queuedKey(late)]);
  world.later(3 * day);
  expect(has(world, late.tag)).toBe(true);
  world.candidates = new Set();
  world.later(60_000);
  world.later(day);
  expect(has(world, late.tag)).toBe(false);
});

it('looks after what was uploaded though nothing has landed yet', () => {
  const world = new LineWorld();
  const waiting = upload(3, 'd');
  world.registry.set(lookKey(staging, waiting.tag), waiting.digest);
  world.queued = [waiting];
  let { wakeAt } = world.pass();
  world.queued = [];
  for (let passes = 0; wakeAt !== null && passes < 1_000; passes += 1)
    wakeAt = world.later(Math.max(0, wakeAt - world.now)).wakeAt;
  expect(has(world, waiting.tag)).toBe(false);
});

it('goes soon after its landing, though the queue still named it when that was promoted', () => {
  const world = new LineWorld();
  const image = anImage('api', 'a', { staged: { repository: staging, tag: changeTag(1, sha('a'), 'latest') } });
  const number = world.land(1, image);
  world.queued = [{ ...image.staged, digest: image.digest, number, candidate: 'a'.repeat(12) }];
  const { wakeAt } = world.later(1000);
  expect(has(world, image.staged.tag)).toBe(true);
  expect((wakeAt ?? 0) - world.now).toBe(30_000);
  world.queued = [];
  world.later(30_000);
  expect(has(world, image.staged.tag)).toBe(false);
});

it('keeps what a landing needs that is not promoted', () => {
  const world = new LineWorld();
  world.away.set('quay.io', 'away');
  const tag = changeTag(1, sha('a'), 'latest');
  world.land(1, anImage('api', 'a', { staged: { repository: staging, tag } }));
  world.pass();
  world.later(3 * day);
  expect(has(world, tag)).toBe(true);
  world.away.clear();
  world.later(day);
  expect(has(world, tag)).toBe(false);
});

it('keeps the tag of an older candidate while one that built the very same image waits, in the queue or to be promoted', () => {
  const world = new LineWorld();
  const older = { ...upload(3, 'd'), digest: digest('a') };
  world.registry.set(lookKey(staging, older.tag), older.digest);
  world.queued = [older];
  world.pass();
  const newer = { ...upload(3, 'a'), digest: digest('a') };
  world.queued = [newer];
  world.later(3 * day);
  world.later(day);
  expect(has(world, older.tag)).toBe(true);
  world.queued = [];
  world.away.set('quay.io', 'it is away');
  world.land(3, anImage('api', 'a', { staged: { repository: staging, tag: newer.tag } }));
  world.later(60_000);
  world.later(3 * day);
  expect(has(world, older.tag)).toBe(true);
  world.away.clear();
  world.later(3_600_000);
  world.later(day + 60_000);
  expect([has(world, older.tag), has(world, newer.tag)]).toEqual([false, false]);
});

it('takes a tag away only while it names the digest that was uploaded', () => {
  const world = new LineWorld();
  world.queued = [upload(3, 'd')];
  world.pass();
  world.queued = [];
  world.pass();
  world.later(day + 1);
  expect(world.done.filter(({ kind }) => kind === 'untag')).toEqual([
    { kind: 'untag', repository: staging, tag: upload(3, 'd').tag, digest: digest('d') },
  ]);
});

it('makes the list anew from the tags that are there, and takes up only candidates of this project', () => {
  const world = new LineWorld();
  world.land(1, anImage('api', 'a', { staged: { repository: staging, tag: changeTag(1, sha('a'), 'latest') } }));
  world.pass();
  const [own, foreign] = [changeTag(7, sha('7'), 'latest'), changeTag(8, sha('8'), 'latest')];
  for (const tag of [own, foreign, 'latest', 'v1.2.3']) world.registry.set(lookKey(staging, tag), digest('f'));
  world.clone.add('777777777777');
  world.record = { ...world.record, landings: [], uploads: [], sweptAt: 0, listedAt: 0 };
  world.later(day);
  world.later(day + 1);
  expect([own, foreign, 'latest', 'v1.2.3'].map((tag) => has(world, tag))).toEqual([false, true, true, true]);
});

it('finds what waits though nothing has landed and all was forgotten: where images wait, the branch says', () => {
  const tag = changeTag(7, sha('7'), 'latest');
  const left = [[], [staging]].map((waiting) => {
    const world = new LineWorld();
    world.waiting = waiting;
    world.registry.set(lookKey(staging, tag), digest('f'));
    world.clone.add('777777777777');
    world.later(day);
    world.later(day + 1);
    return has(world, tag);
  });
  expect(left).toEqual([true, false]);
});

it.each([
  [12, 'a', 'latest', `change_12_${'a'.repeat(12)}_latest`],
  [12, 'a', 'v1-linux/arm64', `change_12_${'a'.repeat(12)}_v1-linux-arm64`],
])('names a change tag after change, candidate and tag: %s %s %s', (number, letter, tag, wanted) => {
  expect(changeTag(number, sha(letter), tag)).toBe(wanted);
  expect(readChangeTag(wanted)).toEqual({ number, candidate: letter.repeat(12) });
});

it('cuts a long one so that it stays a tag, and two of different text stay different', () => {
  const [one, other] = [changeTag(1, sha('a'), `${'x'.repeat(200)}1`), changeTag(1, sha('a'), `${'x'.repeat(200)}2`)];
  expect([one.length, other.length]).toEqual([128, 128]);
  expect(one).not.toBe(other);
  expect(readChangeTag('latest')).toBeNull();
});

it('takes what was built again of a commit that was pushed twice away from under the same tag as before', () => {
  const world = new LineWorld();
  const staged = { repository: 'quay.io/acme/api', tag: 'change_0_dddddddddddd_latest' };
  const isThere = (): boolean => world.registry.has(lookKey(staged.repository, staged.tag));
  world.push(0, 'd', anImage('api', 'd', { staged }));
  world.pass();
  expect(isThere()).toBe(false);
  world.push(0, 'd', anImage('api', 'e', { staged }));
  world.pass();
  expect([world.tagOf('api'), isThere()]).toEqual([digest('e'), false]);
});

it('what a run after a push kept stays a day, though its commit is promoted: the jobs of other runs there may need it', () => {
  const world = new LineWorld();
  world.push(0, 'd', anImage('api', 'd', { staged: { repository: staging, tag: changeTag(0, sha('d'), 'latest') } }));
  world.pass();
  const [kept, image] = [changeTag(0, sha('d'), 'artifacts-01234567-compile'), changeTag(0, sha('d'), 'other')];
  for (const tag of [kept, image]) world.registry.set(lookKey(staging, tag), digest('f'));
  world.clone.add('d'.repeat(12));
  world.record = { ...world.record, listedAt: 0 };
  world.later(day);
  world.later(60_000);
  expect([has(world, kept), has(world, image)]).toEqual([true, false]);
  world.later(day);
  expect(has(world, kept)).toBe(false);
});
