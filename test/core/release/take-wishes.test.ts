import { describe, expect, it } from 'vitest';
import type { ReleaseFacts, ReleasePress } from '../../../src/core/release/facts.ts';
import { releaseCheckId } from '../../../src/core/release/report-release.ts';
import { newRelease } from '../../../src/core/release/take-wishes.ts';
import { externalIdFor } from '../../../src/model/build.ts';
import type { JobRecord } from '../../../src/model/presubmit.ts';
import type { ReleaseRun } from '../../../src/model/release-run.ts';
import { people, sha } from '../../fakes/model-data.ts';
import { built, commit, factsOf, images, judged, outside, planWith, project, tree, wish } from './release-fixture.ts';

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

describe('a release that is not judged yet', () => {
  const trouble = { because: 'the forge gives no answer', since: 1_000 };
  const unread = { kind: 'unread', because: 'the forge gives no answer' } as const;

  it('goes on under the check run that it has, however often it is pressed; one that was concluded before a loss gets another', () => {
    const facts = { presses: [press()] };
    expect(planWith({ ...asked, trouble }, outside(), facts, unread).record).toMatchObject({ revision: 1 });
    const found = planWith({ ...asked, wasTold: true }, outside(), facts, unread).record;
    expect(found).toMatchObject({ revision: 2, pressedBy: people.boss });
    expect(found.wasTold).toBeUndefined();
  });

  it('is judged by who pushed it, where that is told before it could be', () => {
    const nobody = { ...asked, wish: { ...wish, by: null }, trouble };
    const told = planWith(nobody, outside(), { wishes: [wish] }, unread).record;
    expect(told).toMatchObject({ wish: { by: people.ada }, revision: 1 });
    expect(planWith(told, outside(), { wishes: [{ ...wish, by: null }] }, unread).record.wish.by).toEqual(people.ada);
    expect(planWith(told, outside(), { wishes: [{ ...wish, by: people.boss }] }, unread).record.wish.by).toEqual(
      people.ada,
    );
  });

  it('makes room for another commit, and what was said on the first has an end', () => {
    const other = { ...wish, commit: sha('d') };
    const { record, effects } = planWith({ ...asked, trouble }, outside(), { wishes: [other] }, unread);
    expect(record.wish.commit).toBe(sha('d'));
    const because = 'v1.2.3 is asked for from dddddddddddd since';
    const ended = { commit, title: because, state: { status: 'completed', conclusion: 'cancelled' } };
    expect(effects).toContainEqual({ kind: 'report', report: expect.objectContaining(ended) });
    // Whose word is heard again does not take it back, but where the other came to nothing.
    const back = planWith({ ...record, trouble }, outside(), { wishes: [wish] }, unread).record;
    expect(back.wish.commit).toBe(sha('d'));
    const failed = { ...record, stage: { kind: 'failed', because: 'it did not build' } } as const;
    expect(planWith(failed, outside(), { wishes: [wish] }, unread).record).toMatchObject({
      wish: { commit },
      revision: 2,
    });
  });
});

it.each([
  ['just now', 10_000, 60_000],
  ['for a quarter of an hour', 901_000, 150_000],
  ['for a day', 86_401_000, 300_000],
])('a release is looked at the seldomer the longer it is held: %s', (_, now, waitMs) => {
  const waits = { ...held, endedAt: null, stage: { ...held.stage, hasButton: false } as ReleaseRun['stage'] };
  const backwards = { ...judged, decided: { row: 'V14', kind: 'held', because: 'v1.2.4 is there' } } as const;
  const { record, wakeAt } = planWith(waits, outside(), { now }, backwards);
  expect(record.stage.kind).toBe('held');
  expect(wakeAt).toBe(now + waitMs);
});

it('a release that goes on under a check run that was given up meanwhile has a new one', () => {
  const backwards = { ...judged, decided: { row: 'V14', kind: 'held', because: 'v1.2.4 is there' } } as const;
  const waits = { ...held, endedAt: null, stage: { ...held.stage, hasButton: false } as ReleaseRun['stage'] };
  const own = (run: ReleaseRun) => releaseCheckId(factsOf(outside()).subject, run);
  expect(planWith(waits, outside(), {}, backwards).record.revision).toBe(waits.revision);
  const { record, effects } = planWith(waits, outside(), { told: new Set([own(waits)]) }, backwards);
  expect(record.revision).toBe(waits.revision + 1);
  const said = { externalId: own(record), commit, state: { status: 'queued' } };
  expect(effects).toContainEqual({ kind: 'report', report: expect.objectContaining(said) });
  // What ended stands there as it ended.
  expect(planWith(held, outside(), { told: new Set([own(held)]) }, refusing).record.revision).toBe(held.revision);
});

it('a release that comes back to a commit gets a check run there that was never told its end', () => {
  const [trouble, unread] = [
    { because: 'it is away', since: 1_000 },
    { kind: 'unread', because: 'it is away' },
  ] as const;
  const given = { ...asked, revision: 2, trouble };
  const other = planWith(given, outside(), { wishes: [{ ...wish, commit: sha('d') }] }, unread).record;
  expect(other).toMatchObject({ wish: { commit: sha('d') }, revision: 1 });
  const failed = { ...other, stage: { kind: 'failed', because: 'it did not build' } } as const;
  const backTo = (record: ReleaseRun, begun: ReleaseFacts['begun'] = new Map()) =>
    planWith(record, outside(), { wishes: [wish], begun }, unread).record;
  expect(backTo(failed)).toMatchObject({ wish: { commit }, revision: 3 });
  // What was told is remembered by the forge alone.
  const told = { revision: 4, by: null, state: { status: 'completed', conclusion: 'cancelled' }, title: '' } as const;
  const { orphans: _, ...rest } = failed;
  expect(backTo(rest, new Map([[commit, { told, lost: [], own: [] }]]))).toMatchObject({ revision: 5 });
});

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

  it('keeps who asked for it first while it waits for something else than a person, under the same check run', () => {
    const waits = { ...held, stage: { ...held.stage, hasButton: false }, endedAt: null } as ReleaseRun;
    const { record } = planWith(waits, outside(), { wishes: [{ ...wish, by: people.boss }] });
    expect(record).toMatchObject({ revision: 1, wish: { by: people.ada } });
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

  const parts = { subject: 'release/4711/1.2.3', entry: 'push', commit, job: 'publish', definition: 'd', request: 1 };
  const state = { status: 'completed', conclusion: 'failure' } as const;
  const text = { title: 'Failed', summary: 'It failed.', text: '', startedAt: 1, completedAt: 2 };
  const said = { id: 1, name: 'publish', commit, externalId: externalIdFor(parts), state, ...text };
  const onJob = press({ button: 'rerun', said });
  const jobOf = (result: 'failure' | 'success'): JobRecord => ({
    job: 'publish',
    definition: 'd',
    pool: 'default',
    tree: { base: commit, tree },
    required: true,
    request: 1,
    readBack: true,
    because: 'it says so',
    status: { kind: 'ended', result, builds: [] },
  });
  const plainRun = {
    commit,
    tree,
    before: null,
    at: 1,
    by: null,
    tags: {},
    version: null,
    shadow: false,
    endedAt: null,
  };
  const failedBy = (result: 'failure' | 'success'): ReleaseRun => ({
    ...asked,
    stage: { kind: 'failed', because: 'publish ended with failure' },
    run: { ...plainRun, jobs: [jobOf(result)] },
    endedAt: 2_000,
  });

  it('by Re-run on a job that did not pass is begun again whole, once', () => {
    const { record, effects } = planWith(failedBy('failure'), outside(), { presses: [onJob, onJob] }, refusing);
    expect(record).toMatchObject({ revision: 2, stage: { kind: 'held' } });
    const second = effects.flatMap((effect) => (effect.kind === 'report' ? [effect.report] : []))[0];
    expect(second).toMatchObject({ name: 'publish', summary: expect.stringContaining('it was asked for again since') });
  });

  it.each`
    what                           | record                                                     | over                      | because
    ${'that passed'}               | ${failedBy('success')}                                     | ${{}}                     | ${'it passed, and nothing is built twice'}
    ${'by a stranger'}             | ${failedBy('failure')}                                     | ${{ whyNot: 'it takes' }} | ${'it takes'}
    ${'of another commit'}         | ${failedBy('failure')}                                     | ${{ head: sha('d') }}     | ${'v1.2.3 is released from cccccccccccc'}
    ${'while the rest goes on'}    | ${{ ...failedBy('failure'), stage: { kind: 'building' } }} | ${{}}                     | ${'the release that it belongs to has not ended yet'}
    ${'of which nothing is known'} | ${{ ...failedBy('failure'), run: null }}                   | ${{}}                     | ${'it was asked for again since'}
  `('by Re-run on a job $what is answered on that check run: $because', ({ record: given, over, because }) => {
    const { record, effects } = planWith(given, outside(), { presses: [{ ...onJob, ...over }] });
    expect(record.revision).toBe(1);
    const reports = effects.flatMap((effect) => (effect.kind === 'report' ? [effect.report] : []));
    expect(reports).toContainEqual(
      expect.objectContaining({ name: 'publish', summary: expect.stringContaining(`pressed Re-run: ${because}`) }),
    );
  });

  it('by Re-run on its own check run while it goes on is told so there', () => {
    const { effects } = planWith(built, outside(), { presses: [press({ button: 'rerun' })] });
    expect(effects).toContainEqual(
      expect.objectContaining({
        report: expect.objectContaining({ summary: expect.stringContaining('it has not ended yet') }),
      }),
    );
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

it('a commit that does not release what another does has an end of what stands open of it there, once', () => {
  const other = { ...wish, commit: sha('d') };
  const plain = { name: 'sluice/release/v1.2.3', title: '', summary: '', text: '', annotations: [], actions: [] };
  const ended = { state: { status: 'completed', conclusion: 'cancelled' }, detailsUrl: null, startedAt: 1 } as const;
  const own = { ...plain, ...ended, completedAt: 2, commit: other.commit, externalId: 'sluice-release-d/1' };
  const job = { ...own, name: 'ship', externalId: 'dd/1' };
  const begun = new Map([[other.commit, { told: null, lost: [job], own: [own] }]]);
  const because = 'v1.2.3 is asked for from cccccccccccc since';
  const { record, effects } = planWith(built, outside(), { wishes: [other, other], begun });
  expect(record).toMatchObject({
    wish: { commit },
    orphans: [{ externalId: own.externalId }, { externalId: job.externalId }],
  });
  expect(effects).toContainEqual({
    kind: 'report',
    report: expect.objectContaining({ ...own, title: because, summary: `${because}.` }),
  });
});

describe('a release of which an old backup knows less than the forge shows', () => {
  const told = { revision: 2, by: people.boss, title: 'V11: release', state: { status: 'in_progress' } } as const;
  const cut = { ...held, wish: { ...wish, by: people.ada, held: 'it is unreleased on the new branch' } };
  const goOn = (shown: Partial<typeof told> | null) => {
    const begun = new Map([[commit, { told: shown && { ...told, ...shown }, lost: [], own: [] }]]);
    return planWith(cut, outside(), { wishes: [{ ...wish, by: null }], begun }, refusing).record;
  };

  it('goes on in the check run that is shown, for whom that one says', () => {
    expect(goOn({})).toMatchObject({ revision: 2, wish: { by: people.boss, held: null } });
  });

  it('gives nobody a right that the check run does not tell of', () => {
    expect(goOn({ by: null } as object)).toMatchObject({ revision: 2, wish: { by: null, held: cut.wish.held } });
  });

  it('is left as it is where the forge shows no more than is known', () => {
    expect(goOn({ revision: 1 } as object)).toMatchObject({ revision: 1, stage: { kind: 'held' }, endedAt: 2_000 });
    expect(goOn(null)).toMatchObject({ revision: 1, endedAt: 2_000 });
  });
});

it('a release that failed and was not told so yet is told so all the same when another commit takes its place, once', () => {
  const failed: ReleaseRun = { ...asked, stage: { kind: 'failed', because: 'it did not build' }, endedAt: 2_000 };
  const [said] = planWith(failed, outside()).effects;
  if (said?.kind !== 'report') throw new Error('nothing is said of it');
  const { externalId } = said.report;
  const other = { ...wish, commit: sha('d') };
  const endsWith = (told: readonly string[]) =>
    planWith(failed, outside(), { wishes: [other], told: new Set(told) }, refusing).record.orphans;
  expect(endsWith([])).toMatchObject([{ externalId, state: { status: 'completed', conclusion: 'failure' } }]);
  expect(endsWith([externalId])).toEqual([]);
});
