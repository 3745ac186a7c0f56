import { expect, it } from 'vitest';
import { treeKey } from '../../../src/core/presubmit/facts.ts';
import { lookKey } from '../../../src/core/promote/facts.ts';
import type { Job } from '../../../src/model/job.ts';
import { podKeys } from '../../../src/model/pod.ts';
import { aConfig, anImage as aConfigured, anImageJob, sha } from '../../fakes/model-data.ts';
import { exited, podOf } from '../pod/observed-pod.ts';
import { anImage, digest, LineWorld, line } from './promote-fixture.ts';

const minute = 60_000;

function uploading(name: string, images: readonly string[], pipelines: Job['pipelines']): Job {
  const configured = images.map((each) => aConfigured(each, { repository: `quay.io/acme/${each}` }));
  const content = { template: 'upload-image', images: configured, publish: 'direct' } as const;
  return anImageJob(name, [], { content, pipelines });
}

/** The file of the landed commit. */
function configure(world: LineWorld, ...jobs: readonly Job[]): void {
  const kinds = new Map([['Containerfile', { kind: 'file' }] as const, ['Dockerfile', { kind: 'file' }] as const]);
  const facts = { config: { kind: 'usable', config: aConfig(jobs), notes: [] }, kinds } as const;
  world.trees.set(treeKey({ base: world.tip, tree: sha('7') }), facts);
}

function rebuilding(): LineWorld {
  const world = new LineWorld();
  world.settings = { mode: 'rebuild', staging: null, executor: 'worker' };
  world.land(1);
  configure(world, uploading('publish', ['api', 'web'], ['postsubmit']), uploading('other', ['cli'], ['gate']));
  world.builds.set('api', digest('a'));
  world.builds.set('web', digest('b'));
  return world;
}

it('builds what landed again where the project says so, records it, and only then points tags at it', () => {
  const world = rebuilding();
  world.pass();
  expect([world.tagOf('api'), world.tagOf('web')]).toEqual([digest('a'), digest('b')]);
  const told = world.done.flatMap((effect) => (effect.kind === 'on' || effect.kind === 'report' ? [] : [effect.kind]));
  expect(told).toEqual(['append', 'tag', 'tag', 'untag', 'untag']);
  expect(world.entries.at(-1)?.detail).toMatchObject({ kind: 'published', commit: world.tip, number: 1 });
  const orders = world.done.flatMap((effect) =>
    effect.kind === 'on' && effect.effect.kind === 'start' ? [effect.effect.order] : [],
  );
  expect(orders.map(({ checkout, build, job }) => [checkout.base, checkout.heads, build.trust, job.name])).toEqual([
    [world.tip, [], 'trusted', 'publish'],
    [world.tip, [], 'trusted', 'publish'],
  ]);
  expect(world.reports().some((report) => report.startsWith('Building it at this commit'))).toBe(true);
  expect(world.record.rebuilds).toEqual([]);
});

it('points no tag while one of them failed, tells why, and builds again when asked', () => {
  const world = rebuilding();
  world.builds.delete('web');
  world.pass();
  expect(world.tagOf('api')).toBeUndefined();
  expect(world.reports().at(-1)).toMatch(
    /could not be built at this commit[\s\S]*publish: build ended with exit code 1[\s\S]*`\/promote`/,
  );
  world.builds.set('web', digest('c'));
  world.later(minute);
  expect(world.tagOf('web')).toBeUndefined();
  world.later(minute, true);
  expect([world.tagOf('api'), world.tagOf('web')]).toEqual([digest('a'), digest('c')]);
});

it('builds again by itself an hour after it failed, though nothing of the branch has been published yet', () => {
  const world = rebuilding();
  world.builds.delete('api');
  world.builds.delete('web');
  world.pass();
  const wakeAt = world.later(minute).wakeAt ?? 0;
  expect(wakeAt).toBeGreaterThan(world.now);
  world.builds.set('api', digest('a')).set('web', digest('b'));
  world.later(wakeAt - world.now);
  expect([world.tagOf('api'), world.tagOf('web')]).toEqual([digest('a'), digest('b')]);
});

it('says why the index over its platforms cannot be written, and goes on once it can', () => {
  const world = rebuilding();
  const platforms = ['linux/amd64', 'linux/arm64'];
  const image = aConfigured('api', { repository: 'quay.io/acme/api', platforms });
  const content = { template: 'upload-image', images: [image], publish: 'direct' } as const;
  configure(world, anImageJob('publish', [], { content, pipelines: ['postsubmit'] }));
  for (const [at, platform] of platforms.entries()) world.builds.set(`api${platform}`, digest(`${at}`));
  world.noIndex = 'the registry said 403 DENIED: no indexes here';
  const { wakeAt } = world.pass();
  expect(wakeAt).toBe(world.now + 15_000);
  expect(world.reports().at(-1)).toMatch(
    /^Built at this commit, and not yet whole\n[\s\S]*the index over its platforms could not be written: .*403 DENIED: no indexes here\. It is tried again\./,
  );
  expect(world.tagOf('api')).toBeUndefined();
  world.noIndex = null;
  world.later(15_000);
  expect(world.tagOf('api')).toBe(digest('9'));
  expect(world.record.rebuilds).toEqual([]);
});

it('says that no job publishes it', () => {
  const world = rebuilding();
  configure(world, uploading('other', ['cli'], ['gate']));
  world.pass();
  expect(world.reports().at(-1)).toContain('no job of the landed commit publishes it');
  expect(world.later(minute).wakeAt).toBeNull();
});

it('builds again what no registry has any more, once that is sure, and nothing else', () => {
  const world = new LineWorld();
  const staged = { repository: 'quay.io/acme/api', tag: 'change_1_aaaaaaaaaaaa_latest' };
  world.land(1, anImage('api', 'a', { staged }), anImage('web', 'b'));
  configure(world, uploading('stage', ['api', 'web'], ['gate']));
  world.builds.set('api', digest('d'));
  world.registry.delete(lookKey('quay.io/acme/api', digest('a')));
  world.registry.delete(lookKey('quay.io/acme/api', staged.tag));
  world.pass();
  world.later(30_000);
  expect(world.done.some(({ kind }) => kind === 'on')).toBe(false);
  world.later(30_000);
  expect([world.tagOf('api'), world.tagOf('web')]).toEqual([digest('d'), digest('b')]);
  const started = world.done.flatMap((effect) =>
    effect.kind === 'on' && effect.effect.kind === 'start' ? [effect.effect.order.image?.image.name] : [],
  );
  expect(started).toEqual(['api']);
  world.later(minute);
  expect(world.tagsIn('quay.io/acme/api')).toEqual(['latest']);
});

it('clears the change tag of what was built again where it is listed as of what was lost', () => {
  const world = new LineWorld();
  const staged = { repository: 'quay.io/acme/api', tag: `change_1_${sha('cc1').slice(0, 12)}_latest` };
  world.land(1, anImage('api', 'a', { staged }));
  configure(world, uploading('stage', ['api'], ['gate']));
  world.builds.set('api', digest('d'));
  world.registry.clear();
  for (let passes = 0; passes < 5; passes += 1) world.later(minute);
  expect(world.tagOf('api')).toBe(digest('d'));
  expect(world.tagsIn('quay.io/acme/api')).toEqual(['latest']);
});

it('builds once when the same digest comes of it again, and clears its change tag once more', () => {
  const world = new LineWorld();
  const place = 'quay.io/acme/api';
  world.land(1, anImage('api', 'a', { staged: { repository: place, tag: 'change_1_aaaaaaaaaaaa_latest' } }));
  configure(world, uploading('stage', ['api'], ['gate']));
  world.builds.set('api', digest('d'));
  const lose = (): void => {
    for (const key of [...world.registry.keys()]) world.registry.delete(key);
    world.pods = [];
    world.places.clear();
  };
  const starts = (): number =>
    world.done.filter((effect) => effect.kind === 'on' && effect.effect.kind === 'start').length;
  for (const built of [1, 2]) {
    lose();
    for (let passes = 0; passes < 20 && world.tagOf('api') === undefined; passes += 1) world.later(minute);
    world.later(minute);
    expect([starts(), world.tagsIn(place)]).toEqual([built, ['latest']]);
  }
  const names = world.done.flatMap((effect) =>
    effect.kind === 'on' && effect.effect.kind === 'start' ? [effect.effect.order.build.id] : [],
  );
  expect(new Set(names).size).toBe(names.length);
});

it('records a digest once more that comes of it again after another one was recorded, and then builds no more', () => {
  const world = new LineWorld();
  world.land(
    1,
    anImage('api', 'a', { staged: { repository: 'quay.io/acme/api', tag: 'change_1_aaaaaaaaaaaa_latest' } }),
  );
  configure(world, uploading('stage', ['api'], ['gate']));
  for (const built of ['d', 'e', 'd']) {
    world.registry.clear();
    world.pods = [];
    world.places.clear();
    world.builds.set('api', digest(built));
    for (let passes = 0; passes < 20 && world.tagOf('api') === undefined; passes += 1) world.later(minute);
    expect(world.tagOf('api')).toBe(digest(built));
  }
});

it('gives a build the name that it had in an earlier life, and removes pods that nothing waits for', () => {
  const world = rebuilding();
  world.pass();
  const [one] = world.done.flatMap((effect) =>
    effect.kind === 'on' && effect.effect.kind === 'start' ? [effect.effect.order] : [],
  );
  const again = rebuilding();
  const name = `b-gone-${'0'.repeat(24)}`;
  again.pods = [podOf({ build: exited(0) }, { name, annotations: { [podKeys.subject]: line } })];
  again.pass();
  expect(again.pods.some((pod) => pod.name === name)).toBe(false);
  expect(
    again.done.some(
      (effect) =>
        effect.kind === 'on' && effect.effect.kind === 'start' && effect.effect.order.build.id === one?.build.id,
    ),
  ).toBe(true);
});

it('while the ledger cannot be trusted, what nobody remembers goes, and what has ended keeps its result but no slot', () => {
  const world = rebuilding();
  world.isFull = true;
  const [one, other] = world.pass().line.map(({ build }) => build);
  const annotations = { [podKeys.subject]: line };
  world.ledger = { kind: 'broken', because: 'somebody wrote there' };
  world.pods = [
    podOf({}, { name: one ?? '', phase: 'running', annotations }),
    podOf({ build: exited(0) }, { name: other ?? '', phase: 'succeeded', annotations }),
    podOf({}, { name: `b-gone-${'0'.repeat(24)}`, phase: 'running', annotations }),
    podOf({}, { name: 'b-of-others', phase: 'failed' }),
  ];
  const plan = world.pass();
  expect(world.pods.map(({ name }) => name)).toEqual([one, other, 'b-of-others']);
  expect(plan.line.map(({ build }) => build)).toEqual([one]);
});

it('while the ledger cannot be trusted, what could not be started yet keeps its slot for as long as it is asked for', () => {
  const world = rebuilding();
  world.isFull = true;
  const asked = world.pass().line.map(({ build }) => build);
  world.ledger = { kind: 'broken', because: 'somebody wrote there' };
  expect([asked.length, world.pass().line.length]).toEqual([2, 0]);
  const state = { phase: 'starting', since: world.now } as const;
  const rebuilds = (world.record.rebuilds ?? []).map((rebuild) => ({
    ...rebuild,
    jobs: (rebuild.jobs ?? []).map((job) =>
      job.status.kind === 'building'
        ? { ...job, status: { ...job.status, builds: job.status.builds.map((build) => ({ ...build, state })) } }
        : job,
    ),
  }));
  world.record = { ...world.record, rebuilds };
  expect(world.pass().line.map(({ build }) => build)).toEqual(asked);
  world.now += 10 * 60_000;
  expect(world.pass().line).toHaveLength(2);
  world.now += 1;
  expect(world.pass().line).toEqual([]);
});

it('promotes what was built in the place of another, though the other was promoted', () => {
  const world = new LineWorld();
  world.land(1, anImage('api', 'a'));
  world.pass();
  world.later(5_000);
  expect(world.record.landings[0]?.doneAt).not.toBeNull();
  // A copy of our state that was older had it built once more; its first tag is gone, and it waits under the same one.
  const image = anImage('api', 'b', { staged: anImage('api', 'a').staged });
  world.registry.set(lookKey(image.staged.repository, image.staged.tag), image.digest);
  world.registry.set(lookKey(image.staged.repository, image.digest), image.digest);
  world.write({ kind: 'published', number: 1, commit: world.tip, because: 'it was lost', images: [image] });
  world.done.length = 0;
  world.pass();
  world.later(5_000);
  expect(world.tagOf('api')).toBe(digest('b'));
  const acts = world.done.map(({ kind }) => kind).filter((kind) => kind === 'tag' || kind === 'untag');
  expect(acts).toEqual(['tag']);
});

it('does not build a landing that only has another version (V6), but the newest under it that was never built', () => {
  const world = rebuilding();
  const first = world.tip;
  world.land(2);
  configure(world, uploading('publish', ['api', 'web'], ['postsubmit']));
  world.skipped = null;
  world.pass();
  expect(world.done.filter(({ kind }) => kind === 'append')).toEqual([]);
  world.skipped = new Set([world.tip]);
  world.later(minute);
  expect(world.entries.at(-1)?.detail).toMatchObject({ kind: 'published', commit: first, number: 1 });
  expect(world.tagOf('api')).toBe(digest('a'));
  // With that built nothing is left to do for the one above.
  const { length } = world.entries;
  world.later(minute);
  expect([world.entries.length, world.record.rebuilds]).toEqual([length, []]);
});
