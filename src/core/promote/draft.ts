import type { PlannedTree } from '../../model/presubmit.ts';
import type { PromoteEffect } from '../../model/promote-effect.ts';
import type { PromoteRecord } from '../../model/promotion.ts';
import type { WantedIndex } from './collect-images.ts';
import type { WantedLook } from './facts.ts';
import type { NamedCandidate } from './places.ts';

/** A plan in the making. One call long. */
export interface PromoteDraft {
  record: PromoteRecord;
  readonly effects: PromoteEffect[];
  readonly reasons: string[];
  readonly wants: {
    readonly looks: WantedLook[];
    readonly tags: WantedLook[];
    readonly listings: string[];
    readonly candidates: NamedCandidate[];
    readonly trees: PlannedTree[];
    readonly indexes: WantedIndex[];
  };
}
