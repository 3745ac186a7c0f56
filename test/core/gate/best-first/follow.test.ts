import { describe, expect, it } from 'vitest';
import { followScheduler } from '../../../../src/core/gate/best-first/follow.ts';
import { firstSchedule } from '../../../../src/core/gate/best-first/remember.ts';
import { bestFirstOf } from '../../../../src/core/gate/best-first/settings.ts';
import { bestFirstSteps } from '../../../../src/core/gate/best-first/steps.ts';
import { unitIdOf } from '../../../../src/core/gate/best-first/unit-id.ts';
import { candidateKey } from '../../../../src/core/gate/candidates.ts';
import { changeIdOf, type GateDraft } from '../../../../src/core/gate/draft.ts';
import type { CandidateFact } from '../../../../src/core/gate/facts.ts';
import { madeOf } from '../../../../src/core/gate/made-of.ts';
import type { WalkedItem } from '../../../../src/core/gate/walk-queue.ts';
import type { QueueItem } from '../../../../src/model/queue.ts';
import type { Sha } from '../../../../src/model/sha.ts';
import { sha } from '../../../fakes/model-data.ts';
import { settings } from '../entry/entry-fixture.ts';
import { aBranch, aDraft, aJobRecord, anItem, ended, headOf, idOf, main, theFacts, tip } from '../gate-fixture.ts';

/** The commit of some changes, put on the tip in this order. */
function commitOf(...numbers: readonly number[]): Sha {
  return numbers.length === 0 ? tip : sha(`c${numbers.join('')}`.replaceAll(/[^0-9a-f]/g, ''));
}

type Made = (on: readonly number[], number: number) => CandidateFact;

const always: Made = (on, number) => ({
  kind: 'made',
  commit: commitOf(...on, number),
  tree: sha('7'),
  changed: { known: true, paths: ['README.md'] },
});

function ordersOf(numbers: readonly number[]): readonly (readonly number[])[] {
  if (numbers.length === 0) return [[]];
  return [
    [],
    ...numbers.flatMap((number) =>
      ordersOf(numbers.filter((other) => other !== number)).map((rest) => [number, ...rest]),
    ),
  ];
}

/** What comes of putting each of these on any others. */
function everything(numbers: readonly number[], made: Made): ReadonlyMap<string, CandidateFact> {
  return new Map(
    ordersOf(numbers).flatMap((on) =>
      numbers
        .filter((number) => !on.includes(number))
        .map((number) => [candidateKey(main, commitOf(...on), headOf(number)), made(on, number)] as const),
    ),
  );
}

class Queue {
  draft: GateDraft;
  readonly slots: number;
  readonly made: ReadonlyMap<string, CandidateFact>;
  needs: Readonly<Record<number, readonly number[]>> = {};
  waits = new Set<number>();

  constructor(numbers: readonly number[], slots = 4, made: Made = always) {
    this.slots = slots;
    this.made = everything(numbers, made);
    this.draft = aDraft({ items: numbers.map((number) => anItem(number)) });
  }

  walkedOf = (item: QueueItem): WalkedItem => ({
    id: changeIdOf(item),
    branch: main,
    leaves: null,
    waits: this.waits.has(item.number) ? 'it is held' : null,
    needs: (this.needs[item.number] ?? []).map(idOf),
    candidateOn: () => null,
  });

  pass(): this {
    const own = settings({ scheduler: { kind: 'best-first', slots: this.slots } });
    const facts = theFacts({ made: this.made, branches: new Map([[main, aBranch({ settings: own })]]) });
    const best = bestFirstOf(this.draft.record, facts);
    if (best === null) throw new Error('the window schedules it');
    followScheduler({ draft: this.draft, facts, best, walkedOf: this.walkedOf });
    return this;
  }

  /** As `2 on 1`. */
  tested(): readonly string[] {
    return this.draft.record.items.flatMap((item) =>
      madeOf(item)
        .filter(({ spent, jobs }) => !spent && (jobs ?? []).every(({ status }) => status.kind === 'building'))
        .map(({ ahead }) => `${item.number}${ahead.length === 0 ? '' : ` on ${ahead.join('+')}`}`),
    );
  }

  /** Every candidate of a change ends so. */
  end(number: number, result: 'success' | 'failure'): this {
    const items = this.draft.record.items.map((item) => {
      if (item.number !== number || item.candidate?.kind !== 'made') return item;
      return { ...item, candidate: { ...item.candidate, jobs: [aJobRecord('unit', ended(result))] } };
    });
    this.draft.record = { ...this.draft.record, items };
    return this;
  }

  decisions(): Readonly<Record<number, string>> {
    const { schedule = firstSchedule(1, { tip, landed: [] }) } = this.draft.record;
    const steps = bestFirstSteps(this.draft.record, schedule, this.walkedOf, theFacts().now);
    return Object.fromEntries(steps.map(({ id, decision }) => [Number(id.split('#')[1]), decision.kind]));
  }
}

describe('a queue whose candidates are built best first', () => {
  it('puts each on those ahead of it', () => {
    expect(new Queue([1, 2, 3]).pass().tested()).toEqual(['1', '2 on 1', '3 on 1+2']);
  });

  it('begins no more than there are slots', () => {
    const queue = new Queue([1, 2, 3], 2).pass();
    expect(queue.tested()).toEqual(['1', '2 on 1']);
    expect(queue.decisions()).toEqual({ 1: 'test', 2: 'test', 3: 'beyond-window' });
  });

  it('asks for commits that are not there yet, the first first', () => {
    const queue = new Queue([1, 2]);
    const bare = new Queue([1, 2], 4, always);
    Object.assign(bare, { made: new Map() });
    expect(bare.pass().draft.wants.candidates.map(({ key }) => key)).toContain(candidateKey(main, tip, headOf(1)));
    expect(bare.tested()).toEqual([]);
    expect(queue.pass().draft.wants.candidates).toEqual([]);
  });

  it('lands what passed on the tip, and what is behind it only then', () => {
    const queue = new Queue([1, 2]).pass().end(1, 'success').end(2, 'success').pass();
    expect(queue.decisions()).toEqual({ 1: 'land', 2: 'test' });
  });

  it('runs once more what failed by itself, and tests those behind without it', () => {
    const queue = new Queue([1, 2]).pass().end(1, 'failure').pass();
    expect(queue.tested().toSorted()).toEqual(['1', '2', '2 on 1']);
  });

  it('keeps what failed before on the same commit, until it is known to be a flake', () => {
    const queue = new Queue([1]).pass().end(1, 'failure').pass().end(1, 'failure').pass();
    const [made] = madeOf(queue.draft.record.items[0] as QueueItem);
    expect(made?.failures).toEqual([{ job: 'unit', failures: 2, builds: [] }]);
  });

  it('rejects what failed often enough, and nothing that a scheduler only says has', () => {
    const queue = new Queue([1]).pass();
    for (let time = 0; time < 3; time += 1) queue.end(1, 'failure').pass();
    expect(queue.decisions()).toEqual({ 1: 'reject' });
    expect(queue.draft.record.items[0]?.rejecting).toMatch(/3 times/);
  });

  it('keeps what clashes for when the other does not land', () => {
    const made: Made = (on, number) =>
      number === 2 && on.includes(1) ? { kind: 'conflict', paths: ['a.txt'] } : always(on, number);
    const queue = new Queue([1, 2, 3], 4, made).pass();
    expect(queue.tested()).toEqual(['1', '3 on 1']);
    expect(queue.draft.record.schedule?.clashes).toHaveLength(1);
    expect(queue.decisions()).toMatchObject({ 2: 'beyond-window' });
  });

  it('ends what cannot be put on the tip itself', () => {
    const made: Made = (on, number) => (number === 1 ? { kind: 'conflict', paths: ['a.txt'] } : always(on, number));
    const queue = new Queue([1, 2], 4, made).pass().pass();
    expect(queue.decisions()).toMatchObject({ 1: 'conflict' });
    expect(queue.tested()).toEqual(['2']);
  });

  it('tests what needs another only on it', () => {
    const queue = new Queue([1, 2]);
    queue.needs = { 2: [1] };
    expect(queue.pass().end(1, 'failure').pass().tested().toSorted()).toEqual(['1', '2 on 1']);
    queue.waits.add(1);
    queue.pass();
    expect(queue.decisions()).toEqual({ 1: 'step-over', 2: 'step-over' });
    expect(queue.tested()).not.toContain('2 on 1');
  });

  it('takes up the landing, and goes on with what stands on it', () => {
    const queue = new Queue([1, 2]).pass().end(1, 'success').pass();
    const { record } = queue.draft;
    const landed = [{ number: 1, head: headOf(1), commit: commitOf(1) }];
    const branches = record.branches.map((branch) => ({ ...branch, tip: commitOf(1), landed }));
    queue.draft.record = { ...record, branches, items: record.items.slice(1) };
    queue.pass();
    expect(queue.tested()).toEqual(['2 on 1']);
    expect(queue.end(2, 'success').decisions()).toEqual({ 2: 'land' });
  });

  it('tests anew what stands on what somebody else pushed away', () => {
    const queue = new Queue([1]).pass();
    const { record } = queue.draft;
    queue.draft.record = { ...record, branches: record.branches.map((branch) => ({ ...branch, tip: sha('f') })) };
    queue.pass();
    expect(queue.tested()).toEqual([]);
    expect(queue.draft.wants.candidates.map(({ parent }) => parent)).toEqual([sha('f')]);
  });

  it('names a request, so that what is asked for anew is another', () => {
    expect(unitIdOf(anItem(7))).toMatch(/^#7@[0-9a-f]{12}\/7$/);
    expect(unitIdOf(anItem(7, { entry: 8 }))).not.toBe(unitIdOf(anItem(7)));
  });
});
