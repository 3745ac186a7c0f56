import { expect, it } from 'vitest';
import { candidateKey, candidateOn } from '../../../src/core/gate/candidates.ts';
import type { CandidateFact, QueueFacts } from '../../../src/core/gate/facts.ts';
import { planQueue } from '../../../src/core/gate/plan-queue.ts';
import { type TreeFacts, treeKey } from '../../../src/core/presubmit/facts.ts';
import type { MadeCandidate, QueueItem } from '../../../src/model/queue.ts';
import type { Sha } from '../../../src/model/sha.ts';
import { sha } from '../../fakes/model-data.ts';
import { settings } from './entry/entry-fixture.ts';
import { aBranch, aCandidate, aJobRecord, anItem, aRecord, headOf, idOf, main, theFacts, tip } from './gate-fixture.ts';

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

it.each<[string, CandidateFact]>([
  ['conflicts', conflict],
  ['is contained', { kind: 'contained' }],
  ['can never be made', { kind: 'impossible', because: 'c1 is a merge commit, which cannot be rebased' }],
])('what %s is not sent away while the ledger that would say it has landed cannot be trusted', (_, fact) => {
  const made = new Map<string, CandidateFact>([[candidateKey(main, tip, headOf(1)), fact]]);
  const ledger = { kind: 'broken', because: 'it is not signed by a key of this server' } as const;
  const left = (branch: ReturnType<typeof aBranch>) => {
    const branches = new Map([[main, branch]]);
    return planQueue(aRecord({ items: [anItem(1)] }), theFacts({ made, branches })).record.leaving.length;
  };
  expect(left(aBranch({ reading: { tip, ledger } }))).toBe(0);
  expect(left(aBranch())).toBe(1);
});

/** What is asked for first of one change on the tip, by how its branch lands. */
function wanted(landing: ReturnType<typeof settings> | null, item = anItem(1), made: QueueFacts['made'] = new Map()) {
  const branches = new Map([[main, aBranch({ settings: landing })]]);
  const { record, wants, effects } = planQueue(aRecord({ items: [item] }), theFacts({ branches, made }));
  const { candidate = null } = record.items[0] ?? {};
  return { wants: wants.candidates.length, candidate, published: effects.some(({ kind }) => kind === 'publish') };
}

it('nothing is made while it cannot be read how the branch lands', () => {
  expect(wanted(settings()).wants).toBe(1);
  expect(wanted(null)).toEqual({ wants: 0, candidate: null, published: false });
});

it('what was made for another way of landing is made anew', () => {
  const item = anItem(1, { candidate: aCandidate(sha('c1'), { method: 'merge', published: true }) });
  expect(wanted(settings({ method: 'merge' }), item).wants).toBe(0);
  expect(wanted(settings({ method: 'squash' }), item).wants).toBe(1);
  expect(wanted(null, item)).toMatchObject({ wants: 0, candidate: { commit: sha('c1') } });
});

it('one that nobody has any more, and that comes out as another when it is made again, is given up', () => {
  const item = anItem(1, { candidate: aCandidate(sha('c1'), { published: false }) });
  const again = (commit: Sha): QueueFacts['made'] => {
    const fact: CandidateFact = { kind: 'made', commit, tree: sha('7'), changed: { known: true, paths: [] } };
    return new Map([[candidateKey(main, tip, headOf(1)), fact]]);
  };
  expect(wanted(settings(), item).wants).toBe(1);
  expect(wanted(settings(), item, again(sha('c1')))).toMatchObject({
    candidate: { commit: sha('c1') },
    published: true,
  });
  expect(wanted(settings(), item, again(sha('c2')))).toMatchObject({ candidate: null, published: false });
});

/** Nothing is known of these files now. */
const unread: TreeFacts = {
  config: { kind: 'refused', where: null, problems: [], because: 'it could not be read' },
  kinds: new Map(),
};

function factOf(commit: Sha): CandidateFact {
  return { kind: 'made', commit, tree: sha('7'), changed: { known: true, paths: [] } };
}

it('one whose files nobody may have any more is made and shown again, as the same; once in a pass', () => {
  const pinned = { base: tip, tree: sha('7') };
  const running = [aJobRecord('unit', { kind: 'blocked' }, { tree: pinned })];
  const item = (over: Partial<MadeCandidate> = {}) => anItem(1, { candidate: aCandidate(sha('c1'), over) });
  const trees = new Map([[treeKey(pinned), unread]]);
  const plan = (items: readonly QueueItem[], over: Partial<QueueFacts>) =>
    planQueue(aRecord({ items }), theFacts({ trees, ...over }));
  for (const jobs of [running, null]) {
    expect(plan([item({ jobs })], {}).wants.candidates).toMatchObject([{ number: 1, parent: tip, head: headOf(1) }]);
    const made = new Map([[candidateKey(main, tip, headOf(1)), factOf(sha('c1'))]]);
    const { effects, record } = plan([item({ jobs })], { made });
    expect(effects.filter(({ kind }) => kind === 'publish')).toMatchObject([{ kind: 'publish', commits: [sha('c1')] }]);
    expect(record.items[0]?.candidate).toMatchObject({ commit: sha('c1'), published: false });
    const again = plan([item({ jobs })], { made, published: new Set([sha('c1')]) });
    expect(again.wants.candidates).toEqual([]);
    expect(again.effects.filter(({ kind }) => kind === 'publish')).toEqual([]);
  }
});

it('one whose ground nobody has any more has that made again first', () => {
  const below = anItem(1, { candidate: aCandidate(sha('c1')) });
  const candidate = aCandidate(sha('c2'), { parents: { [main]: sha('c1') }, published: false, ahead: [1] });
  const items = [below, anItem(2, { candidate })];
  const made = new Map<string, CandidateFact>([
    [candidateKey(main, sha('c1'), headOf(2)), { kind: 'missing', because: 'no c1' }],
  ]);
  expect(planQueue(aRecord({ items }), theFacts({ made })).wants.candidates).toMatchObject([
    { number: 1, parent: tip },
  ]);
  made.set(candidateKey(main, tip, headOf(1)), factOf(sha('c1')));
  const [publish] = planQueue(aRecord({ items }), theFacts({ made })).effects.filter(({ kind }) => kind === 'publish');
  expect(publish).toMatchObject({ commits: [sha('c1'), sha('c2')] });
});
