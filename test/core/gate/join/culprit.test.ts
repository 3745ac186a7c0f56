import { describe, expect, it } from 'vitest';
import { firstSchedule } from '../../../../src/core/gate/best-first/remember.ts';
import { bestFirstOf } from '../../../../src/core/gate/best-first/settings.ts';
import { describeClosed } from '../../../../src/core/gate/join/closed-lanes.ts';
import { sinceGreen } from '../../../../src/core/gate/join/landings.ts';
import { nextOfSearch, pointsBetween } from '../../../../src/core/gate/join/search-culprit.ts';
import type { JoinPoint } from '../../../../src/model/join.ts';
import { sha } from '../../../fakes/model-data.ts';
import { settings } from '../entry/entry-fixture.ts';
import { aBranch, headOf, landedEntry, main, theFacts } from '../gate-fixture.ts';
import { commitOf, JoinWorld, minute } from './join-world.ts';

const inLanes = settings({ scheduler: { kind: 'best-first', slots: 4, prefixes: false, lanes: 'closure' } });
const facts = theFacts({ branches: new Map([[main, aBranch({ settings: inLanes })]]) });

function numberOf(commit: string): number {
  return Number(commit.slice(1, 4));
}

/** `left` fails from this landing on. */
function redFrom(first: number, upTo = 8): JoinWorld {
  const world = new JoinWorld();
  for (let number = 1; number <= upTo; number += 1) world.lands(number);
  world.ends = (job, commit) => (job === 'left' && numberOf(commit) >= first ? 'failure' : 'success');
  return world;
}

function culpritOf(world: JoinWorld): unknown {
  const { phase } = world.join;
  return phase.kind === 'red' ? phase.red.culprit : phase.kind;
}

describe('the search for who broke the branch', () => {
  it.each([1, 2, 4, 7, 8])('names #%i, of which the commit is red and the one below was seen green', (first) => {
    const world = redFrom(first).passes(20);
    const below = commitOf(first - 1);
    expect(culpritOf(world)).toEqual({
      kind: 'landing',
      number: first,
      head: headOf(first),
      commit: commitOf(first),
      below,
    });
    expect(world.ran).toContain(`left@${first - 1}`);
    expect(world.ran.length).toBeLessThan(14);
  });

  it('runs nothing but what failed', () => {
    const ran = redFrom(4).passes(20).ran;
    expect(ran.filter((name) => name.startsWith('right'))).toEqual(['right@8']);
  });

  it('begins where a join was green last', () => {
    const world = redFrom(6, 3).passes(3);
    for (const number of [4, 5, 6, 7]) world.lands(number);
    world.pass(60 * minute).passes(20);
    expect(culpritOf(world)).toMatchObject({ kind: 'landing', number: 6 });
    expect(world.ran.filter((name) => /@[12]$/.test(name))).toEqual([]);
  });

  it('blames no flake of the search', () => {
    const world = redFrom(6);
    const ends = world.ends;
    world.ends = (job, commit, nth) => (nth === 1 && numberOf(commit) < 6 ? 'failure' : ends(job, commit, nth));
    expect(culpritOf(world.passes(30))).toMatchObject({ number: 6 });
  });

  it('is not misled by errors of ours', () => {
    const world = redFrom(6);
    const ends = world.ends;
    world.ends = (job, commit, nth) => (nth === 1 && numberOf(commit) !== 8 ? 'error' : ends(job, commit, nth));
    expect(culpritOf(world.passes(40, minute))).toMatchObject({ number: 6 });
  });

  it('names a push where somebody pushed what broke it', () => {
    const world = new JoinWorld().lands(1).lands(2).pushes(commitOf(30)).lands(31).lands(32);
    world.ends = (job, commit) => (job === 'left' && numberOf(commit) >= 30 ? 'failure' : 'success');
    expect(culpritOf(world.passes(20))).toEqual({ kind: 'push', commit: commitOf(30), below: commitOf(2) });
  });

  it('accuses nobody of what was red before all that is known, or is red now where it was green', () => {
    expect(culpritOf(redFrom(0).passes(20))).toMatchObject({ kind: 'before', wasGreen: false });
    const world = redFrom(30, 3).passes(3).lands(4).lands(5);
    world.ends = (job) => (job === 'left' ? 'failure' : 'success');
    expect(culpritOf(world.pass(60 * minute).passes(20))).toMatchObject({ kind: 'before', wasGreen: true });
    expect([...world.reports.values()].filter(({ name, commit }) => commit === headOf(5) && name !== '')).toEqual([]);
  });

  it.each<[string, (world: JoinWorld) => void, RegExp]>([
    [
      'cannot be run',
      (world) => {
        world.ends = (job, commit) => (numberOf(commit) < 8 ? 'error' : job === 'left' ? 'failure' : 'success');
      },
      /left could not be run on/,
    ],
    [
      'cannot be read',
      (world) => {
        world.unreadable = new Set([commitOf(4)]);
      },
      /could not be read/,
    ],
  ])('is given up where a commit %s, and that is said', (_, given, because) => {
    const world = redFrom(6);
    given(world);
    expect(culpritOf(world.passes(60, minute))).toEqual({ kind: 'unknown', because: expect.stringMatching(because) });
    expect(world.said()).toMatchObject({ 8: 'failure: Red: left' });
  });

  it('tells the author on the head that landed, and on the joined commit whose doing it is, each once', () => {
    const world = redFrom(4).passes(30, minute);
    expect(world.said()).toEqual({ 8: 'failure: Red since #4: left', '#4': 'failure: Red since this landed: left' });
    const told = [...world.reports.values()];
    expect(told).toHaveLength(2);
    expect(told.find(({ commit }) => commit === headOf(4))?.summary).toMatch(
      /`left` passed on `[0-9a-f]{12}` right below it and failed twice on it.* together with that it fails/,
    );
    expect(told.find(({ commit }) => commit === commitOf(8))?.summary).toContain(
      'together with what had landed before it',
    );
  });

  it('finds the same again, under the same names, where all of it was lost', () => {
    const world = redFrom(4).passes(20);
    const ids = [...world.reports.keys()];
    const { join: _, joined: __, ...lost } = world.record;
    world.record = lost;
    world.passes(20);
    expect([...world.reports.keys()]).toEqual(ids);
  });
});

describe('while it is red', () => {
  it('lanes are closed, from when it is searched until what failed passes on a newer tip', () => {
    const world = redFrom(4);
    const isOpen = (): boolean | undefined => bestFirstOf(world.record, facts)?.lanes;
    world.pass();
    expect([world.join.phase.kind, isOpen()]).toEqual(['testing', true]);
    world.passes(2);
    expect([world.join.phase.kind, isOpen()]).toEqual(['searching', false]);
    expect(describeClosed(world.record)).toMatch(
      /^Lanes are closed while the branch is red: left fails on [0-9a-f]{12}, and which landing brought that is being looked for\./,
    );
    const unread = theFacts({ branches: new Map([[main, aBranch({ settings: null })]]) });
    const schedule = { ...firstSchedule(4, { tip: null }), lanes: true } as const;
    expect(bestFirstOf({ ...world.record, schedule }, unread)?.lanes).toBe(false);
    world.passes(20);
    expect([world.join.phase.kind, isOpen()]).toEqual(['red', false]);
    expect(describeClosed(world.record)).toContain('it does since #4 landed');
    world.ends = () => 'success';
    world.lands(9, 'part').passes(2);
    expect([world.join.phase.kind, isOpen(), describeClosed(world.record)]).toEqual(['over', true, null]);
    expect(world.ran.slice(-1)).toEqual(['left@9']);
  });

  it('what failed is asked again of a tip that stays, each time later', () => {
    const world = redFrom(4).passes(15);
    const ran = world.ran.length;
    world.pass(8 * minute);
    expect(world.ran).toHaveLength(ran);
    world.passes(4, minute);
    expect(world.ran.slice(ran)).toEqual(['left@8', 'left@8']);
    expect(new Set(world.builds).size).toBe(world.ran.length);
    expect(world.plan?.wakeAt).toBeGreaterThan(world.at + 15 * minute);
  });

  it('a landing of which the very tree passed what failed opens them at once', () => {
    const world = redFrom(4).passes(20);
    const ran = world.ran.length;
    world.lands(9, 'whole').pass();
    expect([world.join.phase.kind, world.ran.length]).toEqual(['over', ran]);
  });

  it('a landing of another tree says nothing of that', () => {
    const world = redFrom(4).passes(20).lands(9).passes(3);
    expect(world.join.phase.kind).toBe('red');
  });

  it('what failed is not known to be good on the tip, though it landed with a pass of another tree', () => {
    const world = redFrom(4).pass();
    expect(world.record.branches[0]?.proven).toContain('left');
    world.passes(4);
    expect(world.record.branches[0]?.proven).toEqual(['right']);
  });
});

it('a join of what a reset took back says nothing of what landed since', () => {
  const detail = landedEntry(1, commitOf(1));
  if (detail.kind !== 'landed') throw new Error('no landing');
  const landings = [{ ...detail, verdict: { ...detail.verdict, checks: [] }, sequence: 2 }];
  const joined = { commit: commitOf(3), at: 1 };
  expect(sinceGreen(landings, { ...joined, sequence: 4 })).toEqual({ below: null, landings });
  expect(sinceGreen(landings, { ...joined, sequence: 2 })).toEqual({ below: commitOf(3), landings: [] });
});

describe('one step of the search', () => {
  const points: readonly JoinPoint[] = [0, 1, 2, 3].map((number) => ({
    commit: commitOf(number),
    by: number === 0 ? null : { number, head: headOf(number) },
  }));
  const [zero, one, two, three] = [commitOf(0), commitOf(1), commitOf(2), commitOf(3)];

  it.each([
    ['the middle', { [three]: 'red' }, { kind: 'test', commit: one }],
    ['the upper half, where the middle is green', { [three]: 'red', [one]: 'green' }, { kind: 'test', commit: two }],
    ['what was green before, at last', { [three]: 'red', [one]: 'red' }, { kind: 'test', commit: zero }],
  ] as const)('asks %s', (_, seen, next) => {
    expect(nextOfSearch({ points, begunGreen: true, seen })).toEqual(next);
  });

  it('knows of what somebody pushed between two landings, and on top', () => {
    const plain = { kind: 'landed', method: 'merge', by: null, verdict: null } as never;
    const landing = (number: number, from: string) =>
      Object.assign({ number, head: headOf(number), from, commit: commitOf(number), sequence: number }, plain) as never;
    const pushed = sha('d1');
    const shown = (found: readonly JoinPoint[]) => found.map(({ by, commit }) => by?.number ?? commit.slice(0, 2));
    expect(shown(pointsBetween(commitOf(0), [landing(1, zero), landing(2, pushed)], sha('d2')))).toEqual([
      '00',
      1,
      'd1',
      2,
      'd2',
    ]);
    expect(shown(pointsBetween(null, [landing(1, zero)], commitOf(1)))).toEqual(['00', 1]);
  });
});
