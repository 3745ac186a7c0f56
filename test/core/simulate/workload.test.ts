import { describe, expect, it } from 'vitest';
import { makeWorkload } from '../../../src/core/simulate/workload.ts';

const settings = { seed: 1, rate: 100, minutes: 1_200, fail: 0.1, conflict: 0.2, modules: 30 };
const arrivals = makeWorkload(settings);

function shareOf(list: readonly boolean[]): number {
  return list.filter(Boolean).length / list.length;
}

describe('generated arrivals', () => {
  it('are as many as the rate says, within the time', () => {
    expect(arrivals.length / 20).toBeGreaterThan(95);
    expect(arrivals.length / 20).toBeLessThan(105);
    expect(arrivals.every(({ atMinute }) => atMinute > 0 && atMinute < 1_200)).toBe(true);
  });

  it('take a median of half an hour, five minutes at least and two hours at most', () => {
    const sorted = arrivals.map(({ buildMinutes }) => buildMinutes).sort((one, other) => one - other);
    expect(sorted[1_000]).toBeGreaterThan(28);
    expect(sorted[1_000]).toBeLessThan(32);
    expect(sorted[0]).toBeGreaterThanOrEqual(5);
    expect(sorted.at(-1)).toBeLessThanOrEqual(120);
  });

  it('fail as often as they are said to, and are believed to on the average', () => {
    const failing = shareOf(arrivals.map(({ failsAlone }) => failsAlone));
    const believed = 1 - arrivals.reduce((sum, { prior }) => sum + prior, 0) / arrivals.length;
    for (const share of [failing, believed]) {
      expect(share).toBeGreaterThan(0.08);
      expect(share).toBeLessThan(0.12);
    }
    const trusted = arrivals.filter(({ prior }) => prior > 0.9);
    expect(shareOf(trusted.map(({ failsAlone }) => failsAlone))).toBeLessThan(failing);
  });

  it('touch one module in seven of ten cases, three at most, and conflict only where they share one', () => {
    expect(shareOf(arrivals.map(({ modules }) => modules.length === 1))).toBeCloseTo(0.7, 1);
    expect(Math.max(...arrivals.map(({ modules }) => modules.length))).toBe(3);
    const byId = new Map(arrivals.map((change) => [change.id, change]));
    const pairs = arrivals.flatMap((change) => change.conflictsWith.map((id) => [change, byId.get(id)] as const));
    expect(pairs.length).toBeGreaterThan(1_000);
    expect(pairs.every(([one, other]) => one.modules.some((module) => other?.modules.includes(module)))).toBe(true);
  });

  it('are others for another seed, and keep their times when only the faults change', () => {
    expect(makeWorkload(settings)).toEqual(arrivals);
    expect(makeWorkload({ ...settings, seed: 2 })[0]?.atMinute).not.toBe(arrivals[0]?.atMinute);
    const worse = makeWorkload({ ...settings, fail: 0.4, conflict: 0 });
    expect(worse.map(({ atMinute }) => atMinute)).toEqual(arrivals.map(({ atMinute }) => atMinute));
  });

  it('have one module where the project has one', () => {
    const one = makeWorkload({ ...settings, rate: 10, modules: 1 });
    expect(new Set(one.flatMap(({ modules }) => modules))).toEqual(new Set(['m1']));
  });

  it('come in bursts besides, where that is asked for, and the others keep their times', () => {
    const bursts = { everyHours: 10, changes: 60, minutes: 30 };
    const both = makeWorkload({ ...settings, rate: 1, bursts }).map(({ atMinute }) => atMinute);
    const within = (from: number): number => both.filter((at) => at >= from && at < from + 30).length;
    expect(within(300)).toBeGreaterThanOrEqual(60);
    expect(within(900)).toBeGreaterThanOrEqual(60);
    expect(within(600)).toBeLessThan(10);
    expect([...both].sort((one, other) => one - other)).toEqual(both);
    const plain = makeWorkload({ ...settings, rate: 1 }).map(({ atMinute }) => atMinute);
    expect(plain.filter((at) => !both.includes(at))).toEqual([]);
  });

  it('differ more in how long they take where that is asked for', () => {
    const minutes = makeWorkload({ ...settings, spread: 1, longest: 240 }).map(({ buildMinutes }) => buildMinutes);
    expect(shareOf(minutes.map((each) => each > 120))).toBeGreaterThan(0.05);
    expect(Math.max(...minutes)).toBe(240);
  });
});
