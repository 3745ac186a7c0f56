import { expect, it } from 'vitest';
import { partsOf } from '../../../src/core/gate/gate-jobs.ts';
import { tellDeparture } from '../../../src/core/gate/report-item.ts';
import { reportQueue } from '../../../src/core/gate/report-queue.ts';
import { jobTable } from '../../../src/core/gate/tell-tested.ts';
import { buildIdFor } from '../../../src/model/build.ts';
import { aJob, sha } from '../../fakes/model-data.ts';
import { aCandidate, aDraft, aJobRecord, anAsked, anItem, idOf, now, theFacts } from './gate-fixture.ts';

const landed = { kind: 'landed', commit: sha('5') } as const;

it('says what a change landed on the strength of, also when only its ledger knows', () => {
  const change = anAsked(1);
  const tested = tellDeparture({ change, departure: landed, candidate: aCandidate(sha('5')), at: now }, theFacts());
  expect(tested.summary).toContain('unit passed.');
  const lost = tellDeparture({ change, departure: landed, candidate: null, at: now }, theFacts());
  expect(lost.summary).toBe('Its ledger says that it has landed.');
});

it('begins with the name of a job as it is written, and with a capital else', () => {
  const candidate = aCandidate(sha('5'), { ahead: [4] });
  const told = (because: string): string =>
    tellDeparture({ change: anAsked(1), departure: { kind: 'rejected', because }, candidate, at: now }, theFacts())
      .summary;
  expect(told('unit did not pass')).toMatch(/^unit did not pass\. Push a fix/);
  expect(told('it conflicts')).toMatch(/^It conflicts\./);
  expect(told('it conflicts')).toContain('Tested on top of #4, which is ahead, as');
});

it('says of a job that did not pass why, and of one that did why it ran', () => {
  const noOutcome = { image: null, tail: '', annotation: null };
  const builds = (['success', 'error'] as const).map((result) => {
    const parts = {
      ...partsOf(theFacts(), anItem(1), aCandidate(sha('5')), aJob('unit'), null),
      point: { image: result },
    };
    const state = { phase: 'finished', result, because: `it is ${result} | x`, startedAt: 1, finishedAt: 2 } as const;
    return { id: buildIdFor(parts), parts, trust: 'approved', state: { ...state, outcome: noOutcome } } as const;
  });
  const table = (result: 'success' | 'error'): string =>
    jobTable([aJobRecord('unit', { kind: 'ended', result, builds }, { because: 'it is automatic' })], theFacts());
  expect(table('error')).toContain("| could not be run (ours, not the change's) | it is error \\| x |");
  expect(table('success')).toContain('| passed | it is automatic |');
});

it('has the label of what left taken off once, and again only after a minute', () => {
  const left = {
    change: anAsked(1),
    departure: { kind: 'withdrawn', because: 'x' },
    candidate: null,
    at: now,
  } as const;
  const draft = aDraft({ leaving: [left] });
  const asked = [now, now + 1_000, now + 59_000, now + 60_000].map((at) => {
    draft.effects.length = 0;
    reportQueue(draft, theFacts({ now: at }), [], null);
    return draft.effects.filter(({ kind }) => kind === 'label').length;
  });
  expect(asked).toEqual([1, 0, 0, 1]);
});

it('tells people why what is green does not land yet, where what was said of it may not be known', () => {
  const draft = aDraft({ items: [anItem(1), anItem(2)] });
  reportQueue(draft, theFacts({ unheard: new Map([[idOf(1), 'it is read again']]) }), [], null);
  const told = draft.effects.flatMap((effect) =>
    effect.kind === 'on' && effect.effect.kind === 'report' ? [effect.effect.report.summary] : [],
  );
  expect(told.map((summary) => summary.includes('It does not land yet: it is read again.'))).toEqual([true, false]);
});
