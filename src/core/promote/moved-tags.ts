import type { LedgerEntry } from '../../model/ledger.ts';
import type { ImagePromotion, PromoteRecord } from '../../model/promotion.ts';
import { lookKey, type PromoteFacts } from './facts.ts';
import type { StandingLanding } from './own-tags.ts';

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

/** Digests of what the ledger records and a reset took back: a tag that still names one was moved by nobody. */
export function fallenDigests(
  entries: readonly LedgerEntry[],
  standing: readonly StandingLanding[],
): ReadonlySet<string> {
  const stands = new Set(standing.flatMap(({ images }) => images.map(({ digest }) => digest)));
  const recorded = entries.flatMap(({ detail }) => {
    if (detail.kind === 'landed') return detail.verdict.images ?? [];
    return detail.kind === 'pushed' || detail.kind === 'published' ? detail.images : [];
  });
  return new Set(recorded.flatMap(({ digest }) => (stands.has(digest) ? [] : [digest])));
}

/**
 * Tags that a pass found moved or taken away by somebody else: they were right, are owned as before, and are put back (F28).
 * `fallen`: what they may name since a reset without anybody's doing.
 */
export function movedByOthers(
  before: Pick<PromoteRecord, 'landings'>,
  after: Pick<PromoteRecord, 'landings'>,
  looks: PromoteFacts['looks'],
  fallen: ReadonlySet<string>,
): readonly MovedTag[] {
  const was = imagesBySequence(before);
  return [...imagesBySequence(after)].flatMap(([key, { repository, owned, digest, state }]) => {
    const earlier = was.get(key);
    if (earlier?.state.kind !== 'promoted' || state.kind === 'promoted') return [];
    return owned.flatMap((tag): readonly MovedTag[] => {
      const found = looks.get(lookKey(repository, tag));
      if (!earlier.owned.includes(tag) || found === undefined || found.kind === 'trouble') return [];
      const by = found.kind === 'found' ? found.digest : null;
      return by === digest || (by !== null && fallen.has(by)) ? [] : [{ repository, tag, by }];
    });
  });
}
