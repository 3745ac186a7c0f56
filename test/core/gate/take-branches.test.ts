import { describe, expect, it } from 'vitest';
import type { BranchFacts } from '../../../src/core/gate/facts.ts';
import { takeBranches } from '../../../src/core/gate/take-branches.ts';
import type { LedgerDetail } from '../../../src/model/ledger.ts';
import type { LedgerWish, QueueRecord } from '../../../src/model/queue.ts';
import type { Sha } from '../../../src/model/sha.ts';
import { people, sha } from '../../fakes/model-data.ts';
import { settings } from './entry/entry-fixture.ts';
import {
  aBranch,
  aDraft,
  anItem,
  headOf,
  landedEntry,
  ledgerHead,
  ledgerOf,
  main,
  now,
  theFacts,
  tip,
} from './gate-fixture.ts';

const frozen: LedgerDetail = { kind: 'frozen', by: people.boss, because: 'repairs' };
const thawed: LedgerDetail = { kind: 'thawed', by: people.boss };
const freeze: LedgerWish = { kind: 'frozen', by: people.boss, because: 'a new wish', at: now };
const thaw: LedgerWish = { kind: 'thawed', by: people.boss, because: '', at: now };

function taken(branch: BranchFacts, over: Partial<QueueRecord> = {}) {
  const draft = aDraft(over);
  takeBranches(draft, theFacts({ branches: new Map([[main, branch]]) }));
  const written = draft.effects.flatMap((effect) => (effect.kind === 'append' ? [effect.entry] : []));
  return { record: draft.record, reasons: draft.reasons, written, effects: draft.effects };
}

describe('where a branch is and what its ledger says', () => {
  it('are taken up as read, the landings of the ledger among it', () => {
    const reading = {
      tip: sha('c1'),
      ledger: {
        kind: 'whole',
        head: sha('8'),
        entries: ledgerOf({ kind: 'owner', app: 77 }, landedEntry(1, sha('c1'))),
      },
    } as const;
    const { record, reasons } = taken(aBranch({ reading, standing: new Set([2]) }));
    expect(record.branches[0]).toMatchObject({
      tip: sha('c1'),
      ledger: sha('8'),
      landed: [{ number: 1, head: headOf(1), commit: sha('c1') }],
    });
    expect(reasons.join()).toContain(sha('c1').slice(0, 12));
  });

  it('stay as they were where nothing could be read, a freeze too', () => {
    const before = { frozen: { by: null, because: 'repairs', at: 1 } };
    const { record } = taken(aBranch({ reading: null }), before);
    expect(record).toEqual(aDraft(before).record);
  });

  it('at most 200 landings are kept, the newest', () => {
    const many = Array.from({ length: 230 }, (_, index) => landedEntry(index + 1, sha('c1')));
    const { record } = taken(aBranch({ landed: many }));
    expect(record.branches[0]?.landed.map(({ number }) => number)).toEqual(
      Array.from({ length: 200 }, (_, index) => index + 31),
    );
  });

  it('a landing that a reset took back counts no more', () => {
    const landed = [1, 2, 3].map((number) => landedEntry(number, sha(`c${number}`)));
    const { record } = taken(aBranch({ landed, standing: new Set([2, 4]) }));
    expect(record.branches[0]?.landed.map(({ number }) => number)).toEqual([1, 3]);
  });

  it('what passed on the tip is known where the gate landed it, and not once the branch was moved by others', () => {
    const entries = ledgerOf({ kind: 'owner', app: 77 }, landedEntry(1, sha('c1')));
    const at = (commit: Sha) =>
      aBranch({ reading: { tip: commit, ledger: { kind: 'whole', head: ledgerHead, entries } } });
    const { record } = taken(at(sha('c1')));
    expect(record.branches[0]?.proven).toEqual(['unit']);
    expect(taken(at(sha('c2')), record).record.branches[0]).not.toHaveProperty('proven');
  });

  it('the window begins as the project says, and only once', () => {
    const facts = aBranch({ settings: settings({ window: { start: 7, floor: 1 } }) });
    expect(taken(facts, { window: 0 }).record.window).toBe(7);
    expect(taken(facts, { window: 2 }).record.window).toBe(2);
  });
});

describe('a freeze is what the ledger says', () => {
  it.each<[string, readonly LedgerDetail[], LedgerWish | null, string | null, string | null, boolean]>([
    ['nothing was said', [], null, null, null, false],
    ['frozen', [frozen], null, 'repairs', null, false],
    ['frozen and thawed again', [frozen, thawed], null, null, null, false],
    ['frozen before something landed', [frozen, landedEntry(1, sha('c1'))], null, 'repairs', null, false],
    ['a freeze is wished: it counts at once and is written', [], freeze, 'a new wish', 'frozen', true],
    ['a thaw is wished: frozen until it is written', [frozen], thaw, 'repairs', 'thawed', true],
    ['a freeze is wished and written', [frozen], freeze, 'repairs', null, false],
    ['a thaw is wished and written', [frozen, thawed], thaw, null, null, false],
  ])('%s', (_, landed, wish, because, written, wishes) => {
    const plan = taken(aBranch({ landed }), { wish });
    expect(plan.record.frozen?.because ?? null).toBe(because);
    expect(plan.written.map(({ detail }) => detail.kind).join() || null).toBe(written);
    expect(plan.record.wish !== null).toBe(wishes);
  });

  it('what is written has the next number, names the newest entry known, and is the same each time', () => {
    const once = taken(aBranch({ landed: [frozen] }), { wish: thaw });
    expect(once.written[0]).toMatchObject({ sequence: 3, at: now, detail: { kind: 'thawed', by: people.boss } });
    expect(once.effects[0]).toMatchObject({ kind: 'append', ledger: ledgerHead });
    expect(taken(aBranch({ landed: [frozen] }), { wish: thaw }).written).toEqual(once.written);
  });
});

describe('one App owns a branch', () => {
  const empty = aBranch({ reading: { tip, ledger: { kind: 'whole', head: null, entries: [] } } });

  it('the first that has something to land writes itself down', () => {
    const { written, record } = taken(empty, { items: [anItem(1)] });
    expect(written).toMatchObject([{ sequence: 1, detail: { kind: 'owner', app: 77 } }]);
    expect(record.frozen).toBeNull();
  });

  it('a branch without a queue is left alone', () => {
    expect(taken(empty).effects).toEqual([]);
  });

  it.each<[string, LedgerDetail, RegExp]>([
    ['another App stands aside', { kind: 'owner', app: 1234 }, /App 1234 owns it/],
    ['a ledger without an owner is nobody’s', frozen, /names no App/],
  ])('%s, and writes nothing', (_, first, because) => {
    const reading = { tip, ledger: { kind: 'whole', head: ledgerHead, entries: ledgerOf(first) } } as const;
    const { record, effects } = taken(aBranch({ reading }), { items: [anItem(1)], wish: freeze });
    expect(record.frozen?.because).toMatch(because);
    expect(effects).toEqual([]);
  });

  it('a ledger that cannot be trusted freezes the queue, says why, and keeps what was known of it', () => {
    const reading = { tip: sha('5'), ledger: { kind: 'broken', because: 'entry 3 is missing' } } as const;
    const { record, effects } = taken(aBranch({ reading }), { items: [anItem(1)] });
    expect(record.frozen?.because).toContain('entry 3 is missing');
    expect(record.branches[0]).toMatchObject({ tip: sha('5'), ledger: ledgerHead });
    expect(effects).toEqual([]);
  });
});
