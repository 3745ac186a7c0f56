import { describe, expect, it } from 'vitest';
import type { LedgerDetail } from '../../src/model/ledger.ts';
import { saidInLedger } from '../../src/said-in-ledger.ts';
import { people, sha } from '../fakes/model-data.ts';

type Landed = Extract<LedgerDetail, { kind: 'landed' }>;

function detailOf(verdict: Partial<Landed['verdict']>, within?: Landed['within']): string {
  const tested = { commit: sha('c'), tree: sha('7'), checks: [], configuration: '', git: '', at: 1, ...verdict };
  const place = {
    number: 1,
    head: sha('e'),
    from: sha('a'),
    commit: sha('c'),
    method: 'merge',
    by: people.ada,
  } as const;
  const detail: LedgerDetail = { kind: 'landed', ...place, verdict: tested, ...(within ? { within } : {}) };
  return saidInLedger({ schema: 1, sequence: 2, repository: 1, branch: 'main', at: 1, detail }).detail;
}

describe('what a landing stands on', () => {
  const checks = [
    { name: 'unit', conclusion: 'success' },
    { name: 'lint', conclusion: 'skipped' },
  ] as const;
  const within = { number: 7, commit: sha('d') };

  it.each<[string, string]>([
    ['merge; no job applied', detailOf({})],
    ['merge; unit success, lint skipped', detailOf({ checks })],
    ['merge; inside of #7, tested as dddddddddddd', detailOf({}, within)],
    ['merge; unit success, lint skipped; inside of #7, tested as dddddddddddd', detailOf({ checks }, within)],
    [
      'merge; unit success, lint skipped; as it passed on bbbbbbbbbbbb',
      detailOf({ checks, reused: { commit: sha('b'), at: 1 } }),
    ],
    [
      'merge; unit success, lint skipped; as it passed on bbbbbbbbbbbb, a tree of which no job reads a file that differs',
      detailOf({ checks, reused: { commit: sha('b'), at: 1, tree: sha('8') } }),
    ],
  ])('is told: %s', (expected, detail) => {
    expect(detail).toBe(expected);
  });
});
