import type { Draws } from '../chance.ts';
import type { VersionKnobs } from '../version/knobs.ts';

/** What is different in a world where people push. */
export interface PushKnobs {
  /** How often somebody does. */
  readonly pushed: number;
  /** A job without images runs after each push as well. */
  readonly plain: boolean;
  /** A job runs by the clock besides. */
  readonly nightly: boolean;
  /** Null: no versions are kept. */
  readonly versions: VersionKnobs | null;
}

export function drawPushes(draws: Draws): PushKnobs {
  return { pushed: draws.between(1, 9), plain: draws.happens(0.5), nightly: false, versions: null };
}
