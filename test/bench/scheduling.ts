import { emptyMemory } from '../../src/core/gate/schedule/memory.ts';
import { schedule } from '../../src/core/gate/schedule/schedule.ts';
import { fastSettings, type ScheduleView } from '../../src/core/gate/schedule/schedule-view.ts';
import type { LandedUnit, Unit, UnitBuild, UnitId } from '../../src/core/gate/schedule/unit.ts';
import { drawsOf } from '../../src/core/simulate/chance.ts';
import { passTargets } from './gate-pass.ts';
import type { BenchOptions, Measurement } from './measurement.ts';
import { type Spread, spreadOf } from './percentiles.ts';
import { inMs, type Result, type Row } from './result.ts';

interface PassFigures {
  readonly changes: number;
  readonly ms: Spread;
  readonly buildsStarted: number;
  readonly perSecond: number;
}

/** The worst that is still a queue: two in five changes are bad, and all touch one of four things. */
function unitsOf(changes: number): readonly Unit[] {
  const draws = drawsOf(1, 'scheduling bench');
  return Array.from({ length: changes }, (_, at) => ({
    id: `${at}`,
    touches: [`m${Math.floor(4 * draws.unit())}`],
    prior: 0.6,
    askedAt: at / 10,
    needs: [],
    lane: 'normal',
  }));
}

/**
 * Every pass begins with builds that ended since the one before, one in three of them red, as in the life of a queue: what
 * lands and leaves is made up for, so that the queue stays as long.
 */
function measure(changes: number, turns: number): PassFigures {
  const draws = drawsOf(2, 'scheduling bench');
  let units = unitsOf(changes);
  let builds: readonly UnitBuild[] = [];
  let memory = emptyMemory;
  const landed: LandedUnit[] = [];
  const ids = new Set<UnitId>();
  const times: number[] = [];
  let started = 0;
  let fresh = changes;
  for (let turn = 0; turn < turns; turn += 1) {
    const now = changes + turn;
    const view: ScheduleView = { now, slots: 60, units, landed, hasLanded: (id) => ids.has(id), builds };
    const begins = performance.now();
    const plan = schedule(memory, view, fastSettings);
    times.push(performance.now() - begins);
    memory = plan.memory;
    started += plan.start.length;
    for (const id of plan.land) {
      landed.push(units.find((unit) => unit.id === id) as Unit);
      ids.add(id);
    }
    const gone = new Set([...plan.land, ...plan.reject.map(({ unit }) => unit)]);
    const more = [...gone].map((_, at): Unit => ({ ...(unitsOf(1)[0] as Unit), id: `${fresh + at}`, askedAt: now }));
    fresh += gone.size;
    units = [...units.filter(({ id }) => !gone.has(id)), ...more];
    const kept = builds.filter(({ key }) => !plan.drop.includes(key));
    const begun = plan.start.map(
      (build, at): UnitBuild => ({
        ...build,
        key: `${turn}/${at}`,
        covers: build.included,
        verdict: 'pending',
        startedAt: now,
        onto: landed.length,
      }),
    );
    builds = [...kept, ...begun].map((build) =>
      build.verdict === 'pending' && draws.happens(0.05)
        ? { ...build, verdict: draws.happens(1 / 3) ? 'failed' : 'passed' }
        : build,
    );
  }
  const spent = times.reduce((sum, each) => sum + each, 0);
  return { changes, ms: spreadOf(times), buildsStarted: started, perSecond: (turns * 1_000) / spent };
}

function rowOf({ changes, ms, buildsStarted, perSecond }: PassFigures): Row {
  const target = passTargets.get(changes);
  const kept = target === undefined ? '' : ms.p95 < target ? `, within ${target} ms` : `, MORE THAN ${target} ms`;
  return {
    name: `${changes} changes are queued`,
    figure: `a pass p50 ${inMs(ms.p50)}, p95 ${inMs(ms.p95)}${kept}; ${perSecond.toFixed(0)} passes a second, ${buildsStarted} builds started`,
  };
}

async function run({ quick, progress }: BenchOptions): Promise<Result> {
  const turns = quick ? 50 : 500;
  measure(50, 50);
  const all = [...passTargets.keys()].map((changes) => {
    progress.say(`scheduling: ${changes} changes`);
    return measure(changes, turns);
  });
  return {
    name: 'scheduling',
    title:
      'One pass of the scheduler (60 slots, four closures, priors of 0.6, one build in twenty ends between passes)',
    rows: all.map(rowOf),
    notes: ['tables of figures: sluice simulate --regimes all --seeds 20, --ablation, --robustness'],
    figures: { passes: all },
  };
}

export const scheduling: Measurement = { name: 'scheduling', run };
