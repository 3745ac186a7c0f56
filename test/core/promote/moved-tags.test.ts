import { expect, it } from 'vitest';
import { lookKey, type PromoteFacts } from '../../../src/core/promote/facts.ts';
import { fallenDigests, movedByOthers } from '../../../src/core/promote/moved-tags.ts';
import { standingLandings } from '../../../src/core/promote/own-tags.ts';
import type { PromoteRecord } from '../../../src/model/promotion.ts';
import { anImage, digest, LineWorld } from './promote-fixture.ts';

/** A branch on which the second of two landings was taken back, and its record before the first has its tag again. */
function putBack() {
  const world = new LineWorld();
  const first = world.land(1, anImage('api', 'a'));
  const older = world.tip;
  world.pass();
  const before = structuredClone(world.record) as PromoteRecord;
  world.land(2, anImage('api', 'b'));
  world.later(1000);
  Object.assign(world, { standing: first, tip: older });
  world.later(1000);
  const landings = before.landings.map((landing) => ({
    ...landing,
    images: landing.images.map((image) => ({ ...image, state: { kind: 'waiting', because: '', since: 0 } as never })),
  }));
  return { entries: world.entries, before, after: { landings } };
}

it.each(['b', 'f'])(
  'a tag that names %s after a reset was moved by somebody only if the ledger never had that',
  (of) => {
    const { entries, before, after } = putBack();
    const fallen = fallenDigests(entries, standingLandings(entries));
    expect([...fallen]).toEqual([digest('b')]);
    const found = { kind: 'found', digest: digest(of) } as never;
    const looks: PromoteFacts['looks'] = new Map([[lookKey('quay.io/acme/api', 'latest'), found]]);
    const moved = { repository: 'quay.io/acme/api', tag: 'latest', by: digest(of) };
    expect(movedByOthers(before, after, looks, fallen)).toEqual(of === 'b' ? [] : [moved]);
    expect(movedByOthers(before, after, looks, new Set())).toEqual([moved]);
  },
);
