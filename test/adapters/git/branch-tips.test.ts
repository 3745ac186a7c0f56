import { describe, expect, it, vi } from 'vitest';
import { createBranchTips } from '../../../src/adapters/git/branch-tips.ts';
import { toSha } from '../../../src/model/sha.ts';

const [one, two, three] = ['1', '2', '3'].map((digit) => toSha(digit.repeat(40)));
if (!one || !two || !three) throw new Error('three commits');
const later = () => new Promise((resolve) => setImmediate(resolve));

function rig(maxAgeMs: number) {
  const state = { now: 0, tip: one, reads: 0 };
  const tips = createBranchTips(maxAgeMs, () => state.now);
  const look = () =>
    tips.tipOf('main', async () => {
      state.reads += 1;
      return state.tip;
    });
  return { state, tips, look };
}

describe('the tip of a branch', () => {
  it('is asked for each time when nothing may be remembered', async () => {
    const { state, look } = rig(0);
    await look();
    state.tip = two;
    expect([await look(), state.reads]).toEqual([two, 2]);
  });

  it('is remembered, renewed behind those who come, and never older than allowed', async () => {
    const { state, look } = rig(9_000);
    await look();
    state.tip = two;
    state.now = 2_000;
    expect([await look(), state.reads]).toEqual([one, 1]);
    state.now = 4_000;
    expect(await look()).toBe(one);
    await vi.waitFor(async () => expect([await look(), state.reads]).toEqual([two, 2]), 5_000);
    state.tip = three;
    state.now = 13_500;
    expect(await look()).toBe(three);
  });

  it.each`
    told                               | before   | after  | expected | reads
    ${'a move from what is known'}     | ${one}   | ${two} | ${two}   | ${1}
    ${'a move that came out of order'} | ${three} | ${two} | ${one}   | ${2}
  `('after $told is right', async ({ before, after, expected, reads }) => {
    const { state, tips, look } = rig(60_000);
    await look();
    tips.moved('main', before, after);
    await later();
    expect([await look(), state.reads]).toEqual([expected, reads]);
  });

  it('that could not be read is asked for again', async () => {
    const tips = createBranchTips(60_000, () => 0);
    await expect(tips.tipOf('main', () => Promise.reject(new Error('no answer')))).rejects.toThrow('no answer');
    expect(await tips.tipOf('main', async () => two)).toBe(two);
  });
});
