import { ofNeighbours } from '../../gate/best-first/begin.ts';
import { emptyMemory, type ScheduleMemory } from '../../gate/schedule/memory.ts';
import { schedule } from '../../gate/schedule/schedule.ts';
import type { ScheduleSettings, ScheduleView } from '../../gate/schedule/schedule-view.ts';
import type { LandedUnit, Touches, Unit, UnitBuild, UnitId } from '../../gate/schedule/unit.ts';
import type { NumberedChange } from '../arrival.ts';
import { type Field, type Move, type Policy, policyOf } from '../field.ts';
import { asCandidate, type QueueRules } from './queue-rules.ts';

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

function viewOf({ known, builds }: State, field: Field, sight: Sight, rules: QueueRules | null): ScheduleView {
  for (const number of field.landed.slice(known.landed.length)) {
    const unit = known.units.get(number);
    if (!unit) throw new Error(`change ${number} landed before it was asked for`);
    known.landed.push(unit);
    known.landedIds.add(unit.id);
  }
  const touchesOf = (id: UnitId): Touches => known.units.get(Number(id))?.touches ?? 'everything';
  const shown = (build: UnitBuild): UnitBuild => (rules === null ? build : asCandidate(build, rules, touchesOf));
  return {
    now: field.now,
    slots: field.slots,
    units: field.waiting.map((change) => unitOf(known, change, sight)),
    landed: known.landed,
    hasLanded: (id) => known.landedIds.has(id),
    builds: inTurn(
      [...builds].map(([key, build]) => shown({ ...build, verdict: verdictOf(field, key) })),
      rules,
    ),
  };
}

/** A queue shows its scheduler the candidates in the order of the changes that they are of. */
function inTurn(builds: readonly UnitBuild[], rules: QueueRules | null): readonly UnitBuild[] {
  const changeOf = ({ included }: UnitBuild): number => Number(included.at(-1));
  return rules === null ? builds : builds.toSorted((one, other) => changeOf(one) - changeOf(other));
}

/** The product's own scheduler, fed from the simulated world instead of from a queue; `rules`: held to what a queue may do. */
export function bestFirst(
  name: string,
  about: string,
  settings: ScheduleSettings,
  sight = asItIs,
  rules: QueueRules | null = null,
): Policy {
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
      const plan = schedule(state.memory, viewOf(state, field, sight, rules), settings);
      const moves: Move[] = plan.drop.map((key) => ({ kind: 'drop', key }));
      const builds = new Map(state.builds);
      for (const key of plan.drop) builds.delete(key);
      let { count } = state;
      const starts = rules === null ? plan.start : plan.start.map(ofNeighbours);
      for (const { included, excluded, heads } of starts) {
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
      const isCut = starts.some(({ heads }, at) => heads.length < (plan.start[at]?.heads.length ?? 0));
      const quietAt = plan.land.length + plan.reject.length === 0 && !isCut ? field.now : null;
      return { state: { ...state, memory: plan.memory, builds, count, quietAt }, moves };
    },
  });
}
