import { expect, it } from 'vitest';
import { tellDeparture } from '../../../src/core/gate/report-item.ts';
import { reportQueue } from '../../../src/core/gate/report-queue.ts';
import { sha } from '../../fakes/model-data.ts';
import { aCandidate, aDraft, anAsked, now, theFacts } from './gate-fixture.ts';

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
    reportQueue(draft, theFacts({ now: at }), []);
    return draft.effects.filter(({ kind }) => kind === 'label').length;
  });
  expect(asked).toEqual([1, 0, 0, 1]);
});
