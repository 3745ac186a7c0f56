import { emptyMemory, type ScheduleMemory } from '../../gate/schedule/memory.ts';
import { schedule } from '../../gate/schedule/schedule.ts';
import type { ScheduleSettings, ScheduleView } from '../../gate/schedule/schedule-view.ts';
import type { LandedUnit, Touches, Unit, UnitBuild } from '../../gate/schedule/unit.ts';
import type { NumberedChange } from '../arrival.ts';
import { type Field, type Move, type Policy, policyOf } from '../field.ts';

interface State {
  readonly memory: ScheduleMemory;
  readonly builds: ReadonlyMap<string, Omit<UnitBuild, 'verdict'>>;
  readonly known: Known;
  readonly count: number;
  /** When a pass landed and rejected nothing: another one at the same time would want nothing. */
  readonly quietAt: number | null;
}

/** What was seen of changes, so that it is not made again at every event. */
interface Known {
  readonly units: Map<number, Unit>;
  readonly landed: LandedUnit[];
  readonly landedIds: Set<string>;
}

/** What the scheduler is shown of a change. */
export interface Sight {
  readonly prior: (prior: number) => number;
  readonly touches: (modules: readonly string[]) => Touches;
}

export const asItIs: Sight = { prior: (prior) => prior, touches: (modules) => modules };

function unitOf({ units }: Known, change: NumberedChange, sight: Sight): Unit {
  const known = units.get(change.number);
  if (known) return known;
  const { number, atMinute, modules } = change;
  const unit: Unit = {
    id: `${number}`,
    touches: sight.touches(modules),
    prior: sight.prior(change.prior),
    askedAt: atMinute,
    needs: [],
    lane: 'normal',
  };
  units.set(number, unit);
  return unit;
}

function verdictOf(field: Field, key: string): UnitBuild['verdict'] {
  const state = field.builds.get(key)?.state;
  return state === 'passed' || state === 'failed' ? state : 'pending';
}

function viewOf({ known, builds }: State, field: Field, sight: Sight): ScheduleView {
  for (const number of field.landed.slice(known.landed.length)) {
    const unit = known.units.get(number);
    if (!unit) throw new Error(`change ${number} landed before it was asked for`);
    known.landed.push(unit);
    known.landedIds.add(unit.id);
  }
  return {
    now: field.now,
    slots: field.slots,
    units: field.waiting.map((change) => unitOf(known, change, sight)),
    landed: known.landed,
    hasLanded: (id) => known.landedIds.has(id),
    builds: [...builds].map(([key, build]) => ({ ...build, verdict: verdictOf(field, key) })),
  };
}

/** The product's own scheduler, fed from the simulated world instead of from a queue. */
export function bestFirst(name: string, about: string, settings: ScheduleSettings, sight = asItIs): Policy {
  return policyOf<State>({
    name,
    about,
    begin: () => ({
      memory: emptyMemory,
      builds: new Map(),
      known: { units: new Map(), landed: [], landedIds: new Set() },
      count: 0,
      quietAt: null,
    }),
    decide: (state, field) => {
      if (state.quietAt === field.now) return { state, moves: [] };
      const plan = schedule(state.memory, viewOf(state, field, sight), settings);
      const moves: Move[] = plan.drop.map((key) => ({ kind: 'drop', key }));
      const builds = new Map(state.builds);
      for (const key of plan.drop) builds.delete(key);
      let { count } = state;
      for (const { included, excluded, heads } of plan.start) {
        count += 1;
        const key = `${count}`;
        // What has no build of its own is tested by this one, and it takes as long.
        const own = new Set([...builds.values()].flatMap((build) => build.heads));
        const tests = included.filter((id) => heads.includes(id) || !own.has(id));
        builds.set(key, {
          key,
          included,
          excluded,
          heads,
          covers: included,
          startedAt: field.now,
          onto: field.landed.length,
        });
        moves.push({ kind: 'start', key, members: included.map(Number), tests: tests.map(Number), urgency: count });
      }
      if (plan.land.length > 0) moves.push({ kind: 'land', changes: plan.land.map(Number) });
      for (const { unit } of plan.reject) moves.push({ kind: 'reject', change: Number(unit) });
      const quietAt = plan.land.length + plan.reject.length === 0 ? field.now : null;
      return { state: { ...state, memory: plan.memory, builds, count, quietAt }, moves };
    },
  });
}
