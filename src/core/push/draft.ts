import type { PlannedTree } from '../../model/presubmit.ts';
import type { PromoteEffect } from '../../model/promote-effect.ts';
import type { PushRecord } from '../../model/push.ts';
import type { Sha } from '../../model/sha.ts';
import type { WantedIndex } from '../promote/collect-images.ts';
import type { WantedPush } from './facts.ts';

/** A plan of runs of a branch in the making. One call long. */
export interface RunDraft {
  readonly record: Pick<PushRecord, 'project' | 'branch'>;
  readonly effects: PromoteEffect[];
  readonly reasons: string[];
  readonly wants: { readonly trees: PlannedTree[]; readonly indexes: WantedIndex[] };
}

/** A plan for a pushed branch in the making. */
export interface PushDraft extends RunDraft {
  readonly record: PushRecord;
  readonly wants: {
    readonly pushes: WantedPush[];
    readonly below: Sha[];
    readonly trees: PlannedTree[];
    readonly indexes: WantedIndex[];
  };
}
