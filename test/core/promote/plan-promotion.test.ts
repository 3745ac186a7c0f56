import { describe, expect, it } from 'vitest';
import { lookKey } from '../../../src/core/promote/facts.ts';
import { standingLandings } from '../../../src/core/promote/own-tags.ts';
import { people, sha } from '../../fakes/model-data.ts';
import { anImage, digest, LineWorld } from './promote-fixture.ts';

const quarter = 15 * 60_000;

it('points every tag at the digest that the gate recorded, and takes the change tag away afterwards', () => {
  const world = new LineWorld();
  world.land(1, anImage('api', 'a', { tags: ['latest', '{{ sha }}', '{{ branch }}-{{ image }}'] }));
  world.pass();
  const commit = world.tip;
  expect(world.tagOf('api')).toBe(digest('a'));
  expect(world.tagOf('api', commit)).toBe(digest('a'));
  expect(world.tagOf('api', 'main-api')).toBe(digest('a'));
  const kinds = world.done.filter(({ kind }) => kind !== 'report').map(({ kind }) => kind);
  expect(kinds).toEqual(['copy', 'tag', 'tag', 'tag', 'untag']);
  expect(world.registry.has(lookKey('staging.acme.io/quay.io/acme/api', 'change_a_latest'))).toBe(false);
  expect(world.reports().at(-1)).toContain('1 image published, as the gate tested them');
  expect(world.record.uploads).toEqual([]);
});

it('copies nothing where the change tag lies in the final repository', () => {
  const world = new LineWorld();
  const staged = { repository: 'quay.io/acme/api', tag: 'change_1_aaaaaaaaaaaa_latest' };
  world.land(1, anImage('api', 'a', { staged }));
  world.pass();
  expect(world.done.some(({ kind }) => kind === 'copy')).toBe(false);
  expect(world.tagOf('api')).toBe(digest('a'));
  expect(world.registry.get(lookKey('quay.io/acme/api', digest('a')))).toBe(digest('a'));
});

it('moves no tag of a landing before all of its digests are there', () => {
  const world = new LineWorld();
  world.land(1, anImage('api', 'a'), anImage('web', 'b'));
  world.registry.delete(lookKey('staging.acme.io/quay.io/acme/web', digest('b')));
  world.pass();
  expect(world.tagOf('api')).toBeUndefined();
  expect(world.reports().at(-1)).toMatch(
    /1 of 2 images wait.*`web` waits.*is not in staging.acme.io\/quay.io\/acme\/web any more/s,
  );
  world.registry.set(lookKey('staging.acme.io/quay.io/acme/web', digest('b')), digest('b'));
  world.later(quarter);
  expect([world.tagOf('api'), world.tagOf('web')]).toEqual([digest('a'), digest('b')]);
});

it('never points a tag at an older landing, in whatever order they come to it', () => {
  const world = new LineWorld();
  world.land(1, anImage('api', 'a'));
  world.land(2, anImage('api', 'b'));
  world.pass();
  expect(world.tagOf('api')).toBe(digest('b'));
  const tags = world.done.flatMap((effect) => (effect.kind === 'tag' ? [effect.image.digest] : []));
  expect(tags).toEqual([digest('b')]);
  expect(world.reports().some((report) => report.startsWith('A newer image is published already'))).toBe(true);
});

it('leaves the last promoted digest where a change did not build the image', () => {
  const world = new LineWorld();
  world.land(1, anImage('api', 'a'), anImage('web', 'b'));
  world.pass();
  world.land(2, anImage('web', 'c'));
  world.later(1000);
  expect([world.tagOf('api'), world.tagOf('web')]).toEqual([digest('a'), digest('c')]);
});

it('keeps its tags where a change of which nothing is published lands next (versions.md V6)', () => {
  const world = new LineWorld();
  world.land(1, anImage('api', 'a'));
  world.land(2, anImage('api', 'b', { tags: [] }));
  world.pass();
  expect(world.tagOf('api')).toBe(digest('a'));
  world.registry.set(lookKey('quay.io/acme/api', 'latest'), digest('f'));
  world.later(quarter);
  expect(world.tagOf('api')).toBe(digest('a'));
  expect(world.record.claims?.map(({ tag }) => tag)).toEqual(['latest']);
});

it('puts a tag right that somebody moved, within five minutes', () => {
  const world = new LineWorld();
  world.land(1, anImage('api', 'a'));
  const plan = world.pass();
  expect((plan.wakeAt ?? Number.POSITIVE_INFINITY) - world.now).toBeLessThanOrEqual(5 * 60_000);
  expect(world.moved).toEqual([]);
  world.registry.set(lookKey('quay.io/acme/api', 'latest'), digest('f'));
  world.later((plan.wakeAt ?? 0) - world.now);
  expect(world.tagOf('api')).toBe(digest('a'));
  // The operator is told, once (F28).
  expect(world.moved).toEqual([{ repository: 'quay.io/acme/api', tag: 'latest', by: digest('f') }]);
});

it('takes a tag that a later landing has for nobody’s doing', () => {
  const world = new LineWorld();
  world.land(1, anImage('api', 'a', { tags: ['latest', 'v1'] }));
  world.pass();
  world.land(2, anImage('api', 'b', { tags: ['latest', 'v1', 'v2'] }));
  world.later(quarter);
  world.later(quarter);
  expect(world.tagOf('api')).toBe(digest('b'));
  expect(world.moved).toEqual([]);
});

it('puts the tag of a landing right that others landed after, and lets one go that was taken away', () => {
  const world = new LineWorld();
  const own = { tags: ['latest', '{{ sha }}'] };
  world.land(1, anImage('api', 'a', own));
  const tag = world.tip;
  world.land(2, anImage('api', 'b', own));
  world.pass();
  world.registry.set(lookKey('quay.io/acme/api', tag), digest('f'));
  world.later(quarter);
  expect(world.tagOf('api', tag)).toBe(digest('a'));
  world.registry.delete(lookKey('quay.io/acme/api', tag));
  world.later(quarter);
  world.later(quarter);
  expect(world.tagOf('api', tag)).toBeUndefined();
});

it('does not put a commit’s tag there again that was taken away once it was set, nor builds what that named, also when asked', () => {
  const world = new LineWorld();
  const tags = ['latest', '{{ sha }}'];
  const commits = [1, 2].map((number) => {
    world.land(number, anImage('api', `${number}`, { tags }));
    world.later(60_000);
    return world.tip;
  });
  for (const commit of commits) {
    expect(world.tagOf('api', commit)).toBeDefined();
    world.registry.delete(lookKey('quay.io/acme/api', commit));
  }
  world.registry.delete(lookKey('quay.io/acme/api', digest('1')));
  for (let passes = 0; passes < 8; passes += 1) world.later(600_000, true);
  expect(commits.map((commit) => world.tagOf('api', commit))).toEqual([undefined, undefined]);
  expect(world.tagOf('api')).toBe(digest('2'));
  expect(world.record.rebuilds).toEqual([]);
  expect(world.record.landings.every(({ doneAt }) => doneAt !== null)).toBe(true);
});

it('publishes nothing of a frozen branch, and goes on when it is thawed', () => {
  const world = new LineWorld();
  world.land(1, anImage('api', 'a'));
  world.write({ kind: 'frozen', by: people.boss, because: 'release day' });
  world.pass();
  expect(world.tagOf('api')).toBeUndefined();
  expect(world.reports().at(-1)).toContain('frozen and publishes nothing: release day');
  world.write({ kind: 'thawed', by: people.boss });
  world.later(1000);
  expect(world.tagOf('api')).toBe(digest('a'));
});

it('goes back only once a reset of the branch is recorded, and forward again with the branch', () => {
  const world = new LineWorld();
  const first = world.land(1, anImage('api', 'a'));
  const second = world.land(2, anImage('api', 'b'));
  world.pass();
  const [older, newer] = [sha('d'), world.tip];
  Object.assign(world, { standing: first, tip: older });
  world.later(1000);
  expect(world.entries.at(-1)?.detail).toEqual({ kind: 'reset', standing: first, tip: older });
  world.later(quarter);
  expect(world.tagOf('api')).toBe(digest('a'));
  Object.assign(world, { standing: second, tip: newer });
  world.later(quarter);
  expect(world.entries.at(-1)?.detail).toEqual({ kind: 'reset', standing: second, tip: newer });
  world.later(quarter);
  expect(world.tagOf('api')).toBe(digest('b'));
});

it('goes back at once when the reset is recorded, and forward again, though nobody asks and no sweep is due', () => {
  const world = new LineWorld();
  const first = world.land(1, anImage('api', 'a'));
  world.pass();
  const older = world.tip;
  const second = world.land(2, anImage('api', 'b'));
  world.later(1000);
  const newer = world.tip;
  expect(world.tagOf('api')).toBe(digest('b'));
  for (const [standing, tip, wanted] of [
    [first, older, 'a'],
    [second, newer, 'b'],
  ] as const) {
    Object.assign(world, { standing, tip });
    world.later(1000);
    world.later(1000);
    expect(world.tagOf('api')).toBe(digest(wanted));
  }
});

it('a tag that goes back with its branch was moved by nobody', () => {
  const world = new LineWorld();
  const first = world.land(1, anImage('api', 'a'));
  world.pass();
  const older = world.tip;
  world.land(2, anImage('api', 'b'));
  world.later(1000);
  world.later(quarter);
  expect(world.tagOf('api')).toBe(digest('b'));
  Object.assign(world, { standing: first, tip: older });
  world.later(quarter);
  world.later(quarter);
  world.later(quarter);
  expect(world.tagOf('api')).toBe(digest('a'));
  expect(world.moved).toEqual([]);
});

it('leaves out for good what an older reset took out, also when the branch is moved again', () => {
  const world = new LineWorld();
  const first = world.land(1, anImage('web', 'a'));
  world.land(2, anImage('web', 'b'));
  world.pass();
  Object.assign(world, { standing: first, tip: sha('d') });
  world.later(quarter);
  world.later(quarter);
  expect(world.tagOf('web')).toBe(digest('a'));
  const third = world.land(3, anImage('api', 'c'));
  world.land(4, anImage('api', 'd'));
  world.later(quarter);
  Object.assign(world, { standing: third, tip: sha('f') });
  world.later(quarter);
  world.later(quarter);
  expect([world.tagOf('api'), world.tagOf('web')]).toEqual([digest('c'), digest('a')]);
});

it('leaves out what a reset took out that nobody had recorded when the next change landed', () => {
  const world = new LineWorld();
  world.land(1, anImage('web', 'a'));
  const older = world.tip;
  world.land(2, anImage('web', 'b'));
  world.pass();
  world.tip = older;
  world.land(3, anImage('api', 'c'));
  world.later(quarter);
  world.later(quarter);
  expect([world.tagOf('api'), world.tagOf('web')]).toEqual([digest('c'), digest('a')]);
});

it('also where it went back to what the first of them had landed on, which no landing made', () => {
  const world = new LineWorld();
  const ground = world.tip;
  world.land(1, anImage('web', 'a'));
  world.pass();
  world.tip = ground;
  world.land(2, anImage('api', 'b'));
  expect(standingLandings(world.entries).map(({ number }) => number)).toEqual([2]);
});

it('what was pushed while a landing was taken back stays newer than that when it comes back, and older than what lands then', () => {
  const world = new LineWorld();
  const ground = world.tip;
  world.land(1, anImage('api', 'a'));
  const taken = world.write({ kind: 'reset', standing: 0, tip: ground });
  world.push(0, '5', anImage('api', 'b'));
  world.write({ kind: 'reset', standing: taken - 1, tip: sha('6') });
  const order = () => standingLandings(world.entries).map(({ number }) => number);
  expect(order()).toEqual([1, 0]);
  world.land(2, anImage('api', 'c'));
  expect(order().at(-1)).toBe(2);
});

it('what was pushed under a landing and recorded after it stays newer than what was recorded before both', () => {
  const world = new LineWorld();
  world.push(0, '5', anImage('api', 'a'));
  const landed = world.land(1, anImage('web', 'b'));
  const late = world.push(0, '6', anImage('api', 'c'));
  expect(standingLandings(world.entries).map(({ sequence }) => sequence)).toEqual([landed - 1, late, landed]);
});

it('does nothing before the ledger can be read', () => {
  const world = new LineWorld();
  world.land(1, anImage('api', 'a'));
  world.ledger = { kind: 'broken', because: 'somebody wrote there' };
  expect(world.pass().wakeAt).toBe(world.now + 30_000);
  expect(world.done).toEqual([]);
  world.ledger = null;
  world.later(30_000);
  expect(world.tagOf('api')).toBe(digest('a'));
});

it('looks with every sweep once a registry was away for long: a tag that was moved is put right with the next', () => {
  const world = new LineWorld();
  world.land(1, anImage('api', 'a'));
  world.pass();
  world.away.set('quay.io', 'connection refused');
  for (let sweeps = 0; sweeps < 5; sweeps += 1) world.later(4 * 60_000);
  world.away.clear();
  world.registry.set(lookKey('quay.io/acme/api', 'latest'), digest('f'));
  world.later(4 * 60_000);
  expect(world.tagOf('api')).toBe(digest('a'));
});

it('tells since when and why it waits, tries again with growing pauses, and at once when asked', () => {
  const world = new LineWorld();
  world.land(1, anImage('api', 'a'));
  world.away.set('quay.io', 'connection refused');
  const first = world.pass();
  expect(first.wakeAt).toBe(world.now + 30_000);
  world.later(30_000);
  world.later(30_000);
  const third = world.later(30_000);
  expect((third.wakeAt ?? 0) - world.now).toBeGreaterThan(120_000);
  expect(world.reports().at(-1)).toMatch(
    /waits since \d\d:\d\d UTC: connection refused\. Tried 3 times; again at \d\d:\d\d UTC, or at once by `\/promote`/,
  );
  world.away.clear();
  world.later(1000);
  expect(world.tagOf('api')).toBeUndefined();
  world.later(1000, true);
  expect(world.tagOf('api')).toBe(digest('a'));
});

it('says that a registry lets nobody move a tag, and that a tag belongs to somebody else', () => {
  const world = new LineWorld();
  world.immutable.add(lookKey('quay.io/acme/api', 'latest'));
  world.land(1, anImage('api', 'a'));
  world.pass();
  expect(world.reports().at(-1)).toMatch(/\| refused since \d\d:\d\d UTC: latest: this tag may not be moved \|/);
  expect(world.reports().at(-1)).not.toContain('waits');
  const other = new LineWorld();
  other.foreign.set(lookKey('quay.io/acme/api', 'latest'), 'latest belongs to acme/other');
  other.land(1, anImage('api', 'a'));
  other.pass();
  expect(other.tagOf('api')).toBeUndefined();
  expect(other.reports().at(-1)).toContain('latest belongs to acme/other. Tried once');
  for (let time = 0; time < 2; time += 1) other.later(30_000);
  expect(other.reports().at(-1)).toContain('latest belongs to acme/other. Tried 3 times');
  other.foreign.clear();
  other.later(quarter);
  expect(other.tagOf('api')).toBe(digest('a'));
});

it('sets the tags of its own though another branch has one of them', () => {
  const world = new LineWorld();
  world.foreign.set(lookKey('quay.io/acme/api', 'latest'), 'latest belongs to acme/other');
  world.land(1, anImage('api', 'a', { tags: ['latest', '{{ sha }}'] }));
  world.pass();
  expect([world.tagOf('api'), world.tagOf('api', world.tip)]).toEqual([undefined, digest('a')]);
  expect(world.reports().at(-1)).toContain('1 of 1 images refused');
});

describe('what other branches must leave alone', () => {
  const claims = (world: LineWorld) =>
    world.record.claims?.map(({ repository, tag, since }) => [repository, tag, since]);

  it('is each moving tag, since the first landing that set it', () => {
    const world = new LineWorld();
    const tags = ['latest', '{{ branch }}', '{{ sha }}'];
    world.land(1, anImage('api', 'a', { tags }));
    world.pass();
    const first = world.now;
    world.now += 1000;
    world.land(2, anImage('api', 'b', { tags }), anImage('web', 'c'));
    world.later(1000);
    expect(claims(world)).toEqual([
      ['quay.io/acme/api', 'latest', first],
      ['quay.io/acme/api', 'main', first],
      ['quay.io/acme/web', 'latest', first + 1000],
    ]);
  });

  it('is no tag any more that the image was built without, nor does the branch set that one again', () => {
    const world = new LineWorld();
    world.land(1, anImage('api', 'a'), anImage('web', 'b'));
    world.pass();
    world.land(2, anImage('api', 'c', { tags: ['edge'] }));
    world.later(1000);
    expect(claims(world)?.map(([repository, tag]) => `${repository}:${tag}`)).toEqual([
      'quay.io/acme/web:latest',
      'quay.io/acme/api:edge',
    ]);
    world.registry.set(lookKey('quay.io/acme/api', 'latest'), digest('f'));
    world.later(quarter);
    expect([world.tagOf('api'), world.tagOf('api', 'edge')]).toEqual([digest('f'), digest('c')]);
  });

  it('is nothing once the branch is gone', () => {
    const world = new LineWorld();
    world.land(1, anImage('api', 'a'));
    world.pass();
    Object.assign(world, { tip: null });
    world.later(1000);
    expect(claims(world)).toEqual([]);
  });
});

it('lists a change tag that cannot be taken away as kept, which spoils nothing', () => {
  const world = new LineWorld();
  world.keeps.add('staging.acme.io/quay.io/acme/api');
  world.land(1, anImage('api', 'a'));
  world.pass();
  expect(world.record.uploads).toMatchObject([{ tag: 'change_a_latest', kept: 'deletion is off' }]);
  world.later(quarter);
  expect(world.reports().at(-1)).toMatch(
    /change_a_latest`, under which it waited, could not be taken away: deletion is off/,
  );
  expect(world.reports().at(-1)).toContain('1 image published');
  const before = world.done.length;
  world.later(quarter);
  expect(world.done.slice(before).filter(({ kind }) => kind === 'untag')).toEqual([]);
});

it('finds the same again after everything it knew was lost, and sets nothing that is set', () => {
  const world = new LineWorld();
  world.land(1, anImage('api', 'a'));
  world.land(2, anImage('web', 'b'));
  world.pass();
  const before = world.done.length;
  world.record = { ...world.record, landings: [], uploads: [], sweptAt: 0 };
  world.later(86_400_000);
  expect(world.done.slice(before).filter(({ kind }) => kind === 'tag' || kind === 'copy')).toEqual([]);
});

it('claims its tags since the first landing that has them, whatever lands later and whatever is lost', () => {
  const world = new LineWorld();
  world.land(1, anImage('api', 'a', { tags: ['latest', '{{ sha }}'] }));
  const since = world.now;
  world.later(quarter);
  world.land(2, anImage('api', 'b', { tags: ['latest', '{{ sha }}'] }));
  world.pass();
  const claims = [{ repository: 'quay.io/acme/api', tag: 'latest', since }];
  expect(world.record.claims).toEqual(claims);
  world.record = { ...world.record, landings: [], uploads: [], claims: [] };
  world.later(1000);
  expect(world.record.claims).toEqual(claims);
});

it('looks after the tags of fifty landings, and of older ones only after what moves', () => {
  const world = new LineWorld();
  world.land(1, anImage('cli', 'f'));
  for (let number = 2; number < 80; number += 1)
    world.land(number, anImage('api', (number % 10).toString(), { tags: ['latest', '{{ sha }}'] }));
  world.pass();
  expect(world.record.landings).toHaveLength(51);
  expect(world.tagOf('cli')).toBe(digest('f'));
  world.lookedAt = 0;
  world.later(1000);
  expect(world.lookedAt).toBe(0);
  world.later(quarter);
  expect(world.lookedAt).toBeLessThan(9);
});

it('looks at each of many landings within an hour and a half, a few at a time', () => {
  const world = new LineWorld();
  const commits = Array.from({ length: 50 }, (_, at) => {
    world.land(at + 1, anImage('api', 'a', { tags: ['latest', '{{ sha }}'] }));
    return world.tip;
  });
  world.pass();
  for (const commit of commits) world.registry.set(lookKey('quay.io/acme/api', commit), digest('f'));
  for (let sweep = 0; sweep < 22; sweep += 1) world.later(4 * 60_000);
  expect(commits.filter((commit) => world.tagOf('api', commit) !== digest('a'))).toEqual([]);
});

it('takes what was built again at once, though what was lost was in trouble', () => {
  const world = new LineWorld();
  world.land(1, anImage('api', 'a'));
  world.registry.delete(lookKey('staging.acme.io/quay.io/acme/api', digest('a')));
  world.pass();
  const staged = { repository: 'quay.io/acme/api', tag: 'change_1_aaaaaaaaaaaa_latest' };
  const image = anImage('api', 'b', { staged });
  world.registry.set(lookKey('quay.io/acme/api', digest('b')), digest('b'));
  world.write({ kind: 'published', number: 1, commit: world.tip, because: 'it was lost', images: [image] });
  world.later(1);
  expect(world.tagOf('api')).toBe(digest('b'));
});

it('tries a tag that nobody may move less and less often', () => {
  const world = new LineWorld();
  world.immutable.add(lookKey('quay.io/acme/api', 'latest'));
  world.land(1, anImage('api', 'a'));
  world.pass();
  const { since } = world.record.landings[0]?.images[0]?.trouble ?? { since: 0 };
  for (const wait of [30_000, 30_000]) world.later(wait);
  expect(world.record.landings[0]?.images[0]?.trouble).toMatchObject({ tries: 3, since });
  const before = world.done.filter(({ kind }) => kind === 'tag').length;
  world.later(60_000);
  expect(world.done.filter(({ kind }) => kind === 'tag')).toHaveLength(before);
});

it('looks at its tags in time, whatever happens in between', () => {
  const world = new LineWorld();
  world.land(1, anImage('api', 'a'));
  world.pass();
  const due = world.later(5 * 60_000).wakeAt;
  expect(due).not.toBeNull();
  expect(world.later(200_000).wakeAt).toBe(due);
});

describe('what postsubmit built of a push', () => {
  const pushed = (name: string, of: string, ...tags: readonly string[]) => {
    const staged = { repository: `quay.io/acme/${name}`, tag: `change_0_${of}` };
    return anImage(name, of, { staged, ...(tags.length > 0 ? { tags } : {}) });
  };

  it('has the tags from the landing that it stands on, and says how it came', () => {
    const world = new LineWorld();
    const first = world.land(1, anImage('api', 'a'), anImage('web', 'b'));
    world.push(first, 'd', pushed('api', 'd'));
    world.pass();
    expect([world.tagOf('api'), world.tagOf('web')]).toEqual([digest('d'), digest('b')]);
    expect(world.reports().at(-1)).toMatch(/^1 image published, as built after the push.*Built after it was pushed/s);
    expect(world.registry.has(lookKey('quay.io/acme/api', 'change_0_d'))).toBe(false);
  });

  it('takes no moving tag from what landed on it, however late its build was, and has its own commit named all the same', () => {
    const world = new LineWorld();
    const first = world.land(1, anImage('api', 'a'));
    world.land(2, anImage('api', 'b'));
    world.push(first, 'd', pushed('api', 'd', 'latest', sha('d')), pushed('web', 'e'));
    world.pass();
    expect([world.tagOf('api'), world.tagOf('web')]).toEqual([digest('b'), digest('e')]);
    expect(world.tagOf('api', sha('d'))).toBe(digest('d'));
  });

  it('takes no moving tag from what was pushed on it and was built first, and has its own commit named all the same', () => {
    const world = new LineWorld();
    const first = world.land(1, anImage('api', 'a'));
    const newer = world.push(first, 'd', pushed('api', 'd'));
    world.pass();
    world.push({ below: first, above: newer }, 'e', pushed('api', 'e', 'latest', sha('e')), pushed('web', 'f'));
    world.later(quarter);
    expect([world.tagOf('api'), world.tagOf('web')]).toEqual([digest('d'), digest('f')]);
    expect(world.tagOf('api', sha('e'))).toBe(digest('e'));
  });

  it('takes no moving tag from what was pushed on it, whatever of that was taken back meanwhile', () => {
    const world = new LineWorld();
    const last = world.push(0, 'f', pushed('api', 'f'));
    const between = world.push({ below: 0, above: last }, 'd', pushed('api', 'd'));
    world.gone = [between];
    world.later(quarter);
    world.push({ below: 0, above: between }, 'e', pushed('api', 'e', 'latest', sha('e')));
    world.later(quarter);
    expect([world.tagOf('api'), world.tagOf('api', sha('e'))]).toEqual([digest('f'), digest('e')]);
  });

  it('goes back with a reset of the branch, and forward again with it', () => {
    const world = new LineWorld();
    const first = world.land(1, anImage('api', 'a'));
    const second = world.push(first, 'd', pushed('api', 'd'));
    world.pass();
    world.gone = [second];
    world.later(quarter);
    expect(world.entries.at(-1)?.detail).toEqual({ kind: 'reset', standing: first, tip: world.tip, gone: [second] });
    expect(world.tagOf('api')).toBe(digest('a'));
    world.gone = [];
    world.later(quarter);
    expect(world.entries.at(-1)?.detail).toEqual({ kind: 'reset', standing: first, tip: world.tip });
    expect(world.tagOf('api')).toBe(digest('d'));
  });
});
