import { describe, expect, it } from 'vitest';
import type { Field, Move, Policy } from '../../../../src/core/simulate/field.ts';
import { asCandidate } from '../../../../src/core/simulate/policies/queue-rules.ts';
import { makeWorkload } from '../../../../src/core/simulate/workload.ts';
import { aBuild } from '../../gate/schedule/schedule-fixture.ts';
import { arrival, endsOf, policyNamed, runOf } from '../workload-fixture.ts';

const asQueued = ['best-first-whole', 'best-first-batches', 'best-first-lanes', 'best-first-lanes-batches'];
const scarce = { rate: 6, minutes: 600, fail: 0.05, conflict: 0.035, modules: 30 };

describe.each(asQueued)('%s', (policy) => {
  it.each([1, 2])(
    'keeps main green and comes to an end with what arrived in ten hours at three slots (seed %s)',
    (seed) => {
      const arrivals = makeWorkload({ ...scarce, seed });
      const run = runOf(policy, arrivals, { seed, slots: 3, flake: 0.01, until: 3_000 });
      expect(run.redMain).toBe(0);
      expect(endsOf(run).filter((end) => end === 'left')).toEqual([]);
      const good = arrivals.flatMap(({ failsAlone }, at) => (failsAlone ? [] : [run.outcomes[at]?.landedAt ?? null]));
      expect(good.filter((at) => at !== null).length / good.length).toBeGreaterThan(0.8);
    },
  );
});

/** Every move that a policy makes, with what it saw. */
function movesOf(name: string, slots: number): readonly { readonly move: Move; readonly field: Field }[] {
  const seen: { move: Move; field: Field }[] = [];
  const policy = policyNamed(name);
  const decide: Policy['decide'] = (state, field) => {
    const decided = policy.decide(state, field);
    const now = { ...field, landed: [...field.landed] };
    seen.push(...decided.moves.map((move) => ({ move, field: now })));
    return decided;
  };
  const arrivals = makeWorkload({ ...scarce, seed: 1, minutes: 1_800 });
  runOf({ ...policy, decide }, arrivals, { seed: 1, slots, flake: 0.05, until: 4_000 });
  return seen;
}

it.each(asQueued)('a candidate of %s lands with all that is left of it, or not at all', (name) => {
  const landings = movesOf(name, 3).flatMap(({ move, field }) =>
    move.kind === 'land' ? [{ changes: move.changes, field }] : [],
  );
  const leftIn = ({ builds, landed }: Field): readonly string[] =>
    [...builds.values()]
      .filter(({ state }) => state === 'passed')
      .map(({ members }) => members.filter((number) => !landed.includes(number)).join());
  expect(landings.length).toBeGreaterThan(50);
  for (const { changes, field } of landings) expect(leftIn(field)).toContain(changes.join());
});

it('a batch is of neighbours', () => {
  const batches = movesOf('best-first-batches', 2).flatMap(({ move }) =>
    move.kind === 'start' && move.tests.length > 1 ? [move] : [],
  );
  expect(batches.length).toBeGreaterThan(5);
  for (const { tests, members } of batches) expect(members.slice(-tests.length)).toEqual(tests);
});

it('each of them is another way to run the same queue', () => {
  const arrivals = makeWorkload({ ...scarce, seed: 1 });
  const ends = asQueued.map((policy) => endsOf(runOf(policy, arrivals, { seed: 1, slots: 3, until: 3_000 })).join());
  expect(new Set(ends).size).toBe(asQueued.length);
});

it('in lanes a change passes by a long one that shares no module with it; on whole trees it is tested with it, and both land', () => {
  const apart = [arrival('long', { buildMinutes: 99, modules: ['m2'] }), arrival('short')];
  expect(endsOf(runOf('best-first-whole', apart))).toEqual([10, 10]);
  expect(endsOf(runOf('best-first-lanes', apart))).toEqual([100, 10]);
});

it('on whole trees forty that are asked for at once are tested at once where there are slots for them', () => {
  const many = Array.from({ length: 40 }, (_, at) => arrival(`c${at}`, { modules: [`m${at}`] }));
  expect(new Set(endsOf(runOf('best-first-whole', many)))).toEqual(new Set([10]));
});

it('batches alone test several by one build where there is one slot for them', () => {
  const many = [...'abcdefgh'].map((id) => arrival(id, { prior: 0.99 }));
  expect(runOf('best-first-whole', many, { slots: 1 }).builds).toBe(8);
  expect(runOf('best-first-batches', many, { slots: 1 }).builds).toBeLessThan(8);
});

describe('a candidate that passed in lanes', () => {
  const touches: Readonly<Record<string, readonly string[]>> = { a: ['x'], b: ['x', 'y'], c: ['x', 'z'], d: ['y'] };
  const shown = (included: string, heads: string, lanes = true) => {
    const build = aBuild(included, { verdict: 'passed', heads: [...heads] });
    const found = asCandidate(build, { lanes }, (id) => touches[id] ?? []);
    return [found.covers.join(''), found.heads.join('')];
  };

  it('speaks of those inside whose jobs its own changes have run', () => {
    expect(shown('abc', 'c')).toEqual(['ac', 'c']);
    expect(shown('abc', 'bc')).toEqual(['abc', 'bc']);
  });

  it('is taken as it is where whole trees are tested', () => {
    expect(shown('abc', 'c', false)).toEqual(['abc', 'c']);
  });
});
