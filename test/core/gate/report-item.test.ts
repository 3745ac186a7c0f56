import { expect, it } from 'vitest';
import { tellDeparture } from '../../../src/core/gate/report-item.ts';
import { sha } from '../../fakes/model-data.ts';
import { aCandidate, anAsked, now, theFacts } from './gate-fixture.ts';

const landed = { kind: 'landed', commit: sha('5') } as const;

it('says what a change landed on the strength of, also when only its ledger knows', () => {
  const change = anAsked(1);
  const tested = tellDeparture({ change, departure: landed, candidate: aCandidate(sha('5')), at: now }, theFacts());
  expect(tested.summary).toContain('Unit passed.');
  const lost = tellDeparture({ change, departure: landed, candidate: null, at: now }, theFacts());
  expect(lost.summary).toBe('Its ledger says that it has landed.');
});
