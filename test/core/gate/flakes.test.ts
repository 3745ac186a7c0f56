import { describe, expect, it } from 'vitest';
import { flakesOf } from '../../../src/core/gate/flakes.ts';
import type { LedgerDetail } from '../../../src/model/ledger.ts';
import { sha } from '../../fakes/model-data.ts';
import { landedEntry, ledgerOf, owned } from './gate-fixture.ts';

function landed(number: number, flakes: Readonly<Record<string, number>>): LedgerDetail {
  const entry = landedEntry(number, sha(`${number}`));
  if (entry.kind !== 'landed') throw new Error('it is one that landed');
  const checks = ['unit', 'e2e'].map((name) => ({ name, conclusion: 'success' as const }));
  const recorded = Object.entries(flakes).map(([job, failures]) => ({ job, failures, builds: [`b-${job}-${number}`] }));
  return { ...entry, verdict: { ...entry.verdict, checks, ...(recorded.length > 0 ? { flakes: recorded } : {}) } };
}

describe('the flaky jobs of a branch', () => {
  it('are those that failed on a tree on which they passed, the worst first', () => {
    const entries = ledgerOf(
      owned,
      landed(1, { unit: 1 }),
      landed(2, {}),
      landed(3, { e2e: 2, unit: 1 }),
      landed(4, { e2e: 1 }),
    );
    expect(flakesOf(entries, null)).toEqual([
      {
        job: 'e2e',
        passed: 4,
        flaked: 3,
        rate: 3 / 7,
        evidence: [
          expect.objectContaining({ number: 4, failures: 1, builds: ['b-e2e-4'] }),
          expect.objectContaining({ number: 3, failures: 2 }),
        ],
      },
      expect.objectContaining({ job: 'unit', passed: 4, flaked: 2, rate: 2 / 6 }),
    ]);
  });

  it('are none where nothing failed, and none of before the time that is asked for', () => {
    expect(flakesOf(ledgerOf(owned, landed(1, {})), null)).toEqual([]);
    const entries = ledgerOf(owned, landed(1, { unit: 1 })).map((entry) => ({ ...entry, at: 1_000 }));
    expect(flakesOf(entries, 1_000)).toHaveLength(1);
    expect(flakesOf(entries, 1_001)).toEqual([]);
  });

  it('are told with the newest five landings', () => {
    const many = Array.from({ length: 7 }, (_, at) => landed(at + 1, { unit: 1 }));
    const [unit] = flakesOf(ledgerOf(owned, ...many), null);
    expect(unit?.evidence.map(({ number }) => number)).toEqual([7, 6, 5, 4, 3]);
    expect(unit?.flaked).toBe(7);
  });
});
