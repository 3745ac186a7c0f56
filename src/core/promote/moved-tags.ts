import type { ImagePromotion, PromoteRecord } from '../../model/promotion.ts';
import { lookKey, type PromoteFacts } from './facts.ts';

/** A tag of ours that named what it should and does not any more; `by` null: it is gone. */
export interface MovedTag {
  readonly repository: string;
  readonly tag: string;
  readonly by: string | null;
}

function imagesBySequence({ landings }: Pick<PromoteRecord, 'landings'>): ReadonlyMap<string, ImagePromotion> {
  return new Map(
    landings.flatMap(({ sequence, images }) =>
      images.map((image) => [`${sequence} ${image.repository} ${image.name} ${image.target}`, image] as const),
    ),
  );
}

/** Tags that a pass found moved or taken away by somebody else: they were right, are owned as before, and are put back (F28). */
export function movedByOthers(
  before: Pick<PromoteRecord, 'landings'>,
  after: Pick<PromoteRecord, 'landings'>,
  looks: PromoteFacts['looks'],
): readonly MovedTag[] {
  const was = imagesBySequence(before);
  return [...imagesBySequence(after)].flatMap(([key, { repository, owned, digest, state }]) => {
    const earlier = was.get(key);
    if (earlier?.state.kind !== 'promoted' || state.kind === 'promoted') return [];
    return owned.flatMap((tag): readonly MovedTag[] => {
      const found = looks.get(lookKey(repository, tag));
      if (!earlier.owned.includes(tag) || found === undefined || found.kind === 'trouble') return [];
      const by = found.kind === 'found' ? found.digest : null;
      return by === digest ? [] : [{ repository, tag, by }];
    });
  });
}
