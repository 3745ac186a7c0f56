import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { unitsToLand } from '../../../src/core/gate/schedule/land-units.ts';
import { groundOf } from '../../../src/core/gate/schedule/order.ts';
import type { Unit, UnitBuild, UnitId } from '../../../src/core/gate/schedule/unit.ts';
import { type Arrival, traceOf } from '../../../src/core/simulate/arrival.ts';
import { type Draws, drawsOf } from '../../../src/core/simulate/chance.ts';
import { type Field, type Move, type Policy, policyOf } from '../../../src/core/simulate/field.ts';
import { runPolicy } from '../../../src/core/simulate/run-policy.ts';
import { makeWorkload } from '../../../src/core/simulate/workload.ts';

/** What a scheduler may choose; it chooses the worst that it can. */
interface Scheduler {
  readonly name: string;
  /** What a new build holds; empty: none. */
  readonly pick: (waiting: readonly Unit[], draws: Draws) => readonly UnitId[];
  readonly suspects: (waiting: readonly Unit[], draws: Draws) => ReadonlySet<UnitId>;
  readonly drops: (draws: Draws) => boolean;
  readonly rejects: (draws: Draws) => boolean;
}

function some(waiting: readonly Unit[], draws: Draws, share: number): readonly UnitId[] {
  return waiting.filter(() => draws.happens(share)).map(({ id }) => id);
}

const random: Scheduler = {
  name: 'a random one',
  pick: (waiting, draws) => some(waiting, draws, 0.15).toSorted(() => draws.unit() - 0.5),
  suspects: (waiting, draws) => new Set(some(waiting, draws, 0.5)),
  drops: (draws) => draws.happens(0.05),
  rejects: (draws) => draws.happens(0.01),
};

/** Tests each alone, calls all others suspect, and so lands whatever it can on top of what its builds never saw. */
const malicious: Scheduler = {
  name: 'a malicious one',
  pick: (waiting, draws) =>
    waiting
      .slice(Math.floor(draws.unit() * waiting.length))
      .slice(0, 1)
      .map(({ id }) => id),
  suspects: (waiting) => new Set(waiting.map(({ id }) => id)),
  drops: () => false,
  rejects: () => false,
};

/** The newest first, many at once, those in between left out. */
const hasty: Scheduler = {
  ...malicious,
  name: 'one that turns the order round',
  pick: (waiting, draws) => [...some(waiting, draws, 0.3)].reverse(),
};

interface State {
  readonly builds: readonly Omit<UnitBuild, 'verdict'>[];
  readonly units: Map<number, Unit>;
  readonly count: number;
}

/** Each tenth needs the one before it, whatever they touch. */
function unitOf({ number, modules, prior, atMinute }: Field['waiting'][number]): Unit {
  const needs = number % 10 === 0 ? [`${number - 1}`] : [];
  return { id: `${number}`, touches: modules, prior, askedAt: atMinute, needs, lane: 'normal' };
}

function played({ name, pick, suspects, drops, rejects }: Scheduler, draws: Draws): Policy {
  return policyOf<State>({
    name,
    about: name,
    begin: () => ({ builds: [], units: new Map(), count: 0 }),
    decide: (state, field) => {
      for (const change of field.waiting)
        if (!state.units.has(change.number)) state.units.set(change.number, unitOf(change));
      const known = (number: number): Unit => state.units.get(number) as Unit;
      const order = field.waiting.map(({ number }) => known(number));
      const landed = field.landed.map(known);
      const ids = new Set(landed.map(({ id }) => id));
      const view = { ...field, units: order, landed, hasLanded: (id: UnitId) => ids.has(id), builds: [] };
      const ground = groundOf(view, order, suspects(order, draws));
      const verdictOf = (key: string): UnitBuild['verdict'] => {
        const now = field.builds.get(key)?.state;
        return now === 'passed' || now === 'failed' ? now : 'pending';
      };
      for (const build of state.builds) {
        const found = unitsToLand({ ...build, verdict: verdictOf(build.key) }, ground);
        if (found.kind === 'land')
          return { state, moves: [{ kind: 'land', changes: found.units.map(Number) }] as Move[] };
      }
      const [first] = order;
      if (first && rejects(draws)) return { state, moves: [{ kind: 'reject', change: Number(first.id) }] };
      // What waits is kept for a while: it may land later, when others have.
      const over = state.builds.filter((build) => {
        const found = unitsToLand({ ...build, verdict: verdictOf(build.key) }, ground);
        return found.kind === 'useless' || drops(draws) || (verdictOf(build.key) === 'passed' && draws.happens(0.2));
      });
      const left = state.builds.filter((build) => !over.includes(build));
      const moves: Move[] = over.map(({ key }) => ({ kind: 'drop', key }));
      const included = left.length < field.slots ? pick(order, draws) : [];
      if (included.length === 0) return { state: { ...state, builds: left }, moves };
      const key = `${state.count + 1}`;
      const members = included.map(Number);
      const heads = included.slice(-1);
      const facts = { key, included, heads, excluded: [], covers: included };
      const build = { ...facts, startedAt: field.now, onto: field.landed.length };
      return {
        state: { ...state, builds: [...left, build], count: state.count + 1 },
        moves: [...moves, { kind: 'start', key, members, tests: members, urgency: state.count }],
      };
    },
  });
}

function playedOn(scheduler: Scheduler, seed: number, slots: number) {
  const arrivals: readonly Arrival[] = makeWorkload({
    seed,
    rate: 40,
    minutes: 60,
    fail: 0.03,
    conflict: 0.2,
    modules: 4,
  });
  const seen: { landed: readonly number[] } = { landed: [] };
  const policy = played(scheduler, drawsOf(seed, scheduler.name));
  const watched: Policy = {
    ...policy,
    decide: (state, field) => {
      seen.landed = [...field.landed];
      return policy.decide(state, field);
    },
  };
  const run = runPolicy(traceOf(arrivals), { seed, slots, flake: 0.05, stale: 60, until: 600 }, watched);
  return { run, landed: seen.landed };
}

const worlds = { numRuns: 100, seed: 9 };
const world = { seed: fc.integer({ min: 0, max: 1_000_000 }), slots: fc.integer({ min: 1, max: 12 }) };

describe.each([random, malicious, hasty])('$name, with what may land said by the one rule', (scheduler) => {
  it('never makes main red, and lands nothing ahead of what it needs', () => {
    let landings = 0;
    fc.assert(
      fc.property(fc.record(world), ({ seed, slots }) => {
        const { run, landed } = playedOn(scheduler, seed, slots);
        landings += landed.length;
        expect(run.redMain).toBe(0);
        for (const [at, number] of landed.entries())
          if (number % 10 === 0) expect(landed.slice(0, at)).toContain(number - 1);
      }),
      worlds,
    );
    // A scheduler that lands nothing shows nothing.
    expect(landings).toBeGreaterThan(200);
  });
});
