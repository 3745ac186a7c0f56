import type { Removal } from './removal.ts';
import { removalsToA14 } from './removals-a01-a14.ts';
import { removalsToA30 } from './removals-a15-a30.ts';
import { removalsToA45 } from './removals-a31-a45.ts';
import { removalsOfArtifacts } from './removals-artifacts.ts';

/** For each attack that is tried at least one guard to take away; `remove-guards.ts` does it and looks who notices. */
export const removals: readonly Removal[] = [
  ...removalsToA14,
  ...removalsOfArtifacts,
  ...removalsToA30,
  ...removalsToA45,
];
