import { describe, expect, it } from 'vitest';
import { lookKey } from '../../../src/core/promote/facts.ts';
import type { BuildOrder } from '../../../src/model/order.ts';
import { anImage, digest, LineWorld } from './promote-fixture.ts';

const second = 1_000;
const minute = 60 * second;

function byPod(): LineWorld {
  const world = new LineWorld();
  world.settings = { mode: 'intermediate', staging: 'staging.acme.io', executor: 'pod' };
  return world;
}

/** Those that were started, each once. */
function orders(world: LineWorld): readonly BuildOrder[] {
  const started = world.done.flatMap((effect) =>
    effect.kind === 'on' && effect.effect.kind === 'start' ? [effect.effect.order] : [],
  );
  return [...new Map(started.map((order) => [order.build.id, order])).values()];
}

/** Whatever the worker itself did to a registry. */
function ownRequests(world: LineWorld): readonly string[] {
  return world.done.flatMap(({ kind }) => (kind === 'copy' || kind === 'tag' ? [kind] : []));
}

describe('a landing that a pod promotes (images.md §2)', () => {
  it('is one pod with all its images, and done once the registry shows it', () => {
    const world = byPod();
    world.land(1, anImage('api', 'a'), anImage('web', 'b'));
    world.pass();
    world.later(2 * second);
    expect([world.tagOf('api'), world.tagOf('web')]).toEqual([digest('a'), digest('b')]);
    expect(ownRequests(world)).toEqual([]);
    expect(orders(world).map(({ job, build, promote }) => [job.content.template, build.trust, promote])).toEqual([
      [
        'promote-image',
        'trusted',
        {
          branch: 'main',
          images: ['a', 'b'].map((letter, at) => ({
            from: { repository: `staging.acme.io/quay.io/acme/${['api', 'web'][at]}`, digest: digest(letter) },
            to: `quay.io/acme/${['api', 'web'][at]}`,
            tags: ['latest'],
          })),
        },
      ],
    ]);
    expect(world.record.landings[0]?.doneAt).not.toBeNull();
    expect(world.pods).toEqual([]);
  });

  it('is believed only as far as the registry shows it: a pod that says so is no promotion', () => {
    const world = byPod();
    world.land(1, anImage('api', 'a'));
    world.promoting = 'on';
    world.pass();
    const [pod] = world.pods;
    world.promoting = 'well';
    world.promotes(pod?.name ?? '', []);
    world.later(2 * second);
    expect(world.record.landings[0]?.doneAt).toBeNull();
    expect(orders(world)).toHaveLength(1);
    world.later(2 * minute);
    world.later(2 * second);
    expect(orders(world)).toHaveLength(2);
    expect(world.tagOf('api')).toBe(digest('a'));
  });

  it('tells why its pod failed, and begins another one in its time or when asked', () => {
    const world = byPod();
    world.land(1, anImage('api', 'a'));
    world.promoting = { exit: 18, words: 'quay.io said 503' };
    world.pass();
    world.later(2 * second);
    expect(world.reports().at(-1)).toMatch(/waits since[\s\S]*the pod that promotes it ended:.*quay\.io said 503/);
    world.later(10 * second);
    expect(orders(world)).toHaveLength(1);
    world.later(second, true);
    world.later(2 * second);
    expect(orders(world)).toHaveLength(2);
    world.promoting = 'well';
    world.later(30 * second);
    world.later(2 * second);
    expect(orders(world)).toHaveLength(3);
    expect(world.tagOf('api')).toBe(digest('a'));
    expect(world.record.landings[0]?.images[0]?.trouble).toBeNull();
  });

  it('waits for the pod of an older landing, so that no tag goes back', () => {
    const world = byPod();
    world.land(1, anImage('api', 'a'));
    world.promoting = 'on';
    world.pass();
    const [older] = orders(world);
    world.land(2, anImage('api', 'b'));
    world.later(15 * second);
    expect(orders(world)).toHaveLength(1);
    world.promoting = 'well';
    world.promotes(older?.build.id ?? '', older?.promote?.images ?? []);
    world.later(15 * second);
    world.later(2 * second);
    expect(orders(world)).toHaveLength(2);
    expect(world.tagOf('api')).toBe(digest('b'));
    expect(world.record.landings.map(({ doneAt }) => doneAt !== null)).toEqual([true, true]);
  });

  it('leaves the line for a later landing that has its tag, so that no tag goes back', () => {
    const world = byPod();
    world.isFull = true;
    world.land(1, anImage('api', 'a'));
    world.pass();
    world.land(2, anImage('api', 'b'));
    world.isFull = false;
    world.later(15 * second);
    world.later(15 * second);
    world.later(2 * second);
    expect(orders(world).map(({ promote }) => promote?.images.map(({ from }) => from.digest))).toEqual([[digest('b')]]);
    expect(world.tagOf('api')).toBe(digest('b'));
    expect(world.record.landings.map(({ doneAt }) => doneAt !== null)).toEqual([true, true]);
  });

  it.each(['is gone', 'has not started'])(
    'is not begun again for a tag of a later landing when its pod %s',
    (which) => {
      const world = byPod();
      world.promoting = 'pending';
      world.land(1, anImage('api', 'a'));
      world.pass();
      if (which === 'is gone') world.pods = [];
      world.promoting = 'well';
      world.land(2, anImage('api', 'b'));
      for (let pass = 0; pass < 4; pass += 1) world.later(15 * second);
      const starts = world.done.filter((effect) => effect.kind === 'on' && effect.effect.kind === 'start');
      expect(starts).toHaveLength(2);
      expect(orders(world).map(({ promote }) => promote?.images.map(({ from }) => from.digest))).toEqual([
        [digest('a')],
        [digest('b')],
      ]);
      expect(world.tagOf('api')).toBe(digest('b'));
    },
  );

  it('takes its pod away later where that came to nothing at first', () => {
    const world = byPod();
    world.land(1, anImage('api', 'a'));
    world.pass();
    world.later(2 * second);
    const [order] = orders(world);
    expect(world.pods).toEqual([]);
    world.promotes(order?.build.id ?? '', order?.promote?.images ?? []);
    expect(world.pods).toHaveLength(1);
    world.later(4 * minute);
    expect(world.pods).toEqual([]);
  });

  it('goes on with its pod after everything was forgotten', () => {
    const world = byPod();
    world.land(1, anImage('api', 'a'));
    world.promoting = 'on';
    world.pass();
    const [pod] = world.pods;
    world.record = { ...world.record, landings: [] };
    world.later(15 * second);
    expect(world.pods.map(({ name }) => name)).toEqual([pod?.name]);
    world.promoting = 'well';
    world.promotes(pod?.name ?? '', orders(world)[0]?.promote?.images ?? []);
    world.later(15 * second);
    world.later(2 * second);
    expect(orders(world)).toHaveLength(1);
    expect(world.record.landings[0]?.doneAt).not.toBeNull();
  });

  it('begins nothing beside a pod that it does not know, and takes that one away first', () => {
    const earlier = `b-promote-${'0'.repeat(24)}`;
    const world = byPod();
    world.land(1, anImage('api', 'a'));
    world.promoting = 'on';
    world.promotes(earlier, []);
    world.promoting = 'well';
    world.pass();
    const acts = world.done.flatMap((effect) =>
      effect.kind === 'on' && (effect.effect.kind === 'start' || effect.effect.kind === 'remove')
        ? [effect.effect.kind === 'start' ? 'start' : `remove ${effect.effect.build}`]
        : [],
    );
    expect(acts.slice(0, 2)).toEqual([`remove ${earlier}`, 'start']);
  });

  it('begins no pod for a tag that another branch has, and none while a digest is lost', () => {
    const world = byPod();
    world.land(1, anImage('api', 'a'), anImage('web', 'b'));
    world.foreign.set(lookKey('quay.io/acme/api', 'latest'), 'the branch release has it');
    world.pass();
    expect(orders(world)).toEqual([]);
    expect(world.reports().at(-1)).toContain('the branch release has it');
    world.foreign.clear();
    for (const key of [...world.registry.keys()]) if (key.includes('/web')) world.registry.delete(key);
    world.later(minute);
    expect(orders(world)).toEqual([]);
    expect(world.reports().at(-1)).toContain('is not in staging.acme.io/quay.io/acme/web any more');
  });

  it('is stopped when the branch is frozen', () => {
    const world = byPod();
    world.land(1, anImage('api', 'a'));
    world.promoting = 'on';
    world.pass();
    world.write({ kind: 'frozen', because: 'the tree was not the tested one', by: null });
    world.later(15 * second);
    expect(world.pods).toEqual([]);
    expect(world.tagOf('api')).toBeUndefined();
    world.write({ kind: 'thawed', by: null });
    world.promoting = 'well';
    world.later(minute);
    world.later(2 * second);
    expect(world.tagOf('api')).toBe(digest('a'));
  });

  it('puts a tag right that somebody moved, by another pod', () => {
    const world = byPod();
    world.land(1, anImage('api', 'a'));
    world.pass();
    world.later(2 * second);
    world.registry.set(lookKey('quay.io/acme/api', 'latest'), digest('f'));
    world.later(5 * minute);
    world.later(2 * second);
    expect(world.tagOf('api')).toBe(digest('a'));
    expect(orders(world)).toHaveLength(2);
  });

  it('keeps the slot of its pod when a reset takes it back, until that pod is gone', () => {
    const world = byPod();
    world.land(1, anImage('api', 'a'));
    world.promoting = 'on';
    const slot = world.pass().line;
    expect(slot).toMatchObject([{ state: 'active', pool: 'default' }]);
    world.lingers = true;
    world.standing = 0;
    const held = (): readonly unknown[] => world.later(15 * second).line.map(({ build, state }) => [build, state]);
    const same = [[slot[0]?.build, 'active']];
    expect(held()).toEqual(same);
    expect(world.record.landings).toEqual([]);
    const removed = () => world.done.filter(({ kind }) => kind === 'on').length;
    const before = removed();
    expect(held()).toEqual(same);
    expect(removed()).toBeGreaterThan(before);
    // While nobody can list pods, it may be there; and whatever is wrong with the ledger, it is.
    const { pods } = world;
    Object.assign(world, { pods: null });
    expect(held()).toEqual(same);
    expect(world.later(second).wakeAt).toBe(world.now + 15 * second);
    world.pods = pods;
    world.ledger = { kind: 'broken', because: 'somebody wrote there' };
    expect(held()).toEqual(same);
    world.ledger = null;
    world.lingers = false;
    expect(held()).toEqual([]);
    expect(world.record.going).toBeUndefined();
  });

  it('gives the slot of its pod back when that has ended after the branch was deleted', () => {
    const world = byPod();
    world.land(1, anImage('api', 'a'));
    world.promoting = 'on';
    const [slot] = world.pass().line;
    Object.assign(world, { tip: null });
    const running = world.later(15 * second);
    expect([running.line.map(({ build }) => build), running.wakeAt]).toEqual([[slot?.build], world.now + 30 * second]);
    world.promoting = 'well';
    world.promotes(slot?.build ?? '', []);
    const ended = world.later(30 * second);
    expect([ended.line, ended.wakeAt]).toEqual([[], null]);
  });

  it('is promoted by a pod of another name once the branch holds it again after a reset', () => {
    const world = byPod();
    const first = world.land(1, anImage('api', 'a'));
    const again = world.land(2, anImage('api', 'b'));
    const settle = () => {
      for (const _ of [1, 2, 3]) world.later(2 * second);
    };
    settle();
    world.standing = first;
    settle();
    world.later(5 * minute);
    settle();
    expect(world.tagOf('api')).toBe(digest('a'));
    world.standing = again;
    settle();
    world.later(5 * minute);
    settle();
    expect(world.tagOf('api')).toBe(digest('b'));
    const entries = world.done.flatMap((effect) =>
      effect.kind === 'on' && effect.effect.kind === 'start' ? [effect.effect.order.build.parts.entry] : [],
    );
    expect([...new Set(entries)]).toEqual([`${again}`, `${first}.1`, `${again}.2`]);
  });

  it('does not wait for what once failed and came to be all the same', () => {
    const world = byPod();
    world.land(1, anImage('api', 'a'));
    world.promoting = 'on';
    world.pass();
    // It set the tag, and then said that the registry was away.
    const [pod] = world.pods;
    for (const reference of ['latest', digest('a')])
      world.registry.set(lookKey('quay.io/acme/api', reference), digest('a'));
    world.promoting = { exit: 18, words: 'it was away' };
    world.promotes(pod?.name ?? '', []);
    world.later(15 * second);
    world.later(minute);
    expect(world.record.landings[0]?.doneAt).not.toBeNull();
    world.promoting = 'well';
    world.registry.set(lookKey('quay.io/acme/api', 'latest'), digest('f'));
    world.later(5 * minute);
    world.later(2 * second);
    expect(world.tagOf('api')).toBe(digest('a'));
  });
});
