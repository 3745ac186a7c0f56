import { describe, expect, it } from 'vitest';
import { anImage, digest, LineWorld } from './promote-fixture.ts';

const latest = 'quay.io/acme/api:latest';
const image = (of: string) => anImage('api', of, { tags: ['latest', '{{ sha }}'] });
const claims = ({ record }: LineWorld) => (record.claims ?? []).map(({ tag }) => tag);

/** A branch whose `latest` one of a later version has. */
function passedBy(branch: string): LineWorld {
  const world = new LineWorld();
  world.passed = new Map([[latest, branch]]);
  return world;
}

describe('a tag that a release branch of a later version has', () => {
  it('is left alone, without any trouble; the branch still says that it is its own', () => {
    const world = passedBy('release-v2');
    world.registry.set(latest, digest('f'));
    world.land(1, image('a'));
    world.pass();
    expect(world.tagOf('api')).toBe(digest('f'));
    expect(world.record.landings).toMatchObject([{ images: [{ state: { kind: 'promoted' }, trouble: null }] }]);
    expect(world.record.landings[0]?.doneAt).not.toBeNull();
    expect(claims(world)).toEqual(['latest']);
    expect(world.reports().at(-1)).toMatch(
      /1 image published[\s\S]*`quay\.io\/acme\/api:latest` stays with `release-v2`, which is of a later version/,
    );
  });

  it('is looked after by that one, and again by this one once that gives it up', () => {
    const world = new LineWorld();
    world.land(1, image('a'));
    world.pass();
    expect(world.tagOf('api')).toBe(digest('a'));
    world.passed = new Map([[latest, 'release-v2']]);
    world.registry.set(latest, digest('f'));
    world.later(3_600_000);
    world.pass(true);
    expect(world.tagOf('api')).toBe(digest('f'));
    world.passed = new Map();
    world.later(3_600_000);
    expect(world.tagOf('api')).toBe(digest('a'));
  });

  it('is set by nobody here while it is not known who has it', () => {
    const world = new LineWorld();
    world.passed = null;
    world.land(1, image('a'));
    expect(world.pass().wakeAt).toBe(world.now + 30_000);
    expect(world.done).toEqual([]);
    world.passed = new Map();
    world.later(30_000);
    expect(world.tagOf('api')).toBe(digest('a'));
  });
});

it('a branch that is gone leaves behind what it had, and takes it up when it is there again', () => {
  const world = new LineWorld();
  world.land(1, image('a'));
  world.pass();
  const { tip } = world;
  Object.assign(world, { tip: null });
  world.record = { ...world.record, claims: [], landings: [] };
  world.later(1000);
  expect([claims(world), (world.record.left ?? []).map(({ tag }) => tag)]).toEqual([[], ['latest']]);
  world.tip = tip;
  world.later(1000);
  expect([claims(world), world.record.left]).toEqual([['latest'], undefined]);
});
