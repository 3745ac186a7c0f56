import { describe, expect, it } from 'vitest';
import { treeKey } from '../../../src/core/presubmit/facts.ts';
import type { PushDraft } from '../../../src/core/push/draft.ts';
import type { PushedFacts } from '../../../src/core/push/facts.ts';
import { reportsOf } from '../../../src/core/push/report-run.ts';
import { takePresses } from '../../../src/core/push/take-presses.ts';
import { type Build, buildIdFor, externalIdFor } from '../../../src/model/build.ts';
import type { ObservedCheckRun } from '../../../src/model/check-run.ts';
import type { JobRecord, JobStatus } from '../../../src/model/presubmit.ts';
import type { PushRun } from '../../../src/model/push.ts';
import { subjectIdOf } from '../../../src/model/subject.ts';
import { aConfig, aJob, aProject, people, sha } from '../../fakes/model-data.ts';

const project = aProject();
const subject = subjectIdOf({ kind: 'push', repository: project.id, branch: 'main' });
const [tip, tree] = [sha('b'), sha('7')];
const unit = aJob('unit');
const after = { ...aJob('after'), needs: [{ job: 'unit', soft: false }] };
const last = { ...aJob('last'), needs: [{ job: 'after', soft: false }] };

const definitionOf = (name: string): string => [unit, after, last].find((job) => job.name === name)?.definition ?? 'd';

const parts = { subject, entry: 'push', commit: tip, job: 'unit', point: {}, definition: 'd', request: 1, attempt: 1 };
const build: Build = {
  id: buildIdFor(parts),
  parts,
  trust: 'trusted',
  state: {
    phase: 'finished',
    result: 'failure',
    because: 'it exited with 1',
    startedAt: 1,
    finishedAt: 2,
    outcome: { image: null, tail: '', annotation: null },
  },
};
const failed = { kind: 'ended', result: 'failure', builds: [build] } as const;
const byNeeds = { kind: 'skipped', byNeeds: true } as const;

function aRecord(job: string, status: JobStatus, over: Partial<JobRecord> = {}): JobRecord {
  const { pool } = unit;
  const definition = definitionOf(job);
  const plain = { tree: { base: tip, tree }, required: true, request: 1, readBack: false };
  return { ...plain, job, definition, pool, because: 'it says so', status, ...over };
}

function aRun(...jobs: readonly JobRecord[]): PushRun {
  const plain = { before: null, at: 1, by: null, tags: {}, version: null, shadow: false };
  return { ...plain, commit: tip, tree, jobs, endedAt: 5 };
}

function press(job: string, over: Partial<ObservedCheckRun> = {}, whyNot: string | null = null) {
  const definition = definitionOf(job);
  const externalId = externalIdFor({ subject, entry: 'push', commit: tip, job, definition, request: 1 });
  const state = { status: 'completed', conclusion: 'failure' } as const;
  const text = { title: 'Failed', summary: 'It failed.', text: '', startedAt: 1, completedAt: 2 };
  return { by: people.ada, whyNot, said: { id: 1, name: job, commit: tip, externalId, state, ...text, ...over } };
}

function facts(presses: readonly ReturnType<typeof press>[] = []): PushedFacts {
  const config = { config: { kind: 'usable', config: aConfig([unit, after, last]), notes: [] }, kinds: new Map() };
  const trees = new Map([[treeKey({ base: tip, tree }), config]]);
  return { subject, presses, trees, line: new Map(), logUrl: () => null, now: 9 } as unknown as PushedFacts;
}

function taken(run: PushRun | null, presses: readonly ReturnType<typeof press>[], at = tip as typeof tip | null) {
  const wants = { pushes: [], below: [], trees: [], indexes: [] };
  const record = { schema: 1, project, branch: 'main', seen: tip, runs: [] } as const;
  const draft: PushDraft = { record, effects: [], reasons: [], wants };
  const [next] = takePresses(draft, facts(presses), run === null ? [] : [run], at);
  const said = draft.effects.flatMap((effect) => (effect.kind === 'report' ? [effect.report] : []));
  return { next, said, reasons: draft.reasons };
}

describe('Re-run on a job of a push', () => {
  it('has what did not pass run again, with what was skipped for its sake, under a request of its own', () => {
    const passed = aRecord('other', { kind: 'ended', result: 'success', builds: [] });
    const run = aRun(aRecord('unit', failed), aRecord('after', byNeeds), aRecord('last', byNeeds), passed);
    const { next, said } = taken(run, [press('unit')]);
    expect(next?.jobs.map(({ job, status, request }) => [job, status.kind, request])).toEqual([
      ['unit', 'blocked', 2],
      ['after', 'blocked', 2],
      ['last', 'blocked', 2],
      ['other', 'ended', 1],
    ]);
    expect(next).toMatchObject({ endedAt: null, request: 2 });
    expect(said).toEqual([]);
  });

  it('pressed twice is run once, and the second is told', () => {
    const { next, said } = taken(aRun(aRecord('unit', failed)), [press('unit'), press('unit')]);
    expect(next?.jobs[0]?.request).toBe(2);
    expect(said.map(({ summary }) => summary)).toEqual([
      'It failed.\n\n* @ada pressed Re-run: it was asked for again since.',
    ]);
  });

  it('is answered beneath what the check run says, for as long as that is told', () => {
    const passed = aRecord('unit', { kind: 'ended', result: 'success', builds: [] });
    const [first, second] = [press('unit'), press('unit', {}, 'it takes write permission')];
    const { next, said } = taken(aRun(passed), [first, second, first]);
    const lines = ['it takes write permission', 'it passed, and nothing is built twice'];
    expect(next?.answers?.map(({ line }) => line)).toEqual(lines.map((line) => `* @ada pressed Re-run: ${line}.`));
    expect(said.at(-1)?.summary).toContain(next?.answers?.map(({ line }) => line).join('\n'));
    const later = reportsOf(facts(), next as PushRun);
    expect(later.map(({ summary }) => summary)).toEqual([said.at(-1)?.summary]);
  });

  it('keeps the newest answers where somebody goes on pressing', () => {
    const passed = aRecord('unit', { kind: 'ended', result: 'success', builds: [] });
    const presses = Array.from({ length: 9 }, (_, index) => press('unit', {}, `reason ${index}`));
    const { next } = taken(aRun(passed), presses);
    expect(next?.answers?.map(({ line }) => line.at(-2))).toEqual(['4', '5', '6', '7', '8']);
  });

  const aborted = { kind: 'ended', result: 'aborted', builds: [] } as const;
  it.each`
    what                            | status                                              | over                          | whyNot        | at          | because
    ${'failed'}                     | ${failed}                                           | ${{}}                         | ${null}       | ${tip}      | ${null}
    ${'dropped before it began'}    | ${aborted}                                          | ${{}}                         | ${null}       | ${tip}      | ${null}
    ${'failed, by a stranger'}      | ${failed}                                           | ${{}}                         | ${'it takes'} | ${tip}      | ${'it takes'}
    ${'passed'}                     | ${{ kind: 'ended', result: 'success', builds: [] }} | ${{}}                         | ${null}       | ${tip}      | ${'it passed, and nothing is built twice'}
    ${'refused by its own file'}    | ${{ kind: 'ended', result: 'failure', builds: [] }} | ${{}}                         | ${null}       | ${tip}      | ${'it would end the same: it says so'}
    ${'skipped'}                    | ${{ kind: 'skipped' }}                              | ${{}}                         | ${null}       | ${tip}      | ${'it was skipped: it says so'}
    ${'skipped for another’s sake'} | ${byNeeds}                                          | ${{}}                         | ${null}       | ${tip}      | ${'it says so: press it there'}
    ${'under way'}                  | ${{ kind: 'building', builds: [] }}                 | ${{}}                         | ${null}       | ${tip}      | ${'it has not ended yet'}
    ${'of an older request'}        | ${failed}                                           | ${{ externalId: 'old/1' }}    | ${null}       | ${tip}      | ${'it was asked for again since'}
    ${'no job'}                     | ${failed}                                           | ${{ name: 'sluice/version' }} | ${null}       | ${tip}      | ${'it only tells what the push means'}
    ${'of a commit that was left'}  | ${failed}                                           | ${{}}                         | ${null}       | ${sha('c')} | ${'main has moved on to cccccccccccc'}
    ${'of a branch that is gone'}   | ${failed}                                           | ${{}}                         | ${null}       | ${null}     | ${'the branch was deleted'}
  `('that $what: $because', ({ status, over, whyNot, at, because }) => {
    const { next, said, reasons } = taken(aRun(aRecord('unit', status)), [press('unit', over, whyNot)], at);
    expect(next?.jobs[0]?.status.kind === 'blocked').toBe(because === null);
    expect(reasons).toHaveLength(1);
    if (because === null) expect(said).toEqual([]);
    else expect(said).toMatchObject([{ summary: expect.stringContaining(`@ada pressed Re-run: ${because}`) }]);
  });

  it('of which nothing is known any more says so on the check run as it stands', () => {
    const { said } = taken(null, [press('unit')]);
    expect(said).toMatchObject([
      { name: 'unit', state: { conclusion: 'failure' }, summary: expect.stringContaining('is not known any more') },
    ]);
  });
});
