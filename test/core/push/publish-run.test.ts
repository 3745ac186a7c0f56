import { expect, it } from 'vitest';
import { isLanded } from '../../../src/core/push/publish-run.ts';
import type { LedgerDetail } from '../../../src/model/ledger.ts';
import { sha } from '../../fakes/model-data.ts';
import { landedEntry, ledgerOf, owned, tip } from '../gate/gate-fixture.ts';

it('what the gate landed is not recorded as pushed: its own images are promoted', () => {
  const reset: LedgerDetail = { kind: 'reset', standing: 0, tip };
  const entries = ledgerOf(owned, landedEntry(1, sha('c1')));
  expect(isLanded(entries, { commit: sha('c1') })).toBe(true);
  expect(isLanded(entries, { commit: sha('c2') })).toBe(false);
  // Taken back, and pushed again by somebody.
  expect(isLanded(ledgerOf(owned, landedEntry(1, sha('c1')), reset), { commit: sha('c1') })).toBe(false);
});
