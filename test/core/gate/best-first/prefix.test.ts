import { describe, expect, it } from 'vitest';
import { isCovered } from '../../../../src/core/gate/best-first/covers.ts';
import { landingBy } from '../../../../src/core/gate/best-first/landing-by.ts';
import { keyOf, lookAt } from '../../../../src/core/gate/best-first/look.ts';
import { firstSchedule } from '../../../../src/core/gate/best-first/remember.ts';
import { unitIdOf } from '../../../../src/core/gate/best-first/unit-id.ts';
import { madeOf } from '../../../../src/core/gate/made-of.ts';
import type { JobRecord } from '../../../../src/model/presubmit.ts';
import { sha } from '../../../fakes/model-data.ts';
import { aJobRecord, ended, idOf, now, tip } from '../gate-fixture.ts';
import { Queue } from './queue-fixture.ts';

const running = { kind: 'building', builds: [] } as const;
const skipped = { kind: 'skipped', definite: true } as const;
const barred = { kind: 'skipped', definite: false } as const;
const passed = ended('success');
const failed = ended('failure');

/** 1 runs, 2 on 1 passed. */
function secondPassed(): Queue {
  return new Queue([1, 2])
    .pass()
    .runs(1, [aJobRecord('unit', running)])
    .end(2, 'success');
}

describe('a green candidate lands with what it holds that is not green yet (gate.md §6 Prefix landing)', () => {
  it('all by one push, the one that was tested last', () => {
    expect(secondPassed().lands()).toBe('2 with 1');
  });

  it('also what failed by itself, as that was a flake', () => {
    const queue = new Queue([1, 2, 3]).pass().runs(1, [aJobRecord('unit', running)]);
    queue
      .runs(2, [aJobRecord('unit', failed)])
      .end(3, 'success')
      .pass();
    expect(queue.lands()).toBe('3 with 1+2');
  });

  it('not where each commit is to be green by itself', () => {
    const queue = new Queue([1, 2]);
    queue.prefixes = false;
    queue
      .pass()
      .runs(1, [aJobRecord('unit', running)])
      .end(2, 'success');
    expect(queue.lands()).toBeNull();
  });

  it('what is green by itself lands first', () => {
    expect(secondPassed().end(1, 'success').lands()).toBe('1');
  });

  it('not while one of them is held, nor after one has left', () => {
    const held = secondPassed();
    held.waits.add(1);
    expect(held.lands()).toBeNull();
    const gone = secondPassed();
    gone.draft.record = { ...gone.draft.record, items: gone.draft.record.items.slice(1) };
    expect(gone.lands()).toBeNull();
  });

  it('not after a push of it was refused: each hears what concerns it', () => {
    const queue = secondPassed();
    const items = queue.draft.record.items.map((item) => {
      if (item.candidate?.kind !== 'made' || item.candidate.guess === undefined) return item;
      return { ...item, candidate: { ...item.candidate, guess: { ...item.candidate.guess, alone: true as const } } };
    });
    queue.draft.record = { ...queue.draft.record, items };
    expect(queue.lands()).toBeNull();
  });

  describe('whoever names the build', () => {
    /** Whether a scheduler that only names the candidate of 2 has it landed. */
    function isLanded(queue: Queue): boolean {
      const { record } = queue.draft;
      const item = record.items.find(({ number }) => number === 2);
      const [made] = item ? madeOf(item) : [];
      if (!item || !made || !record.schedule) throw new Error('nothing is tested');
      const look = lookAt(record, record.schedule, queue.walkedOf, now, false);
      return landingBy(record, look, keyOf(unitIdOf(item), made)) !== null;
    }

    it('lands, where nothing is against it', () => {
      expect(isLanded(secondPassed())).toBe(true);
    });

    it('not with others where each commit is to be green by itself', () => {
      const queue = secondPassed();
      const { schedule } = queue.draft.record;
      const { prefixes: _, ...alone } = schedule ?? firstSchedule(1, { tip });
      queue.draft.record = { ...queue.draft.record, schedule: alone };
      expect(isLanded(queue)).toBe(false);
    });

    it('not what has not passed', () => {
      expect(isLanded(secondPassed().end(2, 'failure'))).toBe(false);
    });

    it('not without what one of them needs (first condition)', () => {
      const queue = secondPassed();
      const { items } = queue.draft.record;
      queue.needs = { 1: [2] };
      expect(isLanded(queue)).toBe(false);
      queue.needs = { 2: [1] };
      queue.draft.record = { ...queue.draft.record, items };
      expect(isLanded(queue)).toBe(true);
    });

    it('not by itself what needs another', () => {
      const queue = new Queue([1, 2]).pass().end(1, 'failure').pass();
      const items = queue.draft.record.items.map((item) => {
        const alone = madeOf(item).filter(({ guess }) => guess?.under.length === 0);
        return item.number === 2 ? { ...item, candidate: alone[0] ?? null, hedges: [] } : item;
      });
      queue.draft.record = { ...queue.draft.record, items };
      queue.end(2, 'success');
      expect(isLanded(queue)).toBe(true);
      queue.needs = { 2: [1] };
      expect(isLanded(queue)).toBe(false);
    });

    it('not after something else landed (second condition)', () => {
      const queue = secondPassed();
      const branches = queue.draft.record.branches.map((branch) => ({ ...branch, tip: sha('dd') }));
      queue.draft.record = { ...queue.draft.record, branches };
      // Whatever the scheduler knows of it.
      expect(isLanded(queue)).toBe(false);
    });

    it('not where a job of one of them did not run (third condition)', () => {
      const queue = secondPassed().runs(1, [aJobRecord('unit', running), aJobRecord('docs', running)]);
      expect(isLanded(queue)).toBe(false);
      queue.runs(2, [aJobRecord('unit', passed), aJobRecord('docs', passed)]);
      expect(isLanded(queue)).toBe(true);
    });

    it('not where the commit inside is another one by now', () => {
      const queue = secondPassed();
      const items = queue.draft.record.items.map((item) =>
        item.number === 1 && item.candidate?.kind === 'made'
          ? { ...item, candidate: { ...item.candidate, commit: sha('ee') } }
          : item,
      );
      queue.draft.record = { ...queue.draft.record, items };
      expect(isLanded(queue)).toBe(false);
    });
  });
});

describe('a verdict covers a change inside', () => {
  const job = (status: JobRecord['status'], over: Partial<JobRecord> = {}) => aJobRecord('unit', status, over);
  const both = ['api', 'web'];
  it.each`
    what                                    | inside                                 | tested                                    | covered
    ${'its job passed there'}               | ${[job(running)]}                      | ${[job(passed)]}                          | ${true}
    ${'it failed here and passed there'}    | ${[job(failed)]}                       | ${[job(passed)]}                          | ${true}
    ${'it was barred here'}                 | ${[job(barred)]}                       | ${[job(passed)]}                          | ${true}
    ${'it was barred here, skipped there'}  | ${[job(barred)]}                       | ${[job(skipped)]}                         | ${false}
    ${'it waits here, skipped there'}       | ${[job({ kind: 'blocked' })]}          | ${[job(skipped)]}                         | ${false}
    ${'for certain nothing applies'}        | ${[job(skipped)]}                      | ${[job(skipped)]}                         | ${true}
    ${'its job is not there'}               | ${[job(running)]}                      | ${[]}                                     | ${false}
    ${'its job is another one there'}       | ${[job(running)]}                      | ${[job(passed, { definition: 'other' })]} | ${false}
    ${'its job failed there'}               | ${[job(running)]}                      | ${[job(failed)]}                          | ${false}
    ${'what does not count failed there'}   | ${[job(running, { required: false })]} | ${[job(failed, { required: false })]}     | ${true}
    ${'what does not count never ran'}      | ${[job(running, { required: false })]} | ${[job(skipped, { required: false })]}    | ${false}
    ${'one image of two was built there'}   | ${[job(running, { images: ['web'] })]} | ${[job(passed, { images: ['api'] })]}     | ${false}
    ${'all of its images were built there'} | ${[job(running, { images: ['web'] })]} | ${[job(passed, { images: both })]}        | ${true}
    ${'all images were built there'}        | ${[job(running, { images: ['web'] })]} | ${[job(passed)]}                          | ${true}
    ${'it builds all, there only one'}      | ${[job(running)]}                      | ${[job(passed, { images: ['api'] })]}     | ${false}
    ${'its jobs are not known yet'}         | ${null}                                | ${[job(passed)]}                          | ${false}
  `('$what: $covered', ({ inside, tested, covered }) => {
    expect(isCovered({ jobs: inside }, { jobs: tested })).toBe(covered);
  });
});

it('names those inside by their ids, oldest first', () => {
  const step = secondPassed()
    .steps()
    .find(({ decision }) => decision.kind === 'land');
  expect(step).toMatchObject({ id: idOf(2), decision: { by: { inside: [idOf(1)] } } });
});
