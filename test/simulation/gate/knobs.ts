import type { LandingMethod } from '../../../src/model/queue.ts';
import type { Draws } from '../chance.ts';
import { firstConfigs } from './configs.ts';
import type { ImageKnobs } from './image-knobs.ts';

/** What may go wrong besides in a world with queues: where others push, and what the forge makes of our pushes. */
export const queueFamilies = {
  lateMark: [0.1, 1],
  pushLate: [0.02, 0.4],
  pushRefused: [0.02, 0.3],
  directPush: [0.3, 1],
  branchReset: [0.3, 1],
  handMerge: [0.3, 1],
  foreignLedger: [0.3, 1],
  lockedBranch: [0.3, 1],
} as const satisfies Record<string, readonly [number, number]>;

/** What may befall a worker where several land by one push, and what is lost with it. */
export const severalFamilies = {
  severalCrash: [0.5, 1],
  severalLoss: [0.3, 0.8],
} as const satisfies Record<string, readonly [number, number]>;

export interface QueueKnobs {
  /** Protected branches of each repository, each with a queue. */
  readonly branches: 1 | 2;
  readonly method: LandingMethod;
  readonly start: number;
  readonly floor: number;
  readonly failFast: boolean;
  readonly config: (typeof firstConfigs)[number] | 'lanes';
  readonly rules: 'none' | 'reviews' | 'gate check' | 'ci';
  /** How many changes are good by themselves and together. */
  readonly goodChanges: number;
  /** A worker that is started anew finds the clones of the one before. */
  readonly disk: 'kept' | 'new';
  /** Null: nothing is uploaded. */
  readonly images: ImageKnobs | null;
  /** Candidates are built best first; left out: by the window. */
  readonly bestFirst?: BestFirstKnobs;
  /** All jobs of the gate say that they read nothing but their tree; left out: none does. */
  readonly reuse?: true;
  /** Changes are tested in lanes, by what jobs and images of two folders read; left out: whole trees are tested. */
  readonly lanes?: true;
  /** In lanes, how old the last run of all jobs on a branch may be, as the file has it; left out: it says nothing. */
  readonly joins?: string;
  /** Two changes that no job says it reads both of break a job together; left out: what jobs read is what they say. */
  readonly hidden?: true;
  /** In lanes, people rename files that no job reads into a folder that one does, and others change them meanwhile; left out: nobody does. */
  readonly renames?: true;
}

export interface BestFirstKnobs {
  readonly slots: number;
  /** How often a job that should pass fails for no reason. */
  readonly flakes: number;
  /** Several may land by one push of what was tested with all of them. */
  readonly prefixes: boolean;
  /** All changes are opened in the first tenth of the time, so that they are tested beside each other; left out: they are not. */
  readonly together?: true;
  /** Now and then an author takes back what is tested just then, and nobody may be told; left out: only as anywhere. */
  readonly regrets?: true;
  /** And several may be tested by one build; left out: each has its own. */
  readonly batches?: true;
}

export function drawBestFirst(draws: Draws): BestFirstKnobs {
  return {
    slots: draws.pick([1, 2, 3, 8, 20]),
    flakes: draws.pick([0, 0, 0.02, 0.1, 0.3]),
    prefixes: draws.happens(0.7),
  };
}

export function drawQueues(draws: Draws): QueueKnobs {
  const start = draws.pick([1, 2, 3, 20]);
  return {
    branches: draws.pick([1, 1, 2]),
    method: draws.pick(['merge', 'merge', 'squash', 'rebase']),
    start,
    floor: Math.min(start, draws.pick([1, 2, 3])),
    failFast: draws.happens(0.3),
    config: draws.pick(firstConfigs),
    rules: draws.pick(['none', 'reviews', 'gate check', 'ci']),
    goodChanges: draws.pick([0.4, 0.7, 1]),
    disk: draws.pick(['kept', 'kept', 'new']),
    images: null,
  };
}
