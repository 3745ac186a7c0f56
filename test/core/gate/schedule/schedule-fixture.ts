import { emptyMemory, type ScheduleMemory } from '../../../../src/core/gate/schedule/memory.ts';
import { type SchedulePlan, schedule } from '../../../../src/core/gate/schedule/schedule.ts';
import {
  boundedSettings,
  type ScheduleSettings,
  type ScheduleView,
} from '../../../../src/core/gate/schedule/schedule-view.ts';
import type { LandedUnit, Unit, UnitBuild, UnitId } from '../../../../src/core/gate/schedule/unit.ts';

/** A trusted unit that touches `x` as all others do; the later in the alphabet, the later it was asked for. */
export function aUnit(id: UnitId, over: Partial<Unit> = {}): Unit {
  const askedAt = id.charCodeAt(0) - 97 + id.length / 10;
  return { id, touches: ['x'], prior: 0.95, askedAt, needs: [], lane: 'normal', ...over };
}

/** A build for the last of these, on nothing but the tip. */
export function aBuild(included: string, over: Partial<UnitBuild> = {}): UnitBuild {
  const ids = [...included];
  const plain = {
    key: included,
    included: ids,
    excluded: [],
    heads: ids.slice(-1),
    covers: ids,
    startedAt: 0,
    onto: 0,
  };
  return { ...plain, verdict: 'pending', ...over };
}

export function aView(units: readonly Unit[], over: Partial<ScheduleView> = {}): ScheduleView {
  const landed = over.landed ?? [];
  const hasLanded = (id: UnitId): boolean => landed.some((unit) => unit.id === id);
  return { now: 100, slots: 10, units, landed, hasLanded, builds: [], ...over };
}

/** Nothing is carried and nothing is believed to conflict, so that each build is told by its guess. */
export const plainSettings: ScheduleSettings = { ...boundedSettings, carries: 1, flake: 0.01, conflict: 0.001 };

export function plan(
  view: ScheduleView,
  settings: Partial<ScheduleSettings> = {},
  memory: ScheduleMemory = emptyMemory,
): SchedulePlan {
  return schedule(memory, view, { ...plainSettings, ...settings });
}

function nameOf({ included, heads }: Pick<UnitBuild, 'included' | 'heads'>): string {
  const ahead = included.filter((id) => !heads.includes(id)).join('');
  return heads.length === 1 ? ahead + heads.join('') : `${ahead}(${heads.join('')})`;
}

/** Builds that start, as `ab` for b on a, in the order of starting; a batch as `(ab)`. */
export function startsOf({ start }: SchedulePlan): readonly string[] {
  return start.map(nameOf);
}

/** A queue that is planned again and again, as verdicts come and time goes on. */
export class Story {
  readonly settings: ScheduleSettings;
  readonly slots: number;
  units: readonly Unit[];
  landed: LandedUnit[] = [];
  rejected: UnitId[] = [];
  builds: UnitBuild[] = [];
  memory = emptyMemory;
  now = 100;
  count = 0;

  constructor(units: readonly Unit[], settings: Partial<ScheduleSettings> = {}, slots = 10) {
    this.units = units;
    this.settings = { ...plainSettings, ...settings };
    this.slots = slots;
  }

  /** Passes until nothing is wanted. */
  settle(): this {
    for (let pass = 0; pass < 100; pass += 1) {
      const view = aView(this.units, { now: this.now, slots: this.slots, landed: this.landed, builds: this.builds });
      const planned = schedule(this.memory, view, this.settings);
      this.memory = planned.memory;
      this.apply(planned);
      if (planned.land.length + planned.reject.length + planned.drop.length + planned.start.length === 0) return this;
    }
    throw new Error('it comes to no end');
  }

  private apply({ land, reject, drop, start }: SchedulePlan): void {
    for (const id of land) this.landed.push(this.units.find((unit) => unit.id === id) as Unit);
    this.rejected.push(...reject.map(({ unit }) => unit));
    this.units = this.units.filter(({ id }) => !land.includes(id) && !this.rejected.includes(id));
    this.builds = this.builds.filter(({ key }) => !drop.includes(key));
    for (const build of start) {
      this.count += 1;
      const facts = { key: `${this.count}`, covers: build.included, verdict: 'pending', startedAt: this.now } as const;
      this.builds.push({ ...build, ...facts, onto: this.landed.length });
    }
  }

  private nameOf({ included, ...build }: UnitBuild): string {
    const left = included.filter((id) => !this.landed.some((unit) => unit.id === id));
    return nameOf({ ...build, included: left });
  }

  private underWay(): readonly UnitBuild[] {
    return this.builds.filter(({ verdict }) => verdict === 'pending');
  }

  /** What runs, as `startsOf` writes it, without what has landed. */
  running(): readonly string[] {
    return this.underWay().map((build) => this.nameOf(build));
  }

  /** The first running build of that name ends, and passes are made. */
  ends(name: string, verdict: 'passed' | 'failed', minutes = 30): this {
    this.now += minutes;
    const ended = this.underWay().find((build) => this.nameOf(build) === name);
    if (!ended) throw new Error(`no build ${name} runs: ${this.running().join(' ')}`);
    this.builds = this.builds.map((build) => (build === ended ? { ...build, verdict } : build));
    return this.settle();
  }

  order(): string {
    return this.landed.map(({ id }) => id).join('');
  }
}
