import { describe, expect, it } from 'vitest';
import { emptyMemory } from '../../../../src/core/gate/schedule/memory.ts';
import { fastSettings } from '../../../../src/core/gate/schedule/schedule-view.ts';
import { aBuild, aUnit, aView, plan, Story, startsOf } from './schedule-fixture.ts';

const three = ['a', 'b', 'c'].map((id) => aUnit(id));
const onY = aUnit('y', { touches: ['y'] });

describe('speculation', () => {
  it('each is built on those ahead of it that touch the same, and on nothing else', () => {
    expect(startsOf(plan(aView([...three, onY]), { halfLife: 1e9 }))).toEqual(['a', 'y', 'ab', 'abc']);
  });

  it('where an outcome is open, both are built', () => {
    const open = aUnit('a', { prior: 0.6 });
    expect(startsOf(plan(aView([open, aUnit('b')])))).toEqual(['a', 'ab', 'b']);
  });

  it('nothing that is less likely than the least is built, and nothing twice', () => {
    const doubtful = ['a', 'b', 'c'].map((id) => aUnit(id, { prior: 0.7 }));
    expect(startsOf(plan(aView(doubtful), { least: 0.5 }))).toEqual(['a', 'ab']);
    expect(startsOf(plan(aView(doubtful, { builds: [aBuild('a')] }), { least: 0.5 }))).toEqual(['ab']);
  });

  it('there are never more builds than slots', () => {
    const story = new Story(three, { batches: false }, 2).settle();
    expect(story.running()).toEqual(['a', 'ab']);
    expect(story.ends('a', 'passed').running()).toEqual(['b', 'bc']);
  });

  it('a build that assumed what did not happen ends', () => {
    const story = new Story([aUnit('a', { prior: 0.6 }), aUnit('b')], {}).settle().ends('a', 'passed');
    expect(story.order()).toBe('a');
    expect(story.running()).toEqual(['b']);
    expect(story.builds.every(({ onto, included }) => onto === 0 && included.join('') === 'ab')).toBe(true);
  });

  it('no more are looked at than two for each slot and forty', () => {
    const held = Array.from({ length: 50 }, (_, at) =>
      aUnit(`h${at}`, { touches: [`t${at}`], askedAt: at, needs: ['something else'] }),
    );
    const builds = held.map(({ id }) =>
      aBuild('', { key: id, included: [id], heads: [id], covers: [id], verdict: 'passed' }),
    );
    const late = aUnit('late', { touches: ['late'], askedAt: 99 });
    expect(plan(aView([...held, late], { slots: 5, builds })).start).toEqual([]);
    expect(plan(aView([...held.slice(1), late], { slots: 5, builds: builds.slice(1) })).start).toHaveLength(1);
  });
});

describe('landing', () => {
  it('a green build lands what it holds, before the builds of those have ended', () => {
    const story = new Story(three).settle().ends('abc', 'passed');
    expect([story.order(), story.running()]).toEqual(['abc', []]);
  });

  it('where every commit must be green by itself, it waits for those', () => {
    const story = new Story(three, { landsPrefixes: false }).settle().ends('abc', 'passed');
    expect(story.order()).toBe('');
    expect(story.ends('a', 'passed').order()).toBe('a');
    expect(story.ends('b', 'passed').order()).toBe('abc');
  });

  it('where all of a build lands or nothing does, what waits keeps nobody else from landing', () => {
    // Not every job of y ran in the build of y and c.
    const units = [aUnit('a'), onY, aUnit('c', { touches: ['z'] })];
    const passed = { verdict: 'passed' } as const;
    const builds = [aBuild('yc', { ...passed, heads: ['c'], covers: ['c'] }), aBuild('a', passed)];
    expect(plan(aView(units, { builds })).land).toEqual(['c']);
    expect(plan(aView(units, { builds }), { landsParts: false })).toMatchObject({ land: ['a'], landBy: 'a' });
    const after = aView(
      units.filter((unit) => unit !== onY),
      { builds, landed: [onY] },
    );
    expect(plan(after, { landsParts: false })).toMatchObject({ land: ['c'], landBy: 'yc' });
  });

  it('with room to spare a build carries what it does not depend on, where that is trusted', () => {
    const trusted = [aUnit('a'), aUnit('z', { touches: ['z'] })];
    const first = new Story(trusted.slice(0, 1), { carries: 0.9 }).settle();
    first.units = trusted;
    expect(first.settle().running()).toEqual(['a', 'az']);
    const unsure = new Story([aUnit('a', { prior: 0.8 })], { carries: 0.9 }).settle();
    unsure.units = [...unsure.units, aUnit('z', { touches: ['z'] })];
    expect(unsure.settle().running()).toEqual(['a', 'z']);
  });
});

describe('a failure', () => {
  it('with nobody else to blame is tried again on the same tree, beside the queue', () => {
    const story = new Story(three).settle().ends('a', 'failed');
    expect(story.rejected).toEqual([]);
    expect(story.running()).toEqual(['ab', 'abc', 'b', 'bc', 'a']);
  });

  it('twice is believed, and the unit is rejected', () => {
    const story = new Story(three).settle().ends('a', 'failed').ends('a', 'failed');
    expect(story.rejected).toEqual(['a']);
    expect(story.running()).toEqual(['b', 'bc']);
  });

  it('that was a flake rejects nobody: what passes then lands at once', () => {
    const story = new Story(three).settle().ends('a', 'failed').ends('a', 'passed');
    expect([story.rejected, story.order()]).toEqual([[], 'a']);
    expect(story.memory.rates.flakes).toBe(2);
  });

  it('without probation is believed at once', () => {
    expect(new Story(three, { probation: false }).settle().ends('a', 'failed').rejected).toEqual(['a']);
  });

  it('where builds are flaky must come more often', () => {
    const story = new Story([aUnit('a')], { flake: 0.1 }).settle();
    expect(story.ends('a', 'failed').ends('a', 'failed').rejected).toEqual([]);
    expect(story.ends('a', 'failed').rejected).toEqual([]);
    expect(story.ends('a', 'failed').rejected).toEqual(['a']);
  });

  it('that comes a fourth time is believed, however flaky builds are', () => {
    const story = new Story([aUnit('a')], { flake: 0.5 }).settle();
    story.ends('a', 'failed').ends('a', 'failed').ends('a', 'failed');
    expect(story.rejected).toEqual([]);
    expect(story.ends('a', 'failed').rejected).toEqual(['a']);
  });

  it('that was a flake, of what may not land yet: it queues again behind what is tested already', () => {
    const released = { ...emptyMemory, released: new Set(['a']) };
    const { memory, start } = plan(aView([aUnit('a'), aUnit('b')], { builds: [aBuild('b')] }), {}, released);
    expect(start.map(({ included }) => included.join(''))).toContain('ba');
    expect(memory.released.size).toBe(0);
  });

  it('is tried again on the new tip when another that touches the same has landed meanwhile', () => {
    const story = new Story(three).settle().ends('a', 'failed').ends('b', 'passed');
    expect(story.order()).toBe('b');
    const retry = story.builds.find(({ included }) => included.join('') === 'a');
    expect(retry).toMatchObject({ verdict: 'pending', onto: 1 });
    expect(story.ends('a', 'passed').order()).toBe('ba');
  });

  it('that was a flake, as a build with more showed, is built again', () => {
    const story = new Story(three, { landsPrefixes: false }).settle().ends('ab', 'failed').ends('abc', 'passed');
    expect(story.memory.evidence).toEqual([]);
    expect(story.running()).toContain('ab');
  });

  it('with somebody who has left accuses nobody', () => {
    const story = new Story(three.slice(0, 2)).settle();
    story.units = story.units.filter(({ id }) => id !== 'a');
    story.builds = story.builds.map((build) => ({ ...build, verdict: 'failed' }));
    expect(story.settle().memory.evidence).toEqual([]);
    expect(story.running()).toEqual(['b']);
  });

  it('behind something undecided accuses both, and is tried without it', () => {
    const story = new Story(three.slice(0, 2)).settle().ends('ab', 'failed');
    expect(story.running()).toEqual(['a', 'b']);
    expect(story.ends('a', 'passed').order()).toBe('a');
  });

  it('is explained when what it was built on lands: the one that is left is at fault', () => {
    const story = new Story(three.slice(0, 2)).settle().ends('ab', 'failed').ends('a', 'passed');
    expect(story.memory.evidence).toEqual([{ members: ['b'], count: 1 }]);
    // Its build without a says nothing any more.
    expect(story.running()).toEqual(['b']);
    expect(story.builds.filter(({ verdict }) => verdict === 'pending').every(({ onto }) => onto === 1)).toBe(true);
  });

  it('counts once more for the one that is left, when others failed with it too', () => {
    const story = new Story([aUnit('b'), aUnit('c')], { least: 0.01 });
    story.memory = { ...story.memory, evidence: [{ members: ['b'], count: 2 }] };
    expect(story.settle().rejected).toEqual(['b']);
  });

  it('lets those behind pass, but not more than ten: then they wait', () => {
    const suspect = aUnit('a');
    const rest = Array.from({ length: 12 }, (_, at) => aUnit(`b${at}`, { askedAt: 10 + at }));
    const build = (id: string) => aBuild('', { key: id, included: [id], heads: [id], covers: [id], verdict: 'passed' });
    const memory = {
      ...new Story([]).memory,
      evidence: [{ members: ['a'], count: 1 }],
      overtaken: new Map([['a', 9]]),
    };
    const before = plan(aView([suspect, ...rest], { builds: [build('b0')] }), {}, memory);
    expect(before.land).toEqual(['b0']);
    const after = plan(
      aView([suspect, ...rest.slice(1)], {
        landed: rest.slice(0, 1),
        builds: [aBuild('', { ...build('b1'), onto: 1 })],
      }),
      {},
      before.memory,
    );
    expect([after.land, after.memory.overtaken.get('a')]).toEqual([[], 10]);
    expect(startsOf(after)[0]).toBe('a');
  });
});

describe('few slots', () => {
  const many = Array.from({ length: 12 }, (_, at) => aUnit(String.fromCharCode(97 + at), { touches: [`t${at}`] }));

  it('are shared by batches, and a batch that passes lands whole', () => {
    const story = new Story(many, {}, 1).settle();
    const [only] = story.running();
    expect(only).toMatch(/^\(abc\w+\)$/);
    expect(story.ends(only ?? '', 'passed').order()).toMatch(/^abc/);
  });

  it('a batch that fails is split until one is left, and the others land', () => {
    const story = new Story(many.slice(0, 6), {}, 1).settle();
    for (let turn = 0; turn < 20 && story.units.length > 0; turn += 1) {
      const [only = ''] = story.running();
      story.ends(only, only.includes('b') ? 'failed' : 'passed');
    }
    expect(story.rejected).toEqual(['b']);
    expect([...story.order()].sort().join('')).toBe('acdef');
    expect(story.count).toBeLessThan(9);
  });

  it('where more wait than slots are free, builds carry nothing', () => {
    const [first, ...rest] = many.slice(0, 3);
    const story = new Story(first ? [first] : [], { carries: 0.5 }, 2).settle();
    story.units = [...story.units, ...rest];
    expect(story.settle().running()).toEqual(['a', '(bc)']);
  });

  it('what comes ahead of some of a batch has those ahead of it built anew, as they may keep each other from landing', () => {
    const [one, two, three] = [aUnit('a'), aUnit('c'), aUnit('b')];
    const batch = aBuild('ac', { heads: ['a', 'c'], verdict: 'passed' });
    const clashes = [{ unit: 'b', on: ['a'] }];
    const view = aView([one, three, two], { builds: [batch], slots: 1, clashes });
    expect(startsOf(plan(view))).toEqual(['a']);
    expect(startsOf(plan(aView([one, two], { builds: [batch], slots: 1, isShut: true })))).toEqual([]);
  });

  it('what is doubted and comes between keeps nobody from landing, and has nothing built anew', () => {
    const [before, one, doubted, two] = [...'zabc'].map((id, at) => aUnit(id, { askedAt: at }));
    if (!before || !one || !doubted || !two) throw new Error('four units');
    const batch = aBuild('zac', { heads: ['a', 'c'], covers: ['a', 'c'], verdict: 'passed' });
    const memory = { ...emptyMemory, evidence: [{ members: ['b'], count: 1 }], taken: new Set(['zac']) };
    const view = aView([before, one, doubted, two], { builds: [batch], slots: 5 });
    expect(startsOf(plan(view, {}, memory)).toSorted()).toEqual(['b', 'z']);
  });

  it('without batches each is built alone', () => {
    expect(new Story(many, { batches: false }, 1).settle().running()).toEqual(['a']);
  });
});

describe('priority', () => {
  it('a hotfix goes to the front and is tested; bulk goes behind', () => {
    const hot = aUnit('z', { lane: 'hotfix' });
    const bulk = aUnit('a', { lane: 'bulk' });
    expect(startsOf(plan(aView([bulk, aUnit('b'), hot])))).toEqual(['z', 'zb', 'zba']);
  });

  it('who has waited long goes before one that is more likely', () => {
    const [ahead, old] = [aUnit('a', { prior: 0.8 }), aUnit('b', { askedAt: 1 })];
    const young = aUnit('y', { touches: ['y'], askedAt: 600 });
    const view = aView([ahead, old, young], { now: 600, slots: 2, builds: [aBuild('a', { startedAt: 590 })] });
    expect(startsOf(plan(view, { batches: false }))).toEqual(['ab']);
    expect(startsOf(plan(view, { batches: false, halfLife: 1e9 }))).toEqual(['y']);
  });
});

describe('a build that runs', () => {
  const running = [aBuild('ab', { startedAt: 90 })];
  const memory = { ...new Story([]).memory, evidence: [{ members: ['a'], count: 1 }] };

  it('ends for one that is worth much more, where that is allowed', () => {
    const view = aView(three.slice(0, 2), { slots: 1, builds: running });
    expect(plan(view, {}, memory)).toMatchObject({ drop: [], start: [] });
    const preempting = plan(view, { preempts: true, least: fastSettings.least, batches: false }, memory);
    expect([preempting.drop, startsOf(preempting)]).toEqual([['ab'], ['b']]);
  });

  it('goes on when it is nearly done, or the other is not worth twice as much', () => {
    const doubtful = [aUnit('a', { prior: 0.25 }), aUnit('b')];
    const settings = { preempts: true, batches: false };
    const at = (startedAt: number) =>
      plan(aView(doubtful, { slots: 1, builds: [aBuild('ab', { startedAt })] }), settings).drop;
    expect(at(99)).toEqual(['ab']);
    expect(at(72)).toEqual([]);
    expect(plan(aView(three.slice(0, 1), { slots: 1, builds: [aBuild('a')] }), settings).drop).toEqual([]);
  });
});

it('where landings cost more than they may, only likelier guesses are built', () => {
  const memory = new Story([]).memory;
  const dear = { ...memory, rates: { ...memory.rates, spent: 1_000, landed: 10 } };
  const view = aView([], { landed: [aUnit('a')] });
  expect(plan(view, { costLimit: 2 }, dear).memory.rates.least).toBeCloseTo(0.275);
  expect(plan(view, { costLimit: 4 }, dear).memory.rates.least).toBe(0.25);
  expect(plan(view, { costLimit: null }, dear).memory.rates.least).toBeNull();
});
