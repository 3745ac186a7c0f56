import { describe, expect, it } from 'vitest';
import { holdLabel } from '../../../src/core/gate/entry/judge-request.ts';
import { type HeardCommand, type QueueFacts, rightsKey } from '../../../src/core/gate/facts.ts';
import { gateLabel, repeatHolds, takeCommands, takeViews } from '../../../src/core/gate/take-commands.ts';
import type { Conclusion } from '../../../src/model/check-run.ts';
import type { QueueRecord } from '../../../src/model/queue.ts';
import { people, rights } from '../../fakes/model-data.ts';
import { request, view } from './entry/entry-fixture.ts';
import {
  aCandidate,
  aDraft,
  aJobRecord,
  anAsked,
  anItem,
  ended,
  headOf,
  heard,
  idOf,
  main,
  now,
  ourApp,
  theFacts,
  tip,
} from './gate-fixture.ts';

function taken(commands: readonly HeardCommand[], over: Partial<QueueRecord> = {}, facts: Partial<QueueFacts> = {}) {
  const seen = new Map(commands.map(({ number }) => [idOf(number), view({}, { number, head: headOf(number) })]));
  const draft = aDraft(over);
  takeCommands(draft, theFacts({ commands, views: seen, ...facts }));
  return { record: draft.record, effects: draft.effects, reasons: draft.reasons };
}

describe('/dequeue', () => {
  it('of one whose push is under way takes nothing out before it is read whether it landed', () => {
    const items = [anItem(1, { candidate: aCandidate(headOf(9)) })];
    const landing = { number: 1, branch: main, from: tip, to: headOf(9), since: now };
    const { record } = taken([heard('dequeue', 1)], { items, landing });
    expect(record.items).toEqual(items);
    expect(record.leaving).toEqual([]);
    expect(record.landing?.withdrawn).toMatch(/took it out/);
  });
});

describe('/gate', () => {
  it('asks for the head that is there, with who and when, and shows the label', () => {
    const { record, effects } = taken([heard('gate', 1, { at: 500 })]);
    expect(record.asked).toMatchObject([
      { number: 1, lane: 'normal', entry: 500, request: { head: headOf(1), at: 500, permission: 'write' } },
    ]);
    expect(effects).toMatchObject([{ kind: 'label', number: 1, label: gateLabel, present: true }]);
  });

  it.each<[string, Partial<HeardCommand>, Partial<QueueFacts>]>([
    ['for a head that is not the present one', { head: headOf(7) }, {}],
    ['by nobody', { by: null }, {}],
    ['for a pull request that was not read', {}, { views: new Map() }],
    ['for a pull request that is not there', {}, { views: new Map([[idOf(1), null]]) }],
  ])('%s asks for nothing', (_, over, facts) => {
    const { record, effects } = taken([heard('gate', 1, over)], {}, facts);
    expect([record.asked, effects]).toEqual([[], []]);
  });

  it('for one that is closed by now is taken up, so that what became of it is told, and shows no label', () => {
    const closed = view({}, { head: headOf(1), state: 'closed' });
    const { record, effects } = taken([heard('gate', 1)], {}, { views: new Map([[idOf(1), closed]]) });
    expect([record.asked.length, effects]).toEqual([1, []]);
  });

  it('for the present head ends what was asked for an older one, with the reason', () => {
    const { record } = taken([heard('gate', 1, { at: 500 })], {
      asked: [anAsked(1, { request: request({ head: headOf(7) }) })],
    });
    expect(record.asked.map(({ request: { head } }) => head)).toEqual([headOf(1)]);
    expect(record.leaving).toMatchObject([
      { change: { request: { head: headOf(7) } }, departure: { kind: 'withdrawn' } },
    ]);
  });

  it('twice for the same head is one request, the first', () => {
    const { record } = taken([heard('gate', 1, { at: 500 }), heard('gate', 1, { at: 600 })]);
    expect(record.asked.map(({ entry }) => entry)).toEqual([500]);
  });

  it('for one that is in the queue already changes nothing', () => {
    const items = [anItem(1, { candidate: aCandidate(headOf(9)) })];
    expect(taken([heard('gate', 1)], { items }).record.items).toEqual(items);
  });

  it('by somebody else takes the place of a request whose author may not merge any more, and else changes nothing', () => {
    const record = { items: [anItem(1)], asked: [anAsked(2)] };
    const both = [heard('gate', 1, { by: people.ada }), heard('gate', 2, { by: people.ada })];
    const names = (permission: 'write' | 'read') => {
      const able = new Map([[rightsKey(main, people.boss), rights(permission)]]);
      const { items, asked } = taken(both, record, { rights: able }).record;
      return [...items, ...asked].map(({ request: { by } }) => by.login);
    };
    expect(names('write')).toEqual(['boss', 'boss']);
    expect(names('read')).toEqual(['ada', 'ada']);
  });

  it('for one that is parked lets it go on, with a new candidate', () => {
    const items = [anItem(1, { parked: 'node lost', candidate: aCandidate(headOf(9)) })];
    expect(taken([heard('gate', 1)], { items }).record.items).toMatchObject([{ parked: null, candidate: null }]);
  });

  it('told anew because its check run shows it changes nothing, of what waits, is parked, or is leaving', () => {
    const parked = anItem(1, { parked: 'node lost', candidate: aCandidate(headOf(9)) });
    const again = heard('gate', 1, { at: parked.request.at });
    const { record, effects } = taken([again], { items: [parked] });
    expect([record.items, effects]).toEqual([[parked], []]);
    const departure = { kind: 'rejected', because: 'unit failed' } as const;
    const leaving = [{ change: parked, departure, candidate: null, at: now }];
    expect(taken([again], { leaving }).record).toMatchObject({ items: [], asked: [], leaving });
  });

  it('for one that waits as the branch is red has both tested anew', () => {
    const failed = aCandidate(headOf(9), { jobs: [aJobRecord('unit', ended('failure'))] });
    const probe = aCandidate(tip, { jobs: [aJobRecord('unit', ended('failure'))] });
    const probes = [{ branch: main, number: 1, since: 1, probe }];
    const { record } = taken([heard('gate', 1)], { items: [anItem(1, { candidate: failed })], probes });
    expect([record.items[0]?.candidate, record.probes]).toEqual([null, []]);
  });

  it('for a new head takes the place of the request for the old one', () => {
    const old = anAsked(1, { request: { ...anAsked(1).request, head: headOf(7) } });
    const { asked, leaving } = taken([heard('gate', 1)], { asked: [old] }).record;
    expect(asked.map(({ request }) => request.head)).toEqual([headOf(1)]);
    // Its check on the old head is concluded, with the reason.
    expect(leaving.map(({ change, departure }) => [change.request.head, departure.kind])).toEqual([
      [headOf(7), 'withdrawn'],
    ]);
  });
});

describe('/dequeue', () => {
  it('takes an item out, stops its builds, and says who did it', () => {
    const { record } = taken([heard('dequeue', 1)], { items: [anItem(1), anItem(2)] });
    expect(record.items.map(({ number }) => number)).toEqual([2]);
    expect(record.leaving[0]?.departure).toEqual({ kind: 'withdrawn', because: 'boss took it out' });
  });

  it('ends a request that has not entered', () => {
    const { record } = taken([heard('dequeue', 1)], { asked: [anAsked(1)] });
    expect([record.asked.length, record.leaving.length]).toEqual([0, 1]);
  });

  it('of something nobody asked for is nothing', () => {
    expect(taken([heard('dequeue', 1)]).record.leaving).toEqual([]);
  });

  it('by an operator says so', () => {
    const { record } = taken([heard('dequeue', 1, { by: null })], { items: [anItem(1)] });
    expect(record.leaving[0]?.departure).toMatchObject({ because: 'an operator took it out' });
  });

  it('outlasts a request from before it that is heard later, and none from after it', () => {
    const { words = [] } = taken([heard('dequeue', 1, { at: 20 })]).record;
    const late = taken([heard('gate', 1, { at: 19 })], { words }).record;
    expect(late).toMatchObject({
      asked: [],
      leaving: [{ departure: { because: 'it was taken out after that was said' } }],
    });
    expect(taken([heard('gate', 1, { at: 21 })], { words }).record).toMatchObject({
      asked: [{ number: 1 }],
      leaving: [],
    });
  });

  it('that is heard after a later request takes nothing out', () => {
    const left = (at: number) => taken([heard('dequeue', 1, { at })], { items: [anItem(1)] }).record.items.length;
    expect([left(0), left(1)]).toEqual([1, 0]);
  });

  it.each<[string, readonly (Conclusion | null)[], number]>([
    ['has ended since', ['failure'], 0],
    ['goes on', [null], 1],
    ['goes on after an earlier one', ['failure', null], 1],
    ['was made green for the forge to merge', ['success'], 1],
    ['is not there', [], 1],
  ])('a request found on a check run that %s', (_, conclusions, asked) => {
    const checks = conclusions.map((conclusion) => {
      return { name: 'sluice/gate/main', app: ourApp, kind: 'check-run', conclusion, at: 2_000 } as const;
    });
    const views = new Map([[idOf(1), view({ checks }, { number: 1, head: headOf(1) })]]);
    const found = taken([heard('gate', 1, { found: true })], {}, { views }).record;
    expect(found.asked.length).toBe(asked);
    expect(taken([heard('gate', 1)], {}, { views }).record.asked.length).toBe(1);
  });

  it('asked for and taken out again in one pass: the later word counts', () => {
    const both = [heard('dequeue', 1, { at: 20 }), heard('gate', 1, { at: 10 })];
    expect(taken(both).record.asked).toEqual([]);
  });

  it('and asked for once more in that second: it is in, with a check run of its own', () => {
    const said = (['gate', 'dequeue', 'gate'] as const).map((word, at) =>
      heard(word, 1, { at: 20_000, order: at + 1 }),
    );
    const { asked, leaving } = taken(said).record;
    expect({ asked, leaving }).toMatchObject({ asked: [{ runs: 1 }], leaving: [{ change: { number: 1 } }] });
    expect(taken([heard('gate', 1, { at: 20_000, order: 3 })], { asked, leaving }).record.asked).toEqual(asked);
  });

  it.each([
    { earlier: 'gate', later: 'dequeue', left: 0 },
    { earlier: 'dequeue', later: 'gate', left: 1 },
  ] as const)('/$earlier and /$later of one second: the later word counts, however they are heard', (said) => {
    const first = heard(said.earlier, 1, { at: 20_000, order: 64 });
    const later = heard(said.later, 1, { at: 20_000, order: 96 });
    const inOnePass = [taken([first, later]), taken([later, first])];
    const inTwo = [taken([later], taken([first]).record), taken([first], taken([later]).record)];
    expect([...inOnePass, ...inTwo].map(({ record }) => record.asked.length)).toEqual(
      [1, 1, 1, 1].map(() => said.left),
    );
  });
});

describe('the other commands', () => {
  it.each<['hold' | 'unhold', readonly string[], readonly string[]]>([
    ['hold', ['big'], ['big', holdLabel]],
    ['hold', [holdLabel], [holdLabel]],
    ['unhold', ['big', holdLabel], ['big']],
    ['unhold', [], []],
  ])('/%s where the labels are %j leaves %j and counts in the same pass', (command, labels, expected) => {
    const items = [anItem(1, { view: view({}, { number: 1, head: headOf(1), labels }) })];
    const { record, effects } = taken([heard(command, 1)], { items });
    expect(record.items[0]?.view.pull.labels).toEqual(expected);
    expect(effects).toMatchObject([{ kind: 'label', label: holdLabel, present: command === 'hold' }]);
  });

  it.each([
    ['hotfix', 'hotfix'],
    ['bulk', 'bulk'],
    ['fastest', 'normal'],
  ])('/priority %s makes it %s', (words, lane) => {
    const record = { items: [anItem(1)], asked: [anAsked(2)] };
    const after = taken([heard('priority', 1, { words }), heard('priority', 2, { words })], record).record;
    expect([after.items[0]?.lane, after.asked[0]?.lane]).toEqual([lane, lane]);
  });

  it('/override is kept with who, when and the head that was asked for', () => {
    const command = heard('override', 1, { words: 'ci/slow', head: headOf(1) });
    expect(taken([command], { items: [anItem(1)] }).record.items[0]?.overrides).toMatchObject([
      { check: 'ci/slow', head: headOf(1), at: now, by: { login: 'boss' } },
    ]);
  });

  it('/override and /priority said before anybody asked for its landing count once somebody does, for that head alone', () => {
    const said = [
      heard('override', 1, { words: 'ci/slow', head: headOf(1), at: 1 }),
      heard('priority', 1, { words: 'bulk', head: headOf(1), at: 2 }),
      heard('priority', 1, { words: 'hotfix', head: headOf(1), at: 3 }),
    ];
    const { words } = taken(said).record;
    const kept = { ...(words === undefined ? {} : { words }) };
    expect(taken([heard('gate', 1, { at: 4 })], kept).record.asked).toMatchObject([
      { lane: 'hotfix', overrides: [{ check: 'ci/slow', head: headOf(1), at: 1 }] },
    ]);
    const views = new Map([[idOf(1), view({}, { number: 1, head: headOf(2) })]]);
    expect(taken([heard('gate', 1, { at: 4 })], kept, { views }).record.asked).toMatchObject([
      { lane: 'normal', overrides: [] },
    ]);
  });

  it('of what was said for heads the last 200 words are kept', () => {
    const many = Array.from({ length: 230 }, (_, at) =>
      heard('priority', at + 1, { words: 'bulk', head: headOf(at), at }),
    );
    expect(taken(many).record.words?.map(({ number }) => number)).toEqual(
      Array.from({ length: 200 }, (_, index) => index + 31),
    );
  });

  it('/override without a head is not kept', () => {
    const command = heard('override', 1, { words: 'ci/slow' });
    expect(taken([command], { items: [anItem(1)] }).record.items[0]?.overrides).toEqual([]);
  });

  it.each([
    ['freeze', 'frozen'],
    ['thaw', 'thawed'],
  ] as const)('%s is a wish that the ledger is to say, with the reason', (command, kind) => {
    const { record } = taken([heard(command, 0, { words: 'repairs' })]);
    expect(record.wish).toMatchObject({ kind, because: 'repairs', by: { login: 'boss' } });
  });

  it('of freeze and thaw the later counts, in whatever order they arrive', () => {
    const commands = [heard('thaw', 0, { at: 30 }), heard('freeze', 0, { at: 20 })];
    expect(taken(commands).record.wish?.kind).toBe('thawed');
  });

  it('a hint changes nothing by itself', () => {
    const record = { items: [anItem(1)] };
    expect(taken([heard('hint', 1)], record).record.items).toEqual(record.items);
  });
});

it('what was read of a change is taken up where it is, and when; what is not there stays', () => {
  const seen = view({ body: 'new words' }, { number: 1, head: headOf(1) });
  const draft = aDraft({ items: [anItem(1, { seenAt: 1 }), anItem(3, { seenAt: 1 })], asked: [anAsked(2)] });
  takeViews(
    draft,
    theFacts({
      views: new Map([
        [idOf(1), seen],
        [idOf(2), seen],
        [idOf(3), null],
      ]),
    }),
  );
  expect(draft.record.items.map(({ seenAt, view: { body } }) => [seenAt, body])).toEqual([
    [now, 'new words'],
    [1, ''],
  ]);
  expect(draft.record.asked[0]?.view.body).toBe('new words');
});

it.each(['hold', 'unhold'] as const)(
  '/%s as the later of two words of one second counts, however they are heard',
  (later) => {
    const earlier = later === 'hold' ? 'unhold' : 'hold';
    const said = [heard(earlier, 1, { at: 20_000, order: 64 }), heard(later, 1, { at: 20_000, order: 96 })];
    const orders = [said, said.toReversed()];
    const held = orders.map(([one, other]) => {
      const { record } = taken([one as HeardCommand], { items: [anItem(1)] });
      return taken([other as HeardCommand], record).record.items[0]?.hold?.held;
    });
    expect(held).toEqual([later === 'hold', later === 'hold']);
  },
);

describe('a hold that the forge has not heard of', () => {
  const held = (record: QueueRecord): readonly boolean[] =>
    record.items.map(({ view: { pull } }) => pull.labels.includes(holdLabel));
  const look = (record: QueueRecord, labels: readonly string[], later: number) => {
    const draft = aDraft(record);
    const seen = view({}, { number: 1, head: headOf(1), labels });
    const facts = theFacts({ now: now + later, views: new Map([[idOf(1), seen]]) });
    takeViews(draft, facts);
    repeatHolds(draft, facts);
    return { record: draft.record, asked: draft.effects.filter(({ kind }) => kind === 'label').length };
  };

  it('counts whatever a later view shows, is asked for again after a while, and is over once it is shown', () => {
    const { record } = taken([heard('hold', 1)], { items: [anItem(1)] });
    const soon = look(record, [], 1_000);
    expect([held(soon.record), soon.asked]).toEqual([[true], 0]);
    const late = look(soon.record, [], 40_000);
    expect([held(late.record), late.asked]).toEqual([[true], 1]);
    const shown = look(late.record, [holdLabel], 50_000);
    expect([held(shown.record), shown.asked]).toEqual([[true], 0]);
    // From then on the label is whoever's who changes it.
    expect(held(look(shown.record, [], 60_000).record)).toEqual([false]);
  });

  it('gives way to what was said later, also when that was heard before', () => {
    const { record } = taken([heard('unhold', 1, { at: now + 5 })], { items: [anItem(1)] });
    expect(held(taken([heard('hold', 1, { at: now + 1 })], record).record)).toEqual([false]);
    expect(held(taken([heard('hold', 1, { at: now + 9 })], record).record)).toEqual([true]);
  });
});
