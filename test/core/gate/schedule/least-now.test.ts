import { describe, expect, it } from 'vitest';
import { leastNow } from '../../../../src/core/gate/schedule/least-now.ts';
import { emptyMemory, type LearnedRates } from '../../../../src/core/gate/schedule/memory.ts';
import { aUnit, aView, plan, startsOf } from './schedule-fixture.ts';

/** Ten an hour, for long, and a build takes 30 minutes: five are usual while one runs. */
const rates: LearnedRates = { ...emptyMemory.rates, asked: 10 * 4, lastAsked: 100, firstAsked: -10_000 };

function leastOf(waiting: number, over: Partial<LearnedRates> = {}, lessUnderLoad = true): number {
  const units = Array.from({ length: waiting }, (_, at) => aUnit(`${at}`));
  const memory = { rates: { ...rates, ...over } };
  return leastNow({ view: aView(units), memory, settings: { least: 0.25, lessUnderLoad } });
}

describe('the least likely guess that gets a build', () => {
  it.each`
    waiting | least
    ${0}    | ${0.25}
    ${6}    | ${0.25}
    ${9}    | ${0.25}
    ${10}   | ${0.25 * 0.6 ** 3}
    ${12}   | ${0.25 / 8}
    ${20}   | ${0.02}
    ${500}  | ${0.02}
  `('where $waiting wait and five are usual, is of $least', ({ waiting, least }) => {
    expect(leastOf(waiting)).toBeCloseTo(least, 2);
  });

  it('is what the settings say where as many wait as are asked for while a build runs', () => {
    expect(leastOf(30, { asked: 60 * 4 })).toBe(0.25);
    expect(leastOf(72, { asked: 60 * 4 })).toBeCloseTo(0.25 / 8, 3);
  });

  it('is the same for every load where that is wanted, and where landings may cost only so much', () => {
    expect(leastOf(500, {}, false)).toBe(0.25);
    expect(leastOf(500, { least: 0.4 })).toBe(0.4);
  });

  it('is never more than the settings say', () => {
    const settings = { least: 0.01, lessUnderLoad: true };
    expect(leastNow({ view: aView([]), memory: { rates }, settings })).toBe(0.01);
    const many = Array.from({ length: 500 }, (_, at) => aUnit(`${at}`));
    expect(leastNow({ view: aView(many), memory: { rates }, settings })).toBe(0.01);
  });

  it('lets a queue that has grown be built to its end', () => {
    const twelve = [...'abcdefghijkl'].map((id) => aUnit(id, { prior: 0.85, askedAt: 99 }));
    const ends = (lessUnderLoad: boolean) => startsOf(plan(aView(twelve, { slots: 60 }), { lessUnderLoad }));
    expect(ends(true)).toContain('abcdefghijkl');
    expect(ends(false)).not.toContain('abcdefghijkl');
  });
});
