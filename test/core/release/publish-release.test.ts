import { describe, expect, it } from 'vitest';
import { lookKey } from '../../../src/core/promote/facts.ts';
import { newRelease } from '../../../src/core/release/take-wishes.ts';
import type { ReleaseRun } from '../../../src/model/release-run.ts';
import { people, sha } from '../../fakes/model-data.ts';
import {
  built,
  commit,
  digest,
  images,
  judged,
  type Outside,
  outside,
  perform,
  planWith,
  project,
  tree,
  wish,
} from './release-fixture.ts';

const untagged = (run: ReleaseRun) =>
  new Map(
    'images' in run.stage
      ? run.stage.images.map(({ staged }) => [lookKey(staged.repository, staged.tag), { kind: 'deleted' } as const])
      : [],
  );

/** Passes until nothing is asked for; `cut` says after how many effects of a pass the process dies, and whether its record was saved. */
function passes(world: Outside, cut: (pass: number) => { after: number; saved: boolean } | null): ReleaseRun {
  let record = built;
  for (let pass = 0; pass < 40; pass += 1) {
    const plan = planWith(record, world, {
      untagged: record.stage.kind === 'published' ? untagged(record) : new Map(),
    });
    const dies = cut(pass);
    const effects = plan.effects.filter(({ kind }) => kind !== 'report');
    for (const effect of effects.slice(0, dies?.after ?? effects.length)) perform(world, effect);
    if (dies === null || dies.saved) record = plan.record;
    if (record.endedAt !== null) return record;
  }
  throw new Error(`it never ended: ${JSON.stringify(record.stage)}`);
}

const kinds = ({ entries }: Outside) => entries.map(({ detail }) => detail.kind);

describe('publishing a release', () => {
  it('is written down before the first tag and after the last, final tags before those that move', () => {
    const world = outside();
    const end = passes(world, () => null);
    expect(end.stage.kind).toBe('published');
    expect(world.done).toEqual([
      'owner',
      'releasing',
      'quay.io/acme/api:v1.2.3',
      'quay.io/acme/web:v1.2.3',
      'quay.io/acme/api:v1.2',
      'quay.io/acme/web:v1.2',
      'released',
    ]);
  });

  it('that dies between any two steps, its record saved or not, is finished by the next passes, and nothing is written twice', () => {
    for (let pass = 0; pass < 8; pass += 1)
      for (let after = 0; after < 5; after += 1)
        for (const saved of [true, false]) {
          const world = outside();
          const end = passes(world, (at) => (at === pass ? { after, saved } : null));
          expect(end.stage.kind).toBe('published');
          expect(kinds(world)).toEqual(['owner', 'releasing', 'released']);
          for (const { repository, digest: id } of images)
            for (const tag of ['v1.2.3', 'v1.2']) expect(world.registry.get(lookKey(repository, tag))).toBe(id);
        }
  });

  it('overwrites nothing: a final tag of another digest fails it before anything is set or written down', () => {
    const world = outside();
    world.registry.set('quay.io/acme/web:v1.2.3', digest('9'));
    const end = passes(world, () => null);
    expect(end.stage).toEqual({
      kind: 'failed',
      because: expect.stringContaining('quay.io/acme/web:v1.2.3 names sha256:999999999999 already'),
    });
    expect(world.done).toEqual([]);
    expect(world.registry.get('quay.io/acme/web:v1.2.3')).toBe(digest('9'));
    expect(world.registry.has('quay.io/acme/api:v1.2.3')).toBe(false);
  });

  it('sets no tag before all digests are there, and copies what waits elsewhere', () => {
    const world = outside();
    const [api, web] = images;
    if (!api || !web) throw new Error('no images');
    world.registry.delete(lookKey(web.repository, web.digest));
    const away = { repository: 'staging.io/web', tag: 'change_1' };
    world.registry.set(lookKey(away.repository, web.digest), web.digest);
    const waiting = { ...built, stage: { kind: 'built', images: [api, { ...web, staged: away }] } } as const;
    const plan = planWith(waiting, world);
    expect(plan.effects.filter(({ kind }) => kind !== 'report')).toEqual([
      { kind: 'copy', from: { repository: away.repository, digest: web.digest }, to: web.repository },
    ]);
  });

  it('waits for a registry that does not show yet what was pushed to it (F26), and gives up after a minute', () => {
    const world = outside();
    for (const { repository, digest: id } of images) world.registry.delete(lookKey(repository, id));
    const waiting = planWith(built, world, { now: 10_000 }).record;
    expect(waiting).toMatchObject({ stage: { kind: 'built' }, trouble: { since: 10_000 } });
    const later = planWith(waiting, world, { now: 70_000 }).record;
    expect(later).toMatchObject({ stage: { kind: 'built' }, trouble: { since: 10_000 } });
    expect(planWith(later, world, { now: 70_001 }).record.stage).toEqual({
      kind: 'failed',
      because: `${digest('1')} is in quay.io/acme/api no more, where it was built`,
    });
    for (const { repository, digest: id } of images) world.registry.set(lookKey(repository, id), id);
    expect(planWith(later, world, { now: 70_000 }).effects.map(({ kind }) => kind)).toContain('append');
    // Whatever kept it from being seen before does not count as the registry's own lag.
    const away = { ...built, trouble: { because: 'quay.io is away', since: 1 } };
    for (const { repository, digest: id } of images) world.registry.delete(lookKey(repository, id));
    expect(planWith(away, world, { now: 90_000 }).record.stage.kind).toBe('built');
  });

  it('is written down at its end as it was begun, whichever commit with the same files asks for it since (V12)', () => {
    const world = outside();
    let record: ReleaseRun = built;
    const pass = (): void => {
      const plan = planWith(record, world);
      for (const effect of plan.effects) perform(world, effect);
      record = plan.record;
    };
    while (record.stage.kind === 'built') pass();
    record = { ...record, wish: { ...record.wish, commit: sha('d') }, configuration: 'another' };
    while (record.stage.kind === 'publishing') pass();
    const [begun, ended] = world.entries.slice(1).map(({ detail }) => detail);
    expect(ended).toEqual({ ...begun, kind: 'released' });
  });

  it('moves no tag below a higher release of its scope', () => {
    const world = outside();
    let record: ReleaseRun = built;
    for (let pass = 0; pass < 8 && record.stage.kind !== 'published'; pass += 1) {
      const plan = planWith(record, world, {}, { ...judged, movable: { api: [], web: ['v1.2'] } });
      for (const effect of plan.effects) perform(world, effect);
      record = plan.record;
    }
    expect(world.done.filter((each) => each.endsWith(':v1.2'))).toEqual(['quay.io/acme/web:v1.2']);
    const released = world.entries.at(-1)?.detail;
    expect(released?.kind === 'released' && released.images.map(({ moving }) => moving)).toEqual([[], ['v1.2']]);
  });

  it('keeps a tag that it has moved, though somebody writes a higher version before that is written down', () => {
    const world = outside();
    let record: ReleaseRun = built;
    const isMoved = (): boolean => world.done.some((each) => each.endsWith(':v1.2'));
    for (let pass = 0; pass < 12 && record.stage.kind !== 'published'; pass += 1) {
      const movable = isMoved() ? { api: [], web: [] } : { api: ['v1.2'], web: ['v1.2'] };
      const plan = planWith(record, world, {}, { ...judged, movable });
      for (const effect of plan.effects) perform(world, effect);
      record = plan.record;
    }
    const released = world.entries.at(-1)?.detail;
    expect(released?.kind === 'released' && released.images.map(({ moving }) => moving)).toEqual([['v1.2'], ['v1.2']]);
  });

  it('moves no tag while a final one is not seen to be set', () => {
    const world = outside();
    let record: ReleaseRun = built;
    for (let pass = 0; pass < 5; pass += 1) {
      const plan = planWith(record, world);
      const isOdd = (effect: (typeof plan.effects)[number]) => effect.kind === 'tag' && effect.tag === 'v1.2.3';
      for (const effect of plan.effects) if (!isOdd(effect)) perform(world, effect);
      record = plan.record;
    }
    expect(record.stage.kind).toBe('publishing');
    expect(world.done).toEqual(['owner', 'releasing']);
  });

  it('of a version that the ledger has from another commit fails, whatever was built', () => {
    const world = outside();
    passes(world, () => null);
    const other: ReleaseRun = { ...built, wish: { ...built.wish, commit: sha('d') } };
    const { record } = planWith(other, world);
    expect(record.stage).toEqual({
      kind: 'failed',
      because: `version already released from ${commit.slice(0, 12)}`,
    });
  });

  it('that was begun is written down as ended from where it was begun, whichever commit of the same tree goes on with it', () => {
    const world = outside();
    let record: ReleaseRun = built;
    while (!kinds(world).includes('releasing')) {
      const plan = planWith(record, world);
      for (const effect of plan.effects) perform(world, effect);
      record = plan.record;
    }
    const twin = { ...wish, commit: sha('d'), by: people.mia };
    record = { ...newRelease(project, twin, 2_000), tree };
    for (let pass = 0; pass < 8 && record.stage.kind !== 'published'; pass += 1) {
      const plan = planWith(record, world);
      for (const effect of plan.effects) perform(world, effect);
      record = plan.record;
    }
    expect(record.stage.kind).toBe('published');
    expect(kinds(world)).toEqual(['owner', 'releasing', 'released']);
    expect(world.entries.at(-1)?.detail).toMatchObject({ kind: 'released', commit, by: people.ada });
  });

  it('on a branch that another App owns sets nothing', () => {
    const world = outside();
    world.entries.push({
      schema: 1,
      sequence: 1,
      repository: 1,
      branch: 'b',
      at: 1,
      detail: { kind: 'owner', app: 8 },
    });
    const end = passes(world, () => null);
    expect(end.stage).toEqual({ kind: 'failed', because: 'nothing was published: App 8 owns the branch' });
    expect(world.done).toEqual([]);
  });
});
