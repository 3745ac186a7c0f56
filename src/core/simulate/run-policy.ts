import type { Trace } from './arrival.ts';
import { type Draws, drawsOf } from './chance.ts';
import type { Field, Move, Policy, SimBuild } from './field.ts';
import { truthOf } from './truth.ts';

/** The world in which a policy is tried. Minutes from the beginning, as those of the arrivals. */
export interface WorldSettings {
  readonly seed: number;
  readonly slots: number;
  /** That an execution fails though nothing is wrong. */
  readonly flake: number;
  /** How long before its arrival a change's base was looked at last: what landed later than that may conflict with it. */
  readonly stale: number;
  /** So often a policy looks at what has happened; left out: whenever something does. */
  readonly every?: number;
  /** Everything ends here. */
  readonly until: number;
}

/** What became of one change; null: it did not. */
export interface Outcome {
  readonly landedAt: number | null;
  readonly rejectedAt: number | null;
}

/** Everything that a run of one policy gave. */
export interface RunRecord {
  readonly policy: Pick<Policy, 'name' | 'about'>;
  /** By number minus 1. */
  readonly outcomes: readonly Outcome[];
  readonly builds: number;
  readonly slotMinutes: number;
  /** Landings that left `main` in a state that truly fails. */
  readonly redMain: number;
  /** Rejections of what truly would have passed on `main` then: by number. */
  readonly wronglyRejected: readonly number[];
  /** After each event that changed it. */
  readonly queueLength: readonly { readonly at: number; readonly waiting: number }[];
}

interface Execution {
  readonly build: SimBuild;
  readonly minutes: number;
  readonly urgency: number;
  readonly startedAt: number | null;
  readonly endsAt: number;
  readonly passes: boolean;
}

/** Time that every build takes besides. */
const overheadMinutes = 1;
/** A batch of k takes so much longer for each further member. */
const perMember = 0.02;
/** No policy needs so many answers to one event: it would go on for ever. */
const mostAnswers = 100_000;

class World {
  readonly trace: Trace;
  readonly settings: WorldSettings;
  readonly draws: Draws;
  readonly landedAt = new Map<number, number>();
  readonly landed: number[] = [];
  readonly rejectedAt = new Map<number, number>();
  readonly executions = new Map<string, Execution>();
  readonly usedKeys = new Set<string>();
  readonly wronglyRejected: number[] = [];
  readonly queueLength: { at: number; waiting: number }[] = [];
  waiting: Field['waiting'] = [];
  now = 0;
  arrived = 0;
  running = 0;
  builds = 0;
  slotMinutes = 0;
  redMain = 0;

  constructor(trace: Trace, settings: WorldSettings, policy: Policy) {
    this.trace = trace;
    this.settings = settings;
    this.draws = drawsOf(settings.seed, `flakes of ${policy.name}`);
  }

  truth(members: readonly number[], onto: number): boolean {
    const { trace, settings, landed, landedAt } = this;
    return truthOf(trace, members, (number, rival) => {
      const at = landedAt.get(rival);
      if (at === undefined || at <= trace.change(number).atMinute - settings.stale) return false;
      return onto === landed.length || landed.indexOf(rival) < onto;
    });
  }

  field(): Field {
    return {
      now: this.now,
      slots: this.settings.slots,
      waiting: this.waiting,
      landed: this.landed,
      isRejected: (number) => this.rejectedAt.has(number),
      builds: new Map([...this.executions].map(([key, { build }]) => [key, build])),
      wouldPass: (number) => this.truth([number], this.landed.length),
    };
  }

  apply(move: Move): void {
    switch (move.kind) {
      case 'start':
        this.want(move);
        return;
      case 'drop':
        this.drop(move.key);
        return;
      case 'land':
        this.land(move.changes);
        return;
      case 'reject':
        this.leave(move.change);
        if (this.truth([move.change], this.landed.length)) this.wronglyRejected.push(move.change);
        this.rejectedAt.set(move.change, this.now);
    }
  }

  want({ key, members, tests, urgency }: Extract<Move, { kind: 'start' }>): void {
    if (this.usedKeys.has(key)) throw new Error(`the build ${key} was asked for twice`);
    this.usedKeys.add(key);
    const longest = Math.max(0, ...tests.map((number) => this.trace.change(number).buildMinutes));
    const minutes = longest * (1 + perMember * Math.max(0, tests.length - 1)) + overheadMinutes;
    const build = { key, members, onto: this.landed.length, state: 'waiting' } as const;
    this.executions.set(key, { build, minutes, urgency, startedAt: null, endsAt: Infinity, passes: false });
  }

  drop(key: string): void {
    const execution = this.executions.get(key);
    this.executions.delete(key);
    if (execution?.build.state === 'running') this.giveBack(execution);
  }

  giveBack({ startedAt, endsAt }: Execution): void {
    this.running -= 1;
    this.slotMinutes += Math.min(this.now, endsAt) - (startedAt ?? this.now);
  }

  land(changes: readonly number[]): void {
    const passes = this.truth(changes, this.landed.length);
    if (!passes) this.redMain += 1;
    for (const number of changes) {
      this.leave(number);
      this.landed.push(number);
      this.landedAt.set(number, this.now);
    }
  }

  leave(number: number): void {
    const rest = this.waiting.filter((change) => change.number !== number);
    if (rest.length === this.waiting.length) throw new Error(`change ${number} is not in the queue at ${this.now}`);
    this.waiting = rest;
  }

  startSome(): void {
    if (this.running >= this.settings.slots) return;
    const waiting = [...this.executions.values()].filter(({ build }) => build.state === 'waiting');
    waiting.sort((one, other) => one.urgency - other.urgency);
    for (const execution of waiting.slice(0, this.settings.slots - this.running)) this.start(execution);
  }

  start(execution: Execution): void {
    const { build, minutes } = execution;
    // Both are drawn for every execution, so that one that passes leaves the next ones as they were.
    const [isFlaky, share] = [this.draws.happens(this.settings.flake), 0.3 + 0.7 * this.draws.unit()];
    const passes = this.truth(build.members, build.onto) && !isFlaky;
    const endsAt = this.now + (passes ? minutes : minutes * share);
    this.running += 1;
    this.builds += 1;
    const running = { ...build, state: 'running' } as const;
    this.executions.set(build.key, { ...execution, build: running, passes, startedAt: this.now, endsAt });
  }

  nextAt(): number {
    const arrival = this.trace.changes[this.arrived]?.atMinute ?? Infinity;
    let next = arrival;
    for (const { build, endsAt } of this.executions.values())
      if (build.state === 'running' && endsAt < next) next = endsAt;
    const { every } = this.settings;
    return every === undefined ? next : Math.ceil(next / every) * every;
  }

  /** Goes to that time and lets happen what happens then. */
  advance(at: number): void {
    this.now = at;
    for (const execution of this.executions.values()) {
      const { build, endsAt, passes } = execution;
      if (build.state !== 'running' || endsAt > at) continue;
      this.giveBack(execution);
      const ended = { ...build, state: passes ? 'passed' : 'failed' } as const;
      this.executions.set(build.key, { ...execution, build: ended });
    }
    const arriving = this.trace.changes.slice(this.arrived).findIndex(({ atMinute }) => atMinute > at);
    const count = arriving === -1 ? this.trace.changes.length - this.arrived : arriving;
    if (count > 0) this.waiting = [...this.waiting, ...this.trace.changes.slice(this.arrived, this.arrived + count)];
    this.arrived += count;
  }

  note(): void {
    const waiting = this.waiting.length;
    if (this.queueLength.at(-1)?.waiting !== waiting) this.queueLength.push({ at: this.now, waiting });
  }
}

function answer(world: World, policy: Policy, given: unknown): unknown {
  let state = given;
  for (let count = 0; count < mostAnswers; count += 1) {
    const decided = policy.decide(state, world.field());
    state = decided.state;
    for (const move of decided.moves) world.apply(move);
    // A step that only thinks, as halving a batch, counts as one that is done when it changes nothing any more.
    if (decided.moves.length === 0) {
      world.startSome();
      return state;
    }
  }
  throw new Error(`${policy.name} comes to no end at minute ${world.now}`);
}

/** Replays the trace for one policy until `until`: what is then in the queue is left there. */
export function runPolicy(trace: Trace, settings: WorldSettings, policy: Policy): RunRecord {
  const world = new World(trace, settings, policy);
  let state = policy.begin();
  for (let next = world.nextAt(); next <= settings.until; next = world.nextAt()) {
    world.advance(next);
    state = answer(world, policy, state);
    world.note();
  }
  world.now = Math.max(world.now, settings.until);
  for (const key of [...world.executions.keys()]) world.drop(key);
  return {
    policy,
    outcomes: trace.changes.map(({ number }) => ({
      landedAt: world.landedAt.get(number) ?? null,
      rejectedAt: world.rejectedAt.get(number) ?? null,
    })),
    builds: world.builds,
    slotMinutes: world.slotMinutes,
    redMain: world.redMain,
    wronglyRejected: world.wronglyRejected,
    queueLength: world.queueLength,
  };
}
