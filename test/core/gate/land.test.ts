import { describe, expect, it } from 'vitest';
import { isBeingLanded } from '../../../src/core/gate/draft.ts';
import type { BranchFacts, QueueFacts } from '../../../src/core/gate/facts.ts';
import { land, mayLand, resolveLanding } from '../../../src/core/gate/land.ts';
import { withdrawnFrom } from '../../../src/core/gate/landing-ends.ts';
import { candidateCheckId } from '../../../src/core/gate/report-candidate.ts';
import type { LandingOutcome } from '../../../src/model/landing.ts';
import type { LandingIntent, MadeCandidate, QueueRecord } from '../../../src/model/queue.ts';
import { sha } from '../../fakes/model-data.ts';
import { settings } from './entry/entry-fixture.ts';
import {
  aBranch,
  aCandidate,
  aDraft,
  anItem,
  aVerdict,
  headOf,
  idOf,
  landedEntry,
  ledgerHead,
  ledgerOf,
  main,
  now,
  owned,
  theFacts,
  tip,
} from './gate-fixture.ts';

const commit = sha('c1');
const candidate = aCandidate(commit, { verdict: aVerdict(commit) });
const item = anItem(1, { candidate });
const intent: LandingIntent = { number: 1, branch: main, from: tip, to: commit, since: now - 1_000 };
const landed: LandingOutcome = { kind: 'landed', ledger: sha('8') };
const moved: LandingOutcome = { kind: 'moved', because: 'main is elsewhere' };
const refused: LandingOutcome = { kind: 'refused', because: 'GH006: protected' };
const unknown: LandingOutcome = { kind: 'unknown', because: 'timeout' };

function withBranch(branch: BranchFacts, over: Partial<QueueFacts> = {}): QueueFacts {
  return theFacts({ branches: new Map([[main, branch]]), ...over });
}

const silent = aBranch();
const tells = aBranch({ landed: [landedEntry(1, commit)] });
const tellsOther = aBranch({ landed: [landedEntry(3, sha('c3'))] });
const unread = aBranch({ reading: null });
const broken = aBranch({ reading: { tip, ledger: { kind: 'broken', because: 'a signature is wrong' } } });

function resolved(
  branch: BranchFacts,
  outcome: LandingOutcome | null,
  age = 1_000,
  over: Partial<QueueRecord> = {},
  answered = commit,
) {
  const landing = { ...intent, since: now - age, ...over.landing };
  const draft = aDraft({ items: [item, anItem(2)], window: 20, ...over, landing });
  resolveLanding(draft, withBranch(branch, { landing: outcome && { commit: answered, outcome } }));
  const { record } = draft;
  const what = record.leaving.map(({ departure }) => departure.kind).join();
  return { record, shown: what || (record.landing === null ? 'dropped' : 'open') };
}

describe('a landing that was meant is resolved by reading (gate.md §4)', () => {
  it('an older entry of the same commit tells nothing of it: that landing was taken back by a reset', () => {
    const at = (sequence: number) => resolved(tells, null, 1_000, { landing: { ...intent, sequence } }).shown;
    expect([at(2), at(3)]).toEqual(['landed', 'open']);
  });

  it.each`
    ledger            | branch        | outcome    | age        | expected
    ${'tells it'}     | ${tells}      | ${null}    | ${1_000}   | ${'landed'}
    ${'tells it'}     | ${tells}      | ${landed}  | ${1_000}   | ${'landed'}
    ${'tells it'}     | ${tells}      | ${unknown} | ${1_000}   | ${'landed'}
    ${'tells it'}     | ${tells}      | ${moved}   | ${1_000}   | ${'landed'}
    ${'tells it'}     | ${tells}      | ${refused} | ${1_000}   | ${'landed'}
    ${'tells it'}     | ${tells}      | ${null}    | ${200_000} | ${'landed'}
    ${'is silent'}    | ${silent}     | ${null}    | ${1_000}   | ${'open'}
    ${'is silent'}    | ${silent}     | ${landed}  | ${1_000}   | ${'open'}
    ${'is silent'}    | ${silent}     | ${unknown} | ${1_000}   | ${'open'}
    ${'is silent'}    | ${silent}     | ${null}    | ${130_000} | ${'open'}
    ${'is silent'}    | ${silent}     | ${moved}   | ${1_000}   | ${'dropped'}
    ${'is silent'}    | ${silent}     | ${refused} | ${1_000}   | ${'refused'}
    ${'is silent'}    | ${silent}     | ${null}    | ${200_000} | ${'dropped'}
    ${'is silent'}    | ${silent}     | ${unknown} | ${200_000} | ${'dropped'}
    ${'tells others'} | ${tellsOther} | ${null}    | ${1_000}   | ${'open'}
    ${'tells others'} | ${tellsOther} | ${moved}   | ${1_000}   | ${'dropped'}
    ${'is unread'}    | ${unread}     | ${refused} | ${200_000} | ${'open'}
    ${'is unread'}    | ${unread}     | ${null}    | ${200_000} | ${'open'}
    ${'is broken'}    | ${broken}     | ${moved}   | ${200_000} | ${'open'}
  `('the ledger $ledger, the push gave $outcome.kind, $age ms ago: $expected', ({ branch, outcome, age, expected }) => {
    expect(resolved(branch, outcome, age).shown).toBe(expected);
  });

  it('lets the window grow by one for a landing, and leaves it for a refusal', () => {
    expect(resolved(tells, null).record.window).toBe(21);
    expect(resolved(silent, refused).record.window).toBe(20);
  });

  it("tells the author the forge's own words, and leaves those behind in the queue", () => {
    const { record } = resolved(silent, refused);
    expect(record.leaving[0]?.departure).toEqual({ kind: 'refused', because: 'GH006: protected' });
    expect(record.items.map(({ number }) => number)).toEqual([2]);
  });

  it('one that left no trace is made and shown again: nobody may have it any more', () => {
    expect(resolved(silent, unknown, 200_000).record.items[0]?.candidate).toMatchObject({ commit, published: false });
    expect(resolved(silent, unknown).record.items[0]?.candidate).toMatchObject({ commit, published: true });
  });

  it('an answer to another push says nothing of this one', () => {
    expect(resolved(silent, moved, 1_000, {}, sha('c9')).shown).toBe('open');
    expect(resolved(silent, refused, 1_000, {}, sha('c9')).shown).toBe('open');
  });

  it('one that somebody took out meanwhile has landed if the ledger says so, and leaves as withdrawn if not', () => {
    const over = { landing: { ...intent, withdrawn: 'ada took it out' } };
    expect(resolved(tells, landed, 1_000, over).shown).toBe('landed');
    expect(resolved(silent, unknown, 1_000, over).shown).toBe('open');
    expect(resolved(silent, moved, 1_000, over).record.leaving[0]?.departure).toEqual({
      kind: 'withdrawn',
      because: 'ada took it out',
    });
  });

  it('is done once: the same ledger again changes nothing', () => {
    const { record } = resolved(tells, null);
    const again = aDraft(record);
    resolveLanding(again, withBranch(tells));
    expect(again.record).toEqual(record);
  });

  it('of an item that is not there any more only the intent is taken away', () => {
    const { record } = resolved(tells, null, 1_000, { items: [anItem(2)] });
    expect([record.landing, record.leaving.length]).toEqual([null, 0]);
  });
});

describe('what stands between a green candidate and its landing', () => {
  const told = new Map([
    [candidateCheckId('queue/4711/main', commit), { fingerprint: '', final: true, delivered: true }],
  ]);
  const noOwner = { tip, ledger: { kind: 'whole', head: null, entries: [] } } as const;
  const ready = theFacts({ reports: told });

  it('nothing: it lands now', () => {
    expect(mayLand(aDraft({ items: [item] }), ready, { item, candidate, inside: [] })).toEqual({ kind: 'now' });
  });

  it.each<[RegExp, Partial<QueueRecord>, Partial<QueueFacts>, null | undefined]>([
    [/another landing/, { landing: intent }, {}, undefined],
    [/frozen: repairs/, { frozen: { by: null, because: 'repairs', at: 1 } }, {}, undefined],
    [/verdict is not recorded/, {}, {}, null],
    [/could not be read/, {}, { branches: new Map([[main, unread]]) }, undefined],
    [/could not be read/, {}, { branches: new Map([[main, broken]]) }, undefined],
    [/no owner/, {}, { branches: new Map([[main, aBranch({ reading: noOwner })]]) }, undefined],
    [/check on its candidate/, {}, { reports: new Map() }, undefined],
    [/said of it/, {}, { unheard: new Map([[idOf(1), 'what was said of it is not read']]) }, undefined],
    [
      /of what is inside/,
      {},
      { unheard: new Map([[idOf(2), 'what was said of what is inside is not read']]) },
      undefined,
    ],
  ])('%s', (because, record, facts, verdict) => {
    const given = verdict === null ? { ...candidate, verdict } : candidate;
    const may = mayLand(
      aDraft({ items: [item], ...record }),
      { ...ready, ...facts },
      { item, candidate: given, inside: [anItem(2)] },
    );
    expect(may.kind === 'not-yet' && may.because).toMatch(because);
  });

  it('a check that is not known to be delivered is not enough', () => {
    const reports = new Map([...told].map(([id, known]) => [id, { ...known, delivered: false }]));
    expect(mayLand(aDraft({ items: [item] }), { ...ready, reports }, { item, candidate, inside: [] }).kind).toBe(
      'not-yet',
    );
  });
});

describe('a landing', () => {
  it('names both old ids, takes the next number of the ledger, and is meant before it is tried', () => {
    const draft = aDraft({ items: [item] });
    land(draft, theFacts(), { item, candidate, inside: [] }, 'squash');
    const meant = { number: 1, branch: main, from: tip, to: commit, since: now, sequence: 2 };
    expect(draft.record.landing).toEqual(meant);
    const [effect] = draft.effects;
    expect(effect).toMatchObject({
      kind: 'land',
      push: {
        branch: 'main',
        from: tip,
        to: commit,
        ledger: ledgerHead,
        entry: {
          sequence: ledgerOf(owned).length + 1,
          detail: { kind: 'landed', number: 1, head: headOf(1), from: tip, commit, method: 'squash' },
        },
      },
    });
  });

  it.each([
    ['no verdict is recorded', { ...candidate, verdict: null }, theFacts()],
    ['the branch was not read', candidate, withBranch(unread)],
    ['the ledger cannot be trusted', candidate, withBranch(broken)],
  ])('is not tried where %s', (_, given, facts) => {
    const draft = aDraft({ items: [item] });
    land(draft, facts, { item, candidate: given, inside: [] }, 'merge');
    expect([draft.effects, draft.record.landing]).toEqual([[], null]);
  });
});

describe('several by one push (gate.md §6 Prefix landing)', () => {
  const inner = sha('a1');
  const first = anItem(1, { candidate: aCandidate(inner, { tree: sha('a7'), jobs: null }) });
  const guess = { under: [{ unit: 'one', commit: inner }], excluded: [], onto: 0, make: 1 };
  const last = anItem(2, { candidate: aCandidate(commit, { verdict: aVerdict(commit), guess }) });
  const items = [first, last, anItem(3)];
  const both: LandingIntent = { ...intent, number: 2, inside: [{ number: 1, to: inner }] };
  const whole = { item: last, candidate: last.candidate as MadeCandidate, inside: [first] };

  function after(outcome: LandingOutcome | null, over: Partial<LandingIntent> = {}, branch = silent) {
    const draft = aDraft({ items, window: 20, landing: { ...both, ...over } });
    resolveLanding(draft, withBranch(branch, { landing: outcome && { commit, outcome } }));
    return draft.record;
  }

  const left = ({ leaving }: QueueRecord) => leaving.map(({ change, departure }) => [change.number, departure]);

  it('are an entry each, from one to the next; what did not pass by itself is said to be inside, and names no image', () => {
    const draft = aDraft({ items });
    land(draft, theFacts(), whole, 'merge');
    const [effect] = draft.effects;
    const bare = { commit: inner, tree: sha('a7'), checks: [], configuration: 'c', git: '2.39', at: now };
    const within = { number: 2, commit };
    expect(effect).toMatchObject({
      kind: 'land',
      number: 2,
      push: {
        from: tip,
        to: commit,
        inside: [
          { sequence: 2, detail: { number: 1, head: headOf(1), from: tip, commit: inner, within, verdict: bare } },
        ],
        entry: { sequence: 3, detail: { number: 2, head: headOf(2), from: inner, commit, since: tip } },
      },
    });
    expect(draft.record.landing).toMatchObject({ number: 2, sequence: 3, inside: [{ number: 1, to: inner }] });
  });

  it('keep their own verdict where they passed by themselves', () => {
    const verdict = aVerdict(inner);
    const green = { ...first, candidate: aCandidate(inner, { verdict }) };
    const draft = aDraft({ items });
    land(draft, theFacts(), { ...whole, inside: [green] }, 'merge');
    expect(draft.effects[0]).toMatchObject({ push: { inside: [{ detail: { verdict, within: { number: 2 } } }] } });
  });

  it('do not land where one is not known as the commit that is inside', () => {
    const draft = aDraft({ items });
    land(draft, theFacts(), { ...whole, inside: [anItem(1, { candidate: aCandidate(sha('a2')) })] }, 'merge');
    expect([draft.effects, draft.record.landing]).toEqual([[], null]);
  });

  it('are all landed when the ledger says so, and each is told with what', () => {
    const record = after(null, {}, aBranch({ landed: [landedEntry(1, inner), landedEntry(2, commit)] }));
    expect(left(record)).toEqual([
      [1, { kind: 'landed', commit: inner, within: { number: 2, commit } }],
      [2, { kind: 'landed', commit, inside: [1] }],
    ]);
    expect([record.landing, record.window]).toEqual([null, 22]);
  });

  it('all keep their places when it turns out not to have been, but whoever was taken out meanwhile', () => {
    expect(left(after(moved))).toEqual([]);
    const inside = [{ number: 1, to: inner, withdrawn: 'boss took it out' }];
    const record = after(moved, { inside });
    expect(left(record)).toEqual([[1, { kind: 'withdrawn', because: 'boss took it out' }]]);
    expect(record.items.map(({ number }) => number)).toEqual([2, 3]);
  });

  it('are not refused together: each is to land by itself, and hears then what concerns it', () => {
    const record = after(refused);
    expect([left(record), record.landing]).toEqual([[], null]);
    expect(record.items[1]?.candidate).toMatchObject({ commit, guess: { alone: true } });
  });

  it('are not taken out while the push is under way', () => {
    expect(withdrawnFrom(both, first, 'x')).toMatchObject({ inside: [{ number: 1, withdrawn: 'x' }] });
    expect(withdrawnFrom(both, last, 'x')).toMatchObject({ withdrawn: 'x', inside: both.inside });
    const record = aDraft({ items, landing: both }).record;
    expect(items.map((each) => isBeingLanded(record, each))).toEqual([true, true, false]);
  });
});

describe('what was tested as another tree', () => {
  const other = { ...aVerdict(commit), reused: { commit: sha('c2'), at: now, tree: sha('6') } };
  const carried = aCandidate(commit, { verdict: other });
  const scheduler = { kind: 'best-first', slots: 2, prefixes: false } as const;

  it.each([
    [{ ...scheduler, lanes: 'closure' as const }, 'the check on its candidate is not written yet'],
    [scheduler, 'it was tested as another tree, and whole trees are tested here'],
    [{ kind: 'window' as const }, 'it was tested as another tree, and whole trees are tested here'],
  ])('lands only in lanes: %o', (by, because) => {
    const facts = withBranch(aBranch({ settings: settings({ scheduler: by }) }));
    expect(mayLand(aDraft(), facts, { item, candidate: carried, inside: [] })).toEqual({ kind: 'not-yet', because });
  });
});
