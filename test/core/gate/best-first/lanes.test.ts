import { describe, expect, it } from 'vitest';
import { leaveBestFirst } from '../../../../src/core/gate/best-first/leave.ts';
import { sha } from '../../../fakes/model-data.ts';
import { aVerdict, now } from '../gate-fixture.ts';
import { Queue } from './queue-fixture.ts';

describe('a queue whose changes are tested in lanes', () => {
  it('puts each on those ahead of it that touch the same, and on no other', () => {
    const queue = new Queue([1, 2, 3, 4]).inLanes({ 1: ['left'], 2: ['right'], 3: ['left', 'docs'], 4: ['other'] });
    expect(queue.pass().tested()).toEqual(['1', '2', '3 on 1', '4']);
  });

  it('puts what may matter to every other on all ahead of it, and all behind on it', () => {
    const queue = new Queue([1, 2, 3]).inLanes({ 1: ['left'], 2: 'everything', 3: ['right'] });
    expect(queue.pass().tested()).toEqual(['1', '2 on 1', '3 on 2']);
  });

  it('lands what passed without what it shares nothing with', () => {
    const queue = new Queue([1, 2])
      .inLanes({ 1: ['left'], 2: ['right'] })
      .pass()
      .end(2, 'success')
      .pass();
    expect(queue.lands()).toBe('2');
  });

  it('does so no more once whole trees are tested', () => {
    const queue = new Queue([1, 2]).inLanes({ 1: ['left'], 2: ['right'] }).pass();
    queue.lanes = false;
    expect(queue.end(2, 'success').pass().lands()).toBeNull();
    expect(queue.tested()).toEqual(['1', '2 on 1']);
  });

  it('rejects nobody for what failed in another lane', () => {
    const queue = new Queue([1, 2])
      .inLanes({ 1: ['left'], 2: ['right'] })
      .pass()
      .end(1, 'failure')
      .pass();
    expect(queue.tested().toSorted()).toEqual(['1', '2']);
  });
});

describe('what has its verdict of another tree', () => {
  function carried(): Queue {
    const queue = new Queue([1])
      .inLanes({ 1: ['left'] })
      .pass()
      .end(1, 'success');
    const items = queue.draft.record.items.map((item) => {
      if (item.candidate?.kind !== 'made') throw new Error('no candidate');
      const { commit } = item.candidate;
      const verdict = { ...aVerdict(commit), reused: { commit: sha('c2'), at: now, tree: sha('6') } };
      return { ...item, candidate: { ...item.candidate, verdict } };
    });
    queue.draft.record = { ...queue.draft.record, items };
    return queue;
  }

  it('lands in lanes', () => {
    expect(carried().pass().lands()).toBe('1');
  });

  it('is tested anew once whole trees are', () => {
    const queue = carried();
    queue.lanes = false;
    expect(queue.pass().lands()).toBeNull();
    expect(queue.tested()).toEqual(['1']);
  });

  it('is tested anew by the window', () => {
    const { draft } = carried();
    leaveBestFirst(draft);
    expect(draft.record.items[0]?.candidate).toBeNull();
  });
});
