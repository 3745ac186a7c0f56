import { describe, expect, it } from 'vitest';
import type { Policy } from '../../../src/core/simulate/field.ts';
import { policies } from '../../../src/core/simulate/policies/all.ts';
import { makeWorkload } from '../../../src/core/simulate/workload.ts';
import { arrival, endsOf, policyNamed, runOf } from './workload-fixture.ts';

const names = policies.map(({ name }) => name);
const settings = { rate: 20, minutes: 100, fail: 0.15, conflict: 0.1, modules: 5 };
const seeds = [1, 2];

function someRun(policy: Policy | string, seed: number, flake = 0.05) {
  const arrivals = makeWorkload({ ...settings, seed });
  return { arrivals, run: runOf(policy, arrivals, { seed, slots: 8, flake, until: 1_000 }) };
}

/** Writes down what the policy was shown. */
function watched(policy: Policy, seen: { running: number; landed: readonly number[] }): Policy {
  return {
    ...policy,
    decide: (state, field) => {
      const running = [...field.builds.values()].filter((build) => build.state === 'running').length;
      seen.running = Math.max(seen.running, running);
      seen.landed = [...field.landed];
      return policy.decide(state, field);
    },
  };
}

describe.each(names)('%s, on arrivals with bad, flaky and conflicting changes', (name) => {
  it('lands, rejects or leaves every change, and no change twice', () => {
    for (const seed of seeds) {
      const seen = { running: 0, landed: [] as readonly number[] };
      const { run, arrivals } = someRun(watched(policyNamed(name), seen), seed);
      const landed = run.outcomes.filter(({ landedAt }) => landedAt !== null).length;
      expect(run.outcomes).toHaveLength(arrivals.length);
      expect(run.outcomes.filter(({ landedAt, rejectedAt }) => landedAt !== null && rejectedAt !== null)).toEqual([]);
      expect(new Set(seen.landed).size).toBe(seen.landed.length);
      expect(landed).toBe(seen.landed.length);
      expect(landed).toBeGreaterThan(0);
      expect(seen.running).toBeLessThanOrEqual(8);
    }
  });

  it('lands nothing that fails by itself, and never makes main red', () => {
    for (const seed of seeds) {
      const { run, arrivals } = someRun(name, seed);
      const bad = arrivals.flatMap(({ failsAlone }, at) => (failsAlone ? [run.outcomes[at]?.landedAt] : []));
      expect(bad.length).toBeGreaterThan(0);
      expect(bad.filter((at) => at !== null)).toEqual([]);
      expect(run.redMain).toBe(0);
    }
  });

  it('gives the same again for the same seed', () => {
    expect(someRun(name, 4).run).toEqual(someRun(name, 4).run);
  });

  it('turns nothing away wrongly while no build is flaky', () => {
    if (name === 'github-eager') return;
    for (const seed of seeds) expect(someRun(name, seed, 0).run.wronglyRejected).toEqual([]);
  });
});

describe('the world of a simulation', () => {
  const careless: Policy = {
    name: 'careless',
    about: 'lands what arrives, untested',
    begin: () => null,
    decide: (state, { waiting }) => ({
      state,
      moves: waiting.slice(0, 1).map(({ number }) => ({ kind: 'land', changes: [number] })),
    }),
  };

  it('sees when a policy makes main red', () => {
    const arrivals = [arrival('a'), arrival('b', { failsAlone: true }), arrival('c', { conflictsWith: ['a'] })];
    expect(runOf(careless, arrivals).redMain).toBe(2);
  });

  it('sees when a policy turns a good change away', () => {
    const grim: Policy = {
      ...careless,
      decide: (state, { waiting }) => ({
        state,
        moves: waiting.slice(0, 1).map(({ number }) => ({ kind: 'reject', change: number })),
      }),
    };
    const run = runOf(grim, [arrival('a'), arrival('b', { failsAlone: true })]);
    expect(run.wronglyRejected).toEqual([1]);
  });

  it('refuses to land a change twice', () => {
    const twice: Policy = { ...careless, decide: (state) => ({ state, moves: [{ kind: 'land', changes: [1, 1] }] }) };
    expect(() => runOf(twice, [arrival('a')])).toThrow('change 1 is not in the queue');
  });

  it('counts a cancelled build with the minutes that it had a slot', () => {
    const hasty: Policy = {
      ...careless,
      decide: (state, { builds, now, waiting }) => {
        if (waiting.length === 1 && !builds.has('x'))
          return { state, moves: [{ kind: 'start', key: 'x', members: [1], tests: [1], urgency: 1 }] };
        return { state, moves: now === 4 && builds.has('x') ? [{ kind: 'drop', key: 'x' }] : [] };
      },
    };
    const run = runOf(hasty, [arrival('a'), arrival('b', { atMinute: 4 })]);
    expect([run.builds, run.slotMinutes]).toEqual([1, 4]);
  });

  it('shows a policy what has happened only when it looks, and counts no minute of a build that has ended', () => {
    const run = runOf('serial', [arrival('a', { atMinute: 1 })], { every: 4 });
    // Seen at minute 4, and ended at 14.
    expect(endsOf(run)).toEqual([16]);
    expect(run.slotMinutes).toBe(10);
    expect(endsOf(runOf('serial', [arrival('a', { atMinute: 1 })]))).toEqual([11]);
  });

  it('ends builds that fail early, after 30 % of their time at the soonest', () => {
    const times = Array.from({ length: 50 }, (_, seed) => {
      const run = runOf('serial', [arrival('a', { failsAlone: true })], { seed });
      return run.outcomes[0]?.rejectedAt ?? 0;
    });
    expect(Math.min(...times)).toBeGreaterThanOrEqual(3);
    expect(Math.min(...times)).toBeLessThan(4);
    expect(Math.max(...times)).toBeLessThan(10);
    expect(Math.max(...times)).toBeGreaterThan(9);
  });

  it('leaves in the queue what has not ended when time is up', () => {
    expect(endsOf(runOf('serial', [arrival('a'), arrival('b')], { until: 15 }))).toEqual([10, 'left']);
  });
});
