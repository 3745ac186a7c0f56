/** A place that code which nobody approved must not reach, as the operator names it. */
export type IsolationTarget =
  /** No connection may come about. */
  | { readonly name: string; readonly kind: 'connect'; readonly host: string; readonly port: number }
  /** A registry that builds read from: a write without credential must be refused. */
  | { readonly name: string; readonly kind: 'write'; readonly url: string }
  /** Another pod like it, which we start and which listens. */
  | { readonly name: 'pod'; readonly kind: 'pod' };

/** A target that a pod can try: another pod by its address. */
export type TriedTarget = Exclude<IsolationTarget, { readonly kind: 'pod' }>;

/** What came of one attempt; `not-tried` proves nothing. */
export type IsolationOutcome = 'reached' | 'refused' | 'no-answer' | 'not-tried';

export const isolationOutcomes: readonly IsolationOutcome[] = ['reached', 'refused', 'no-answer', 'not-tried'];

export interface SeenTarget {
  readonly name: string;
  readonly outcome: IsolationOutcome;
  /** In a few words of ASCII; data of a pod, never believed to be more. */
  readonly detail: string;
}

/** What one canary saw. */
export interface CanarySight {
  /** What every build must reach: without it nothing is proved by reaching nothing. */
  readonly control: SeenTarget;
  readonly targets: readonly SeenTarget[];
}

/** What the pod of a canary does: it listens for another one, or tries what that one must not reach. */
export type CanaryOrder =
  | { readonly kind: 'listen'; readonly port: number }
  | {
      readonly kind: 'try';
      readonly control: Extract<TriedTarget, { readonly kind: 'connect' }>;
      readonly targets: readonly TriedTarget[];
      readonly attemptMs: number;
    };

/** How it is known that code which nobody approved is shut in. */
export type IsolationSettings =
  /** Nothing tries it; `said`, markdown, stands on every check run of such a build. */
  | { readonly kind: 'unproved'; readonly said: string }
  | {
      readonly kind: 'proved';
      /** Where such pods are made: what was seen of another place counts for nothing here. */
      readonly place: string;
      readonly targets: readonly IsolationTarget[];
      /** Names of targets that may be reached all the same. */
      readonly accepted: readonly string[];
      readonly control: Extract<TriedTarget, { readonly kind: 'connect' }>;
    };

export type ProvedIsolation = Extract<IsolationSettings, { readonly kind: 'proved' }>;

/** What is kept of canaries, in one note. */
export interface IsolationNote {
  readonly place: string;
  /** When a canary last saw something that counts, ms; null: never yet. */
  readonly at: number | null;
  readonly sight: CanarySight | null;
  /** Since when the verdict is of the kind that it is, ms. */
  readonly since: number;
  /** When a canary last began, ms. */
  readonly triedAt: number;
  /** Why the last canary saw nothing that counts; null: it did. */
  readonly trouble: string | null;
}

/** Whether builds of code that nobody approved may start. */
export type IsolationStanding =
  /** `said`, markdown: what their check runs have to say of it; null: nothing. */
  | { readonly kind: 'open'; readonly said: string | null }
  /** They wait; `because`, markdown, for their check runs. */
  | { readonly kind: 'held'; readonly because: string };
