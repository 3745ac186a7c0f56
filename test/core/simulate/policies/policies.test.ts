import { describe, expect, it } from 'vitest';
import { arrival, endsOf, runOf } from '../workload-fixture.ts';

const three = ['a', 'b', 'c'].map((id) => arrival(id));
const badMiddle = [arrival('a'), arrival('b', { failsAlone: true }), arrival('c')];
const rivals = [arrival('a'), arrival('b', { conflictsWith: ['a'] }), arrival('c')];
const everybody = [
  'sluice',
  'serial',
  'zuul',
  'tide',
  'bors',
  'github',
  'github-headgreen',
  'github-eager',
  'trunk',
  'submitqueue',
  'oracle',
];

describe('three good changes of ten minutes, asked for at once', () => {
  // A batch of three takes 9 · 1.04 + 1.
  it.each`
    policy                | slots | ends
    ${'serial'}           | ${1}  | ${[10, 20, 30]}
    ${'serial'}           | ${60} | ${[10, 20, 30]}
    ${'sluice'}           | ${1}  | ${[10, 20, 30]}
    ${'sluice'}           | ${2}  | ${[10, 10, 20]}
    ${'sluice'}           | ${60} | ${[10, 10, 10]}
    ${'zuul'}             | ${2}  | ${[10, 10, 20]}
    ${'zuul'}             | ${60} | ${[10, 10, 10]}
    ${'tide'}             | ${60} | ${[10.36, 10.36, 10.36]}
    ${'bors'}             | ${1}  | ${[10.36, 10.36, 10.36]}
    ${'github'}           | ${60} | ${[10, 10, 10]}
    ${'github-headgreen'} | ${60} | ${[10, 10, 10]}
    ${'trunk'}            | ${1}  | ${[10.36, 10.36, 10.36]}
    ${'submitqueue'}      | ${60} | ${[10, 10, 10]}
    ${'submitqueue'}      | ${1}  | ${[10, 20, 30]}
    ${'oracle'}           | ${60} | ${[10, 10, 10]}
  `('$policy with $slots slots lands them at $ends', ({ policy, slots, ends }) => {
    const run = runOf(policy, three, { slots });
    expect(endsOf(run)).toEqual(ends);
    expect(run.redMain).toBe(0);
  });

  it('take one build and ten minutes of a slot each where nothing is built twice', () => {
    for (const policy of ['serial', 'sluice', 'zuul', 'github', 'submitqueue', 'oracle']) {
      const { builds, slotMinutes } = runOf(policy, three);
      expect([policy, builds, Math.round(slotMinutes)]).toEqual([policy, 3, 30]);
    }
    expect(runOf('bors', three).builds).toBe(1);
  });
});

describe('a change that fails by itself between two good ones', () => {
  it.each(everybody)('%s turns it away, and nothing else', (policy) => {
    const run = runOf(policy, badMiddle);
    expect(endsOf(run).map((end) => (typeof end === 'number' ? 'landed' : end))).toEqual(
      // What stands on the bad one is taken for bad too.
      policy === 'github-eager' ? ['landed', 'out', expect.stringMatching(/landed|out/)] : ['landed', 'out', 'landed'],
    );
  });

  it.each(['sluice', 'zuul'])(
    '%s builds what stands on it anew when it fails, not when it is turned away',
    (policy) => {
      const run = runOf(policy, badMiddle);
      const [first, , last] = endsOf(run);
      expect(first).toBe(10);
      // Its build fails between 3 and 10 minutes; ten minutes later the next has passed without it.
      expect(last).toBeGreaterThanOrEqual(13);
      expect(last).toBeLessThan(20);
      expect(run.outcomes[1]?.rejectedAt).toBe(10);
      expect(run.builds).toBe(4);
    },
  );
});

describe('two changes that are good by themselves and broken together', () => {
  it.each(everybody.filter((name) => name !== 'github-eager'))('%s lands the first and not the second', (policy) => {
    const run = runOf(policy, rivals);
    expect(endsOf(run).map((end) => (typeof end === 'number' ? 'landed' : end))).toEqual(['landed', 'out', 'landed']);
    expect(run).toMatchObject({ redMain: 0, wronglyRejected: [] });
  });

  it.each(everybody)(
    '%s lands both where the first had landed before the base of the second was looked at',
    (policy) => {
      const later = [arrival('a'), arrival('b', { conflictsWith: ['a'], atMinute: 500 })];
      expect(endsOf(runOf(policy, later))).toEqual([10, 510]);
    },
  );
});

it('a change behind a long one waits for it only where it must', () => {
  const apart = [arrival('long', { buildMinutes: 99, modules: ['m2'] }), arrival('short')];
  expect(endsOf(runOf('sluice', apart))).toEqual([100, 100]);
  expect(endsOf(runOf('github-headgreen', apart))).toEqual([10, 10]);
  expect(endsOf(runOf('submitqueue', apart))).toEqual([100, 10]);
});

it('an eager merge queue turns away a good change for what a bad one ahead of it did', () => {
  const runs = Array.from({ length: 20 }, (_, seed) =>
    runOf('github-eager', [arrival('a', { failsAlone: true }), arrival('b')], { seed }),
  );
  const wrong = runs.filter(({ wronglyRejected }) => wronglyRejected.includes(2)).length;
  expect(wrong).toBeGreaterThan(0);
  expect(wrong).toBeLessThan(20);
});

it('best-first speculation lands nothing on the strength of a guess that has come out wrong', () => {
  // The second is built without the first, which is likelier, and with it; it passes only without.
  const first = arrival('a', { buildMinutes: 29, prior: 0.45 });
  const run = runOf('submitqueue', [first, arrival('b', { conflictsWith: ['a'] })]);
  expect(endsOf(run)).toEqual([30, 'out']);
  expect(run).toMatchObject({ builds: 3, redMain: 0 });
});
