import { describe, expect, it } from 'vitest';
import { unitIdOf } from '../../../../src/core/gate/best-first/unit-id.ts';
import { candidateKey } from '../../../../src/core/gate/candidates.ts';
import { madeOf } from '../../../../src/core/gate/made-of.ts';
import type { JobStatus } from '../../../../src/model/presubmit.ts';
import type { QueueItem } from '../../../../src/model/queue.ts';
import { sha } from '../../../fakes/model-data.ts';
import { uploadOrder } from '../../pod/order-fixture.ts';
import { aJobRecord, anItem, ended, headOf, main, tip } from '../gate-fixture.ts';
import { always, commitOf, type Made, Queue } from './queue-fixture.ts';

describe('a queue whose candidates are built best first', () => {
  it('puts each on those ahead of it', () => {
    expect(new Queue([1, 2, 3]).pass().tested()).toEqual(['1', '2 on 1', '3 on 1+2']);
  });

  it('begins no more than there are slots', () => {
    const queue = new Queue([1, 2, 3], 2).pass();
    expect(queue.tested()).toEqual(['1', '2 on 1']);
    expect(queue.decisions()).toEqual({ 1: 'test', 2: 'test', 3: 'beyond-window' });
  });

  it('what is held goes on, in its slot', () => {
    const queue = new Queue([1, 2, 3], 2).pass();
    queue.waits.add(2);
    expect(queue.pass().tested()).toEqual(['1', '2 on 1']);
    expect(queue.end(2, 'success').pass().tested()).toEqual(['1', '3 on 1']);
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

  it('runs what was stopped beside it once more, too: that says nothing of the next try', () => {
    const { build } = uploadOrder();
    const state = { phase: 'stopping', since: 1, startedAt: 1, result: 'aborted', because: 'unit failed' } as const;
    const stopped: JobStatus = { kind: 'building', builds: [{ ...build, state }] };
    const running: JobStatus = { kind: 'building', builds: [{ ...build, state: { phase: 'running', since: 1 } }] };
    const queue = new Queue([1]).pass();
    queue
      .runs(1, [aJobRecord('unit', ended('failure')), aJobRecord('e2e', stopped), aJobRecord('lint', running)])
      .pass();
    const [made] = madeOf(queue.draft.record.items[0] as QueueItem);
    expect(made?.kept?.map(({ job }) => job)).toEqual(['lint']);
    const [ending] = queue.draft.record.stopping;
    expect(ending?.candidate.jobs?.map(({ job }) => job)).toEqual(['e2e']);
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
    const landed = [{ number: 1, head: headOf(1), from: tip, commit: commitOf(1) }];
    const branches = record.branches.map((branch) => ({ ...branch, tip: commitOf(1), landed }));
    queue.draft.record = { ...record, branches, items: record.items.slice(1) };
    queue.pass();
    expect(queue.tested()).toEqual(['2 on 1']);
    expect(queue.end(2, 'success').decisions()).toEqual({ 2: 'land' });
  });

  it('gives up what stands on others that landed as other commits: as nothing else landed, nobody else would', () => {
    const queue = new Queue([1, 3, 2]).pass();
    expect(queue.tested()).toContain('2 on 1+3');
    const { record } = queue.draft;
    const [first, second, last] = record.items;
    if (!first || !second || !last) throw new Error('three wait');
    const landed = [
      { number: 3, head: headOf(3), from: tip, commit: commitOf(3) },
      { number: 1, head: headOf(1), from: commitOf(3), commit: commitOf(3, 1) },
    ];
    const branches = record.branches.map((branch) => ({ ...branch, tip: commitOf(3, 1), landed }));
    const gone = [second, first].map((change) => ({
      change,
      departure: { kind: 'landed', commit: commitOf(3) } as const,
      candidate: null,
      at: 0,
    }));
    queue.draft.record = { ...record, branches, items: [last], leaving: gone };
    const before = madeOf(last)[0]?.commit;
    const [after] = madeOf(queue.pass().draft.record.items[0] as QueueItem);
    expect([before, after?.commit]).toEqual([commitOf(1, 3, 2), commitOf(3, 1, 2)]);
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
