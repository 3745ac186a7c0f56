import type { NumberedChange } from './arrival.ts';

/** One execution of a build, as a policy sees it. */
export interface SimBuild {
  /** Chosen by the policy; never used twice. */
  readonly key: string;
  /** What it holds beyond the tip that it was asked for on, in the order in which it would land. */
  readonly members: readonly number[];
  /** How many changes had landed when it was asked for. */
  readonly onto: number;
  readonly state: 'waiting' | 'running' | 'passed' | 'failed';
}

/** What a policy may look at. */
export interface Field {
  /** Minutes from the beginning. */
  readonly now: number;
  readonly slots: number;
  /** Arrived, neither landed nor rejected; oldest first. */
  readonly waiting: readonly NumberedChange[];
  /** In the order of landing. */
  readonly landed: readonly number[];
  readonly isRejected: (number: number) => boolean;
  /** All that were asked for and not dropped. */
  readonly builds: ReadonlyMap<string, SimBuild>;
  /** Whether it would truly pass on what has landed now. No policy but the oracle may ask. */
  readonly wouldPass: (number: number) => boolean;
}

export type Move =
  /** Waits for a slot, in the order of `urgency` (the lower first). `tests`: whose durations it takes, the longest counts. */
  | {
      readonly kind: 'start';
      readonly key: string;
      readonly members: readonly number[];
      readonly tests: readonly number[];
      readonly urgency: number;
    }
  /** Forgets a build; one that is under way ends now. */
  | { readonly kind: 'drop'; readonly key: string }
  | { readonly kind: 'land'; readonly changes: readonly number[] }
  | { readonly kind: 'reject'; readonly change: number };

/**
 * A way to run a queue. `decide` is asked after every event, with what it said last time as its state, until it has no move
 * any more.
 */
export interface Policy<State = unknown> {
  readonly name: string;
  /** One sentence, for people. */
  readonly about: string;
  readonly begin: () => State;
  readonly decide: (state: State, field: Field) => { readonly state: State; readonly moves: readonly Move[] };
}

/** Hides what a policy keeps in its state, so that different ones go into one list. */
export function policyOf<State>(policy: Policy<State>): Policy {
  return {
    ...policy,
    decide: (state, field) => policy.decide(state as State, field),
  };
}

/** What a build still holds that has not landed; null: something else has landed since, it says nothing of what would land now. */
export function leftOf(build: SimBuild, { landed }: Pick<Field, 'landed'>): readonly number[] | null {
  const since = landed.length - build.onto;
  for (let at = 0; at < since; at += 1) if (build.members[at] !== landed[build.onto + at]) return null;
  return build.members.slice(since);
}

export function sameNumbers(one: readonly number[], other: readonly number[]): boolean {
  return one.length === other.length && one.every((number, at) => number === other[at]);
}

/** A build that tests a batch of changes on the tip. */
export function startBatch(key: string, changes: readonly number[]): Move {
  return { kind: 'start', key, members: changes, tests: changes, urgency: changes[0] ?? 0 };
}

/** A build that tests one change on top of others that are tested by builds of their own. */
export function startBehind(key: string, ahead: readonly number[], number: number): Move {
  return { kind: 'start', key, members: [...ahead, number], tests: [number], urgency: number };
}
