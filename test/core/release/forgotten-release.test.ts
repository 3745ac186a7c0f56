import { describe, expect, it } from 'vitest';
import type { ReleasePress } from '../../../src/core/release/facts.ts';
import { lostJob } from '../../../src/core/release/report-release.ts';
import { beginAt, newRelease } from '../../../src/core/release/take-wishes.ts';
import { externalIdFor } from '../../../src/model/build.ts';
import type { CheckStatus, ObservedCheckRun } from '../../../src/model/check-run.ts';
import type { JobRecord } from '../../../src/model/presubmit.ts';
import type { ReleaseRun } from '../../../src/model/release-run.ts';
import { people, sha } from '../../fakes/model-data.ts';
import { commit, factsOf, judged, outside, planWith, project, tree, wish } from './release-fixture.ts';

const asked = newRelease(project, wish, 1_000);
const press = (over: Partial<ReleasePress> = {}): ReleasePress => ({
  button: 'release',
  head: commit,
  by: people.boss,
  whyNot: null,
  ...over,
});
const refusing = { ...judged, decided: { row: 'V16', kind: 'held', because: 'nobody may' } } as const;

describe('a release of which only its check run is remembered', () => {
  const told = (conclusion: 'failure' | 'action_required' | 'success' | 'cancelled', title: string) =>
    beginAt(project, wish, 1_000, {
      told: { revision: 2, by: null, title, state: { status: 'completed', conclusion } },
      lost: [],
      own: [],
    });

  it('that failed is not begun again because somebody pressed who may not, but by who may', () => {
    const failed = told('failure', 'V11: ship ended with failure');
    const refused = planWith(failed, outside(), {
      presses: [press({ button: 'rerun', whyNot: 'it takes write permission' })],
    });
    expect(refused.record).toMatchObject({
      stage: { kind: 'failed' },
      revision: 2,
      refusals: [expect.stringContaining('write permission')],
    });
    const begun = planWith(failed, outside(), { presses: [press({ button: 'rerun' })] });
    expect(begun.record).toMatchObject({ revision: 3, stage: { because: 'no job runs on `release` for it' } });
  });

  it('that was held is held, and asked for by somebody else it is judged in a check run of its own', () => {
    const held = told('action_required', 'V16: ada is not in `initiators`');
    expect(held).toMatchObject({ stage: { kind: 'held', hasButton: true }, wish: { by: null }, revision: 2 });
    const asking = { wishes: [{ ...wish, by: people.boss }] };
    expect(planWith(held, outside(), asking).record).toMatchObject({ revision: 3, wish: { by: people.boss } });
  });

  it('at a commit that takes the place of another ends what stands open there', () => {
    const other = { ...wish, commit: sha('d') };
    const plain = { name: 'ship', commit: sha('d'), externalId: 'ship-id/1', title: '', summary: '', text: '' };
    const run = { ...plain, id: 7, startedAt: 1, completedAt: null, state: { status: 'queued' } } as const;
    const begun = new Map([[sha('d'), { told: null, lost: [lostJob(run, 2_000)], own: [] }]]);
    const failed = { ...asked, stage: { kind: 'failed', because: 'it did not build' } } as const;
    const { effects } = planWith(failed, outside(), { wishes: [other], begun }, refusing);
    const ended = { externalId: 'ship-id/1', state: { status: 'completed', conclusion: 'cancelled' } };
    expect(effects).toContainEqual({ kind: 'report', report: expect.objectContaining(ended) });
  });

  it('of which a job was told its end is begun anew, as no final check run is reopened (commands.md §6), and what stands open ends', () => {
    const run = (name: string, request: number, state: CheckStatus): ObservedCheckRun => {
      const plain = { name, commit, externalId: `${name}-id/${request}`, title: '', summary: '', text: '' };
      return { ...plain, id: request, startedAt: 1, completedAt: null, state };
    };
    const passed = { status: 'completed', conclusion: 'success' } as const;
    const ship = run('ship', 1, { status: 'queued' });
    const own = [run('prove', 1, passed), ship, run('other', 5, passed)];
    const job = (name: string) =>
      ({ pipeline: 'release', job: name, decision: 'run', reason: '', images: [] }) as const;
    const planned = [job('prove'), job('ship'), { ...job('other'), decision: 'skip' } as const];
    const found = beginAt(project, wish, 1_000, { told: null, lost: [lostJob(ship, 2_000)], own: [] });
    const anew = planWith(found, outside(), {}, { ...judged, planned, own });
    expect(anew.record).toMatchObject({ stage: { kind: 'planned' }, revision: 2 });
    const ended = (externalId: unknown) => ({
      kind: 'report',
      report: expect.objectContaining({ externalId, state: { status: 'completed', conclusion: 'cancelled' } }),
    });
    expect(anew.effects).toContainEqual(ended('ship-id/1'));
    expect(anew.effects).toContainEqual(ended(expect.stringMatching(/^sluice-release-.*\/1$/)));
    // What was told of an earlier try says nothing of this one.
    const next = planWith(anew.record, outside(), {}, { ...judged, planned, own });
    expect(next.record.revision).toBe(2);
  });

  it.each`
    what                                    | conclusion   | decided
    ${'is begun anew'}                      | ${'success'} | ${judged.decided}
    ${'waits until something else changes'} | ${null}      | ${{ row: 'V14', kind: 'held', because: 'a tag is in the way' }}
    ${'is not let through now'}             | ${null}      | ${refusing.decided}
    ${'is refused now'}                     | ${null}      | ${{ row: 'V14', kind: 'failed', because: 'it goes backwards' }}
  `('of which an old backup knows no job and that $what ends what stands open there', ({ conclusion, decided }) => {
    const state = (ended: 'success' | null): CheckStatus =>
      ended === null ? { status: 'in_progress' } : { status: 'completed', conclusion: ended };
    const run = (name: string, ended: 'success' | null): ObservedCheckRun => {
      const plain = { name, commit, externalId: `${name}-id/1`, title: '', summary: '', text: '' };
      return { ...plain, id: 1, startedAt: 1, completedAt: null, state: state(ended) };
    };
    const own = [run('prove', conclusion), run('ship', null)];
    const planned = ['prove', 'ship'].map(
      (job) => ({ pipeline: 'release', job, decision: 'run', reason: '', images: [] }) as const,
    );
    const { effects, record } = planWith(asked, outside(), {}, { ...judged, planned, own, decided });
    const ended = { externalId: 'ship-id/1', state: { status: 'completed', conclusion: 'cancelled' } };
    expect(effects).toContainEqual({ kind: 'report', report: expect.objectContaining(ended) });
    expect(record.revision).toBe(conclusion === null ? 1 : 2);
  });

  it('has told the end of all its jobs before its own, by which it is found again, and says why at once', () => {
    const record: JobRecord = {
      job: 'ship',
      definition: 'd',
      pool: 'default',
      tree: { base: commit, tree },
      required: true,
      because: 'x',
      request: 1,
      readBack: false,
      status: { kind: 'ended', result: 'failure', builds: [] },
    };
    const plain = {
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
    const run = { ...plain, jobs: [record] };
    const because = 'ship ended with failure';
    const failed: ReleaseRun = { ...asked, stage: { kind: 'failed', because }, run };
    const shown = (plan: ReturnType<typeof planWith>) =>
      plan.effects.flatMap((effect) => (effect.kind === 'report' ? [effect.report] : []));
    const first = planWith(failed, outside());
    const [own, job] = ['sluice/release/v1.2.3', 'ship'].map((name) => shown(first).find((each) => each.name === name));
    expect(own).toMatchObject({ state: { status: 'in_progress' }, title: because, completedAt: null });
    expect(own?.text).toContain('Asked for by @ada');
    expect(job?.state).toMatchObject({ status: 'completed' });
    // What takes its place before that was told leaves nothing open.
    const end = { commit, name: own?.name, title: because, state: { status: 'completed', conclusion: 'failure' } };
    for (const next of [
      { wishes: [{ ...wish, commit: sha('d') }] },
      { presses: [press({ button: 'rerun' })] },
    ] as const)
      expect(shown(planWith(first.record, outside(), next, refusing))).toContainEqual(expect.objectContaining(end));
    const second = planWith(first.record, outside(), { told: new Set([job?.externalId ?? '']) });
    expect(shown(second)).toMatchObject([{ name: own?.name, state: { status: 'completed', conclusion: 'failure' } }]);
  });

  it('of which a job was gone on with and ended is told so of that job, though another commit takes its place before', () => {
    const parts = {
      subject: factsOf(outside()).subject,
      entry: 'push',
      commit,
      job: 'prove',
      definition: 'd',
      request: 1,
    };
    const lost = { id: 7, name: 'prove', commit, externalId: externalIdFor(parts), title: '', summary: '', text: '' };
    const open = { ...lost, startedAt: 1, completedAt: null, state: { status: 'in_progress' } } as const;
    const left = { ...open, name: 'ship', externalId: 'ship-id/1' };
    const begun = beginAt(project, wish, 1_000, {
      told: null,
      lost: [lostJob(open, 2_000), lostJob(left, 2_000)],
      own: [],
    });
    const ended = {
      job: 'prove',
      definition: 'd',
      pool: 'default',
      tree: { base: commit, tree },
      required: true,
    } as const;
    const passed = { kind: 'ended', result: 'success', builds: [] } as const;
    const job: JobRecord = { ...ended, because: 'x', request: 1, readBack: false, status: passed };
    const plain = {
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
    const failed: ReleaseRun = { ...begun, stage: { kind: 'failed', because: 'x' }, run: { ...plain, jobs: [job] } };
    const { record } = planWith(failed, outside(), { wishes: [{ ...wish, commit: sha('d') }] }, refusing);
    const endOf = (id: string) =>
      record.orphans?.filter(({ externalId }) => externalId === id).map(({ state }) => state);
    expect(endOf(lost.externalId)).toEqual([{ status: 'completed', conclusion: 'success' }]);
    expect(endOf('ship-id/1')).toEqual([{ status: 'completed', conclusion: 'cancelled' }]);
    // Nor is it forgotten where the first is asked for again while the forge still shows it open.
    const again = new Map([[commit, { told: null, lost: [lostJob(open, 3_000)], own: [] }]]);
    const other: ReleaseRun = { ...record, stage: { kind: 'failed', because: 'x' } };
    const back = planWith(other, outside(), { wishes: [wish], begun: again }, refusing).record;
    expect(back.wish.commit).toBe(commit);
    expect(back.orphans?.filter(({ name }) => name === 'prove').map(({ state }) => state)).toEqual([
      { status: 'completed', conclusion: 'success' },
    ]);
  });

  it('that was given up for another commit is asked for anew in a check run of its own', () => {
    expect(told('cancelled', 'asked for from another since')).toMatchObject({
      stage: { kind: 'planned' },
      revision: 3,
    });
  });

  it('that was published is brought to its end by the ledger, under the check run that it has', () => {
    expect(told('success', 'V11: released')).toMatchObject({ stage: { kind: 'planned' }, wasTold: true });
  });
});
