import { expect, it } from 'vitest';
import { candidateKey, candidateOn } from '../../../src/core/gate/candidates.ts';
import type { CandidateFact } from '../../../src/core/gate/facts.ts';
import { planQueue } from '../../../src/core/gate/plan-queue.ts';
import { anItem, aRecord, headOf, idOf, main, theFacts, tip } from './gate-fixture.ts';

const conflict: CandidateFact = { kind: 'conflict', paths: ['a.txt'] };

it.each<[string, readonly number[], number | null]>([
  ['the one ahead of it', [2], 2],
  ['none by name where several are ahead, as nobody looked which', [2, 3], null],
  ['none where it stands on what has landed', [], null],
])('a conflict is with %s', (_, ahead, expected) => {
  const made = new Map([[candidateKey(main, tip, headOf(1)), conflict]]);
  const ground = { parents: { [main]: tip }, ahead: ahead.map(idOf) };
  expect(candidateOn(aRecord(), anItem(1), theFacts({ made }), ground)).toMatchObject({ with: expected });
});

it('a head of which no candidate can ever be made leaves at once, with the reason, and is not tried again', () => {
  const made = new Map<string, CandidateFact>([
    [
      candidateKey(main, tip, headOf(1)),
      { kind: 'impossible', because: 'c1 is a merge commit, which cannot be rebased' },
    ],
  ]);
  const { record } = planQueue(aRecord({ items: [anItem(1)] }), theFacts({ made }));
  expect(record.items).toEqual([]);
  expect(record.leaving.map(({ departure }) => departure)).toEqual([
    { kind: 'rejected', because: 'c1 is a merge commit, which cannot be rebased' },
  ]);
});
