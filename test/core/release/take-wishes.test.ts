import { describe, expect, it } from 'vitest';
import type { ReleasePress } from '../../../src/core/release/facts.ts';
import { newRelease } from '../../../src/core/release/take-wishes.ts';
import type { ReleaseRun } from '../../../src/model/release-run.ts';
import { people, sha } from '../../fakes/model-data.ts';
import { built, commit, images, judged, outside, planWith, project, wish } from './release-fixture.ts';

const asked = newRelease(project, wish, 1_000);
const heldFor = (because: string): ReleaseRun => ({
  ...asked,
  stage: { kind: 'held', because, hasButton: true },
  endedAt: 2_000,
});
const held = heldFor('ada is not in `initiators`');
const press = (over: Partial<ReleasePress> = {}): ReleasePress => ({
  button: 'release',
  head: commit,
  by: people.boss,
  whyNot: null,
  ...over,
});
const refusing = { ...judged, decided: { row: 'V16', kind: 'held', because: 'nobody may' } } as const;

describe('a release that is held', () => {
  it('is judged anew in a check run of its own once somebody presses who may', () => {
    const { record } = planWith(held, outside(), { presses: [press()] });
    expect(record).toMatchObject({ pressedBy: people.boss, revision: 2 });
    expect(record.stage.kind).not.toBe('held');
  });

  it('stays held for who may not, and tells them why', () => {
    const { record, effects } = planWith(held, outside(), { presses: [press({ whyNot: 'boss is not in it' })] });
    expect(record).toMatchObject({ stage: held.stage, pressedBy: null, revision: 1 });
    const said = effects.find((effect) => effect.kind === 'report');
    expect(said).toMatchObject({
      report: { summary: expect.stringContaining('boss pressed the button: boss is not in it') },
    });
  });

  it('is not released from another commit than the one whose button was pressed', () => {
    const { record } = planWith(held, outside(), { presses: [press({ head: sha('d') })] });
    expect(record).toMatchObject({ stage: held.stage, pressedBy: null });
  });

  it('has a button of at most twenty characters', () => {
    const long = { ...held, wish: { ...wish, version: 'v100.200.300-rc.1' } };
    for (const [record, label] of [
      [held, 'Release v1.2.3'],
      [long, 'Release it'],
    ] as const) {
      const said = planWith(record, outside()).effects.find((effect) => effect.kind === 'report');
      expect(said).toMatchObject({ report: { actions: [{ identifier: 'release', label }] } });
    }
  });

  it('is judged anew once it is told who pushed it, and not by the same word again', () => {
    const unknown = { ...held, wish: { ...wish, by: null } };
    const told = planWith(unknown, outside(), { wishes: [wish] }, refusing).record;
    expect(told).toMatchObject({ wish: { by: people.ada }, revision: 2, stage: { kind: 'held' } });
    expect(planWith(told, outside(), { wishes: [wish] }, refusing).record.revision).toBe(2);
  });
});

describe('a release that is asked for again', () => {
  const other = { ...wish, commit: sha('d') };

  it('from another commit takes the place of one that has come to nothing', () => {
    const failed: ReleaseRun = { ...asked, stage: { kind: 'failed', because: 'it did not build' }, endedAt: 2_000 };
    expect(planWith(failed, outside(), { wishes: [other] }, refusing).record.wish.commit).toBe(other.commit);
  });

  it('from another commit changes nothing while one is under way', () => {
    expect(planWith(built, outside(), { wishes: [other] }).record.wish.commit).toBe(commit);
  });

  it('by Re-run after it was published is verified, and builds nothing', () => {
    const published: ReleaseRun = { ...built, stage: { kind: 'published', images }, endedAt: 2_000 };
    const { record, effects } = planWith(published, outside(), { presses: [press({ button: 'rerun' })] });
    expect(record).toMatchObject({
      stage: { kind: 'failed', because: 'the ledger does not know it any more' },
      revision: 2,
    });
    expect(effects.every(({ kind }) => kind === 'report')).toBe(true);
  });
});
