import { describe, expect, it } from 'vitest';
import { changedTogether } from '../../../../src/core/gate/best-first/batches.ts';
import { foreseeItems } from '../../../../src/core/gate/best-first/foresee-items.ts';
import { madeOf } from '../../../../src/core/gate/made-of.ts';
import type { JobRecord } from '../../../../src/model/presubmit.ts';
import { aJobRecord } from '../gate-fixture.ts';
import { Queue } from './queue-fixture.ts';

const unit: readonly JobRecord[] = [aJobRecord('unit', { kind: 'blocked' })];

/** One slot for so many: the first of them are tested by one build, and what each has to pass is decided. */
function batched(count = 4, slots = 1): Queue {
  const numbers = Array.from({ length: count }, (_, at) => at + 1);
  const queue = new Queue(numbers, slots);
  queue.batched = true;
  queue.pass();
  for (const number of numbers) queue.decides(number, unit);
  return queue;
}

function batchedItems(queue: Queue): readonly number[] {
  return queue.draft.record.items.flatMap(({ number, batched: inside }) => (inside ? [number] : []));
}

describe('where slots are scarce, several are tested by one build (gate.md §6 Batching)', () => {
  it('that of the last of them; those between have none', () => {
    const queue = batched();
    expect([queue.batches(), queue.tested()]).toEqual([['(1+2+3+4)'], ['4 on 1+2+3']]);
    expect(batchedItems(queue)).toEqual([1, 2, 3]);
    expect(queue.decisions()).toEqual({ 1: 'test', 2: 'test', 3: 'test', 4: 'test' });
  });

  it('not where nobody wished it, nor where each is to be green by itself', () => {
    const queue = new Queue([1, 2, 3, 4], 1).pass();
    expect(queue.tested()).toEqual(['1']);
    const alone = new Queue([1, 2, 3, 4], 1);
    alone.batched = true;
    alone.prefixes = false;
    expect(alone.pass().tested()).toEqual(['1']);
  });

  it('once it passed, all of them land by one push', () => {
    expect(batched().end(4, 'success').lands()).toBe('4 with 1+2+3');
  });

  it('nothing more is begun of them while it runs, however often it is looked at', () => {
    const queue = batched(4, 2);
    const before = queue.tested();
    expect(queue.pass().pass().tested()).toEqual(before);
  });

  it('after it failed nobody is rejected for it, and less is built', () => {
    const queue = batched().end(4, 'failure').pass();
    expect(queue.draft.record.items.map(({ number, rejecting }) => [number, rejecting])).toEqual(
      [1, 2, 3, 4].map((number) => [number, undefined]),
    );
    expect(queue.tested()).toEqual(['1']);
    expect(batchedItems(queue)).toEqual([]);
    const [, second] = queue.steps();
    expect(second?.decision).toMatchObject({
      kind: 'beyond-window',
      because: expect.stringContaining('failed together with #1, #3, #4; nobody is rejected'),
    });
  });

  it('when one of them leaves, the others are built without it', () => {
    const queue = batched().leaves(2).pass();
    expect(queue.batches()).toEqual(['(1+3+4)']);
    expect(queue.draft.record.stopping.length + queue.tested().length).toBeGreaterThan(0);
    expect(batched().leaves(4).pass().batches()).toEqual(['(1+2+3)']);
    expect(batched().end(4, 'success').leaves(2).lands()).toBeNull();
  });

  it('when one of them is held, the others are built without it', () => {
    const queue = batched();
    queue.waits.add(3);
    expect(queue.pass().batches()).toEqual(['(1+2+4)']);
    const green = batched().end(4, 'success');
    green.waits.add(1);
    expect(green.lands()).toBeNull();
  });

  it('one that was asked for anew is another one, and is in none', () => {
    const queue = batched().end(4, 'success');
    const items = queue.draft.record.items.map((item) =>
      item.number === 2 ? { ...item, entry: item.entry + 1 } : item,
    );
    queue.draft.record = { ...queue.draft.record, items };
    expect(queue.lands()).toBeNull();
  });

  it('what the record keeps is enough after a restart', () => {
    const queue = batched();
    queue.draft.record = JSON.parse(JSON.stringify(queue.draft.record));
    expect(queue.end(4, 'success').lands()).toBe('4 with 1+2+3');
  });

  it('what a batch holds is forgotten with it', () => {
    const queue = batched();
    queue.waits = new Set([1, 2, 3, 4]);
    expect(batchedItems(queue.pass())).toEqual([1, 2, 3]);
    expect(batchedItems(queue.leaves(4).pass())).toEqual([]);
  });

  it('one whose jobs did not run there does not land by it, and gets a build of its own', () => {
    const queue = batched().decides(1, [...unit, aJobRecord('docs', { kind: 'blocked' })]);
    expect(queue.end(4, 'success').lands()).toBeNull();
    expect(queue.pass().tested()).toEqual(['1']);
    expect(queue.end(1, 'success').lands()).toBe('1');
  });

  it('one whose configuration cannot be used there gets a build of its own at once', () => {
    const queue = batched(4, 2);
    const [first] = queue.batches();
    expect(first).toBe('(1+2+3)');
    queue.decides(1, null, 'its file is none');
    queue.leaves(4).pass();
    expect(queue.tested()).toContain('1');
  });

  it('not by what is not decided yet', () => {
    expect(batched().decides(2, null).end(4, 'success').lands()).toBeNull();
  });

  it.each`
    heads        | included     | begun           | what
    ${[1, 2, 3]} | ${[1, 2, 3]} | ${['3 on 1+2']} | ${'a batch'}
    ${[2, 3]}    | ${[1, 2, 3]} | ${['3 on 1+2']} | ${'a batch on another'}
    ${[1, 3]}    | ${[1, 2, 3]} | ${['1']}        | ${'one with another between: what is ahead of that'}
    ${[1, 2]}    | ${[1, 2, 3]} | ${['2 on 1']}   | ${'one that holds more behind: without that'}
    ${[1, 2]}    | ${[1]}       | ${[]}           | ${'one that does not hold whom it is for'}
    ${[]}        | ${[1]}       | ${[]}           | ${'one for nobody'}
  `('of $heads in $included is begun $begun: $what', ({ heads, included, begun }) => {
    const queue = new Queue([1, 2, 3], 1);
    queue.batched = true;
    expect(queue.begins(heads, included).tested()).toEqual(begun);
  });

  it('none is begun that nobody wished, whatever a scheduler asks for', () => {
    expect(new Queue([1, 2], 1).begins([1, 2], [1, 2]).tested()).toEqual([]);
  });

  it('when they land is foreseen by the one build that tests them', () => {
    const queue = batched();
    queue.at += 60_000;
    queue.draft.record = { ...queue.draft.record, paces: [20 * 60_000] };
    const { schedule } = queue.draft.record;
    if (!schedule) throw new Error('nothing schedules it');
    const etas = [...foreseeItems(queue.draft.record, schedule, queue.walkedOf, queue.at).values()];
    expect(etas.map((eta) => eta.kind === 'between' && eta.because.startsWith('it waits for a slot'))).toEqual([
      false,
      false,
      false,
      false,
    ]);
    expect(etas[0]).toMatchObject({ because: 'its build is running' });
  });

  it('selects what any of them selects', () => {
    const made = batched().draft.record.items.at(-1);
    expect(made && madeOf(made)[0]?.guess?.heads?.length).toBe(3);
    const known = (...paths: string[]) => ({ known: true, paths }) as const;
    expect(changedTogether([known('a', 'b'), known('b', 'c')])).toEqual(known('a', 'b', 'c'));
    const unknown = { known: false, because: 'too many' } as const;
    expect(changedTogether([known('a'), unknown])).toEqual(unknown);
  });
});
