import type { Draws } from '../chance.ts';

/** What is different in a world where versions are kept and released. */
export interface VersionKnobs {
  /** How often somebody does something about versions. */
  readonly released: number;
  /** Logins of those who may release; null: whoever may push. */
  readonly initiators: readonly string[] | null;
  /** A job that can fail runs for each release besides. */
  readonly proven: boolean;
  /** What becomes of a branch that is created on a version that nobody released. */
  readonly onCut: 'hold' | 'build';
  /** Changes of the version land through the gate, too. */
  readonly landed: boolean;
}

/** Worlds of lower seeds are as they were when some of them broke a promise. */
const firstLanded = 10_000;

export function drawVersions(draws: Draws, seed: number): VersionKnobs {
  const landed = seed >= firstLanded;
  return {
    landed,
    released: draws.between(2, 14),
    initiators: draws.pick([['robot[bot]'], ['robot[bot]', 'boss'], ['boss'], null]),
    proven: draws.happens(0.4),
    onCut: draws.pick(['hold', 'hold', 'build']),
  };
}
