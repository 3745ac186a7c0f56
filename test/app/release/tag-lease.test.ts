import { expect, it } from 'vitest';
import type { AppContext } from '../../../src/app/context.ts';
import { takeTagLease } from '../../../src/app/release/tag-lease.ts';
import { subjectIdOf } from '../../../src/model/subject.ts';

const id = subjectIdOf({ kind: 'release', repository: 1, name: '1.2.1' });
const other = subjectIdOf({ kind: 'release', repository: 1, name: '1.3.0' });

/** Leases that end by the time of this test; `slow`: how long the next answer takes (ms). */
function createStage() {
  const held = new Map<string, { readonly holder: string; readonly until: number }>();
  const stage = { now: 1_000_000, slow: 0, set: 0, slept: 0 };
  const notes = {
    async lease(name: string, holder: string, milliseconds: number): Promise<boolean> {
      const there = held.get(name);
      const isFree = there === undefined || there.until <= stage.now || there.holder === holder;
      if (isFree) held.set(name, { holder, until: stage.now + milliseconds });
      stage.now += stage.slow;
      return isFree;
    },
  };
  const take = (worker: string, subject: typeof id) => {
    const ports = {
      notes,
      clock: { now: () => stage.now + stage.set, elapsed: () => stage.now - stage.slept },
      log: { debug: () => undefined },
    };
    return takeTagLease({ ports, settings: { worker } } as unknown as AppContext, subject, 1);
  };
  return { stage, take };
}

const minute = 60_000;

it('is of one pass at a time: neither another release has it, nor another worker at the same one, until it is given back', async () => {
  const { take } = createStage();
  const first = await take('worker-1', id);
  expect(await first?.whyNot()).toBeNull();
  expect(await take('worker-1', other)).toBeNull();
  expect(await take('worker-2', id)).toBeNull();
  await first?.release();
  const { take: fresh, stage } = createStage();
  await (await fresh('worker-1', id))?.release();
  stage.now += 1;
  expect(await fresh('worker-2', other)).not.toBeNull();
});

it('is prolonged while it is used, however many tags there are', async () => {
  const { stage, take } = createStage();
  const lease = await take('worker-1', id);
  for (let tag = 0; tag < 10; tag += 1) {
    stage.now += minute;
    expect(await lease?.whyNot()).toBeNull();
    expect(await take('worker-2', other)).toBeNull();
  }
});

it('lets no tag be set once it ran out, whether or not another release has it since', async () => {
  const { stage, take } = createStage();
  const slow = await take('worker-1', id);
  stage.now += 4 * minute;
  expect(await slow?.whyNot()).toContain('another release may set its tags by now');
  const { stage: later, take: takeLater } = createStage();
  const paused = await takeLater('worker-1', id);
  later.now += 4 * minute;
  const next = await takeLater('worker-2', other);
  expect(await next?.whyNot()).toBeNull();
  expect(await paused?.whyNot()).toContain('another release may set its tags by now');
});

it('lets none be set when prolonging it took so long that it had run out before it was answered', async () => {
  const { stage, take } = createStage();
  const lease = await take('worker-1', id);
  stage.now += 2 * minute + 10_000;
  stage.slow = 55_000;
  expect(await lease?.whyNot()).toContain('another release may set its tags by now');
});

it('runs out in its time though the time of day is set back, or the machine slept, meanwhile', async () => {
  for (const change of [{ set: -60 * minute }, { slept: 4 * minute }]) {
    const { stage, take } = createStage();
    const lease = await take('worker-1', id);
    stage.now += 4 * minute;
    Object.assign(stage, change);
    expect(await lease?.whyNot()).toContain('another release may set its tags by now');
  }
});

it('does not care how far the clocks of two workers are apart', async () => {
  for (const set of [-60 * minute, 60 * minute]) {
    const { stage, take } = createStage();
    stage.set = set;
    const lease = await take('worker-1', id);
    stage.now += minute;
    expect(await lease?.whyNot()).toBeNull();
    stage.set = 0;
    expect(await take('worker-2', other)).toBeNull();
  }
});
