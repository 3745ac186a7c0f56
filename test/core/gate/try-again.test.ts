import { describe, expect, it } from 'vitest';
import { planQueue } from '../../../src/core/gate/plan-queue.ts';
import { pauseAfter, unpark, untilTry } from '../../../src/core/gate/try-again.ts';
import type { QueueItem } from '../../../src/model/queue.ts';
import { sha } from '../../fakes/model-data.ts';
import { aCandidate, aDraft, aJobRecord, anItem, aRecord, ended, now, theFacts } from './gate-fixture.ts';

const minute = 60_000;
const failed = aCandidate(sha('c1'), { jobs: [aJobRecord('unit', ended('error'))] });

function parked(times: number, at: number): QueueItem {
  return anItem(1, { parked: 'unit could not be run', candidate: failed, parkings: { times, at } });
}

describe('what may be nobody’s fault is tried again', () => {
  it.each([
    [1, 10, 10],
    [2, 20, 30],
    [3, 40, 70],
    [4, 80, 150],
    [5, 120, 270],
    [6, 120, 390],
    [1_000, 120, undefined],
  ])('after failure %d in %d minutes', (times, pause, since) => {
    expect(pauseAfter(times)).toBe(pause * minute);
    if (since !== undefined) expect(untilTry(times)).toBe(since * minute);
  });

  it.each<[string, QueueItem, boolean]>([
    ['when its pause is over', parked(2, now - 20 * minute), true],
    ['not a moment before', parked(2, now - 20 * minute + 1), false],
    ['not by time where it is not known since when it is', anItem(1, { parked: 'x', candidate: failed }), false],
  ])('one that is parked goes on %s', (_, item, goesOn) => {
    const draft = aDraft({ items: [item] });
    unpark(draft, theFacts(), draft.record);
    expect(draft.record.items[0]).toMatchObject(goesOn ? { parked: null, candidate: null } : { candidate: failed });
  });

  it('one that could not be run is parked, once more if it was before, and its check run names the time', () => {
    const { record, effects } = planQueue(
      aRecord({ items: [{ ...anItem(1, { candidate: failed }), parkings: { times: 1, at: 1 } }] }),
      theFacts(),
    );
    expect(record.items[0]?.parkings).toEqual({ times: 2, at: now });
    const told = effects.flatMap((each) =>
      each.kind === 'on' && each.effect.kind === 'report' ? [each.effect.report.summary] : [],
    );
    const at = new Date(now + 20 * minute).toISOString().slice(11, 16);
    expect(told.join()).toContain(`It goes on by itself at ${at} UTC, or once the next one has landed`);
  });
});
