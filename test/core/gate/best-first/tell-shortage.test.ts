import { describe, expect, it } from 'vitest';
import { lookAt } from '../../../../src/core/gate/best-first/look.ts';
import { describeShortage } from '../../../../src/core/gate/best-first/tell-shortage.ts';
import { planQueue } from '../../../../src/core/gate/plan-queue.ts';
import type { StoredSchedule } from '../../../../src/model/best-first.ts';
import { settings } from '../entry/entry-fixture.ts';
import { aBranch, main, theFacts } from '../gate-fixture.ts';
import { Queue } from './queue-fixture.ts';

const minute = 60_000;

function scheduleOf(queue: Queue): StoredSchedule {
  const { schedule } = queue.draft.record;
  if (!schedule) throw new Error('nothing schedules it');
  return schedule;
}

/** One slot for five, passed over again and again for so many minutes. */
function busyFor(minutes: number): Queue {
  const queue = new Queue([1, 2, 3, 4, 5], 1).pass();
  for (let passed = 0; passed < minutes; passed += 10) {
    queue.at += 10 * minute;
    queue.pass();
  }
  return queue;
}

function summariesOf(queue: Queue): Readonly<Record<number, string>> {
  const own = settings({ scheduler: { kind: 'best-first', slots: 1, prefixes: true } });
  const facts = theFacts({ now: queue.at, made: queue.made, branches: new Map([[main, aBranch({ settings: own })]]) });
  const { effects } = planQueue(queue.draft.record, facts);
  return Object.fromEntries(
    effects.flatMap((each) =>
      each.kind === 'on' && each.effect.kind === 'report' ? [[each.number, each.effect.report.summary]] : [],
    ),
  );
}

it('the scheduler knows what priority people asked for, as nobody is to go ahead of another one', () => {
  const queue = new Queue([1, 2]).pass();
  const items = queue.draft.record.items.map(
    (item) => ({ ...item, lane: item.number === 1 ? 'hotfix' : 'normal' }) as const,
  );
  const { view } = lookAt({ ...queue.draft.record, items }, scheduleOf(queue), queue.walkedOf, queue.at, false);
  expect(view.units.map(({ priority }) => priority)).toEqual(['hotfix', undefined]);
});

describe('where more is asked for than can be tested', () => {
  it('nothing is said before that has lasted for two build durations', () => {
    expect(describeShortage(busyFor(50).draft.record)).toBeNull();
  });

  it('it is then said in one sentence, with what is done about it, and noted in the history', () => {
    const queue = busyFor(60);
    expect(describeShortage(queue.draft.record)).toBe(
      'More is asked for than can be tested in one slot, since 1970-01-01 02:46 UTC: until that is over, what will more likely fail than land is tested last of its priority, nobody is overtaken more than 10 times, and nothing is tested on a second ground in case the first does not hold.',
    );
    expect(queue.draft.reasons).toContain('more is asked for than can be tested: load is shed');
  });

  it('those that wait for a slot read it, and those that are tested do not', () => {
    const summaries = summariesOf(busyFor(60));
    expect(summaries[1]).not.toContain('More is asked for');
    expect(summaries[2]).toContain('\n* More is asked for than can be tested in one slot');
  });

  it('it is over, and said no more, once it was not so for one build duration', () => {
    const queue = busyFor(60);
    queue.draft.record = { ...queue.draft.record, items: queue.draft.record.items.slice(0, 1) };
    queue.at += 10 * minute;
    expect(describeShortage(queue.pass().draft.record)).not.toBeNull();
    queue.at += 30 * minute;
    expect(describeShortage(queue.pass().draft.record)).toBeNull();
    expect(scheduleOf(queue)).not.toHaveProperty('short');
    expect(queue.draft.reasons.at(-1)).toBe('no more is asked for than can be tested: no load is shed');
  });

  it('it is known after a restart, and a document of before has none of it', () => {
    const queue = busyFor(60);
    queue.draft.record = JSON.parse(JSON.stringify(queue.draft.record));
    queue.at += minute;
    expect(describeShortage(queue.pass().draft.record)).not.toBeNull();
    const { short: _, ...old } = scheduleOf(queue);
    queue.draft.record = { ...queue.draft.record, schedule: old };
    expect(describeShortage(queue.pass().draft.record)).toBeNull();
    expect(scheduleOf(queue).short).toMatchObject({ isAnnounced: false });
  });
});
