import type { PromotionMode, PromotionSettings } from '../../../src/model/promotion.ts';
import type { Draws } from '../chance.ts';
import type { PushKnobs } from '../push/knobs.ts';

/** What may go wrong besides where images are uploaded and promoted. */
export const imageFamilies = {
  registryAway: [0.3, 1],
  registryFails: [0.005, 0.1],
  manifestLag: [0.1, 1],
  lateUpload: [0.1, 1],
  movedTag: [0.3, 1],
  lostDigest: [0.3, 1],
} as const satisfies Record<string, readonly [number, number]>;

export interface ImageKnobs {
  /** How many images each repository has. */
  readonly built: 1 | 2;
  /** Of one image: whether it is built only by changes below `src`. The second one of two always is. */
  readonly sourceOnly: boolean;
  readonly mode: PromotionMode;
  /** Who promotes. */
  readonly executor: PromotionSettings['executor'];
  /** Each landing sets a tag of its own besides that of its branch. */
  readonly commitTags: boolean;
  /** Whether registries can take a tag away. */
  readonly deletes: boolean;
  /** Whether a manifest without a tag is collected after a while. */
  readonly collects: boolean;
  /** More than a day is played after the faults, until everything that has a time of grace is past it. */
  readonly day: boolean;
  /** Null: what people push is told to nobody. */
  readonly pushes: PushKnobs | null;
  /** Each is built of a folder of its own, and of nothing else; left out: of the whole tree. */
  readonly lanes?: true;
}

/** `apart`: draws who promotes, so that all else stays as it was before anybody drew that. */
export function drawImages(draws: Draws, apart: Draws): ImageKnobs {
  return {
    built: draws.pick([1, 2, 2]),
    sourceOnly: draws.happens(0.5),
    mode: draws.pick(['tag', 'tag', 'tag', 'intermediate', 'intermediate', 'intermediate', 'rebuild']),
    executor: apart.happens(0.25) ? 'pod' : 'worker',
    commitTags: draws.happens(0.3),
    deletes: draws.happens(0.7),
    collects: draws.happens(0.6),
    day: draws.happens(0.06),
    pushes: null,
  };
}
