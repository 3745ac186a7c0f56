import type { ImagePromotion, LandingPromotion } from '../../model/promotion.ts';
import { advanceImage, look, type MayBeGone, setTags } from './advance-image.ts';
import type { PromoteDraft } from './draft.ts';
import type { PromoteFacts } from './facts.ts';
import { type OwnTag, type StandingLanding, tagKey, tagsOf } from './own-tags.ts';
import { advanceByPod, hasActivePod } from './promote-pod.ts';

/** What all landings of a line have in common in one pass. */
export interface LandingGround {
  readonly tags: ReadonlyMap<string, OwnTag>;
  /** Landings that own a tag which moves from one to the next. */
  readonly movers: ReadonlySet<number>;
  /** Those of which this sweep looks at the tags that do not move, too. */
  readonly turn: ReadonlySet<number>;
  /** Why the branch is frozen; null: it is not. */
  readonly frozen: string | null;
  /** All tags are looked at, though nothing happened. */
  readonly sweeps: boolean;
  /** The pod of another landing is at work. */
  readonly isTaken: boolean;
}

function beginImages(
  landing: StandingLanding,
  tags: LandingGround['tags'],
  before: LandingPromotion | null,
  branch: string,
) {
  return landing.images.map((image): ImagePromotion => {
    const owned = tagsOf(image, landing, branch).filter(
      (tag) => tags.get(tagKey(image.repository, tag))?.sequence === landing.sequence,
    );
    const known = before?.images.find(
      (each) => each.name === image.name && each.target === image.target && each.digest === image.digest,
    );
    // A tag that came back to it, as by a reset, names something else until it is looked at.
    const isGiven = known !== undefined && owned.some((tag) => !known.owned.includes(tag));
    return {
      ...image,
      owned,
      state: known === undefined || isGiven ? { kind: 'waiting' } : known.state,
      trouble: known?.trouble ?? null,
      ...(known?.last ? { last: known.last } : {}),
    };
  });
}

function nameOf(number: number): string {
  return number === 0 ? 'a push' : `#${number}`;
}

function isSettled({ state }: ImagePromotion): boolean {
  return state.kind === 'promoted' || state.kind === 'superseded';
}

/** What names the commit of a landing that was promoted once may be gone; what moves is always put right. */
function whatMayBeGone({ doneAt }: LandingPromotion, tags: LandingGround['tags']): MayBeGone {
  return (repository, tag) => doneAt !== null && tags.get(tagKey(repository, tag))?.isMoving === false;
}

function lookAtAll(
  draft: PromoteDraft,
  facts: PromoteFacts,
  images: readonly ImagePromotion[],
  mayBeGone: MayBeGone,
): readonly ImagePromotion[] | null {
  const moved = images.map((image) => advanceImage(draft, facts, image, mayBeGone));
  const known = moved.filter((image) => image !== null);
  return known.length < moved.length ? null : known;
}

/** The worker's own requests: no tag moves before every digest is there. */
function moveByWorker(
  draft: PromoteDraft,
  facts: PromoteFacts,
  landing: LandingPromotion,
  { tags }: LandingGround,
): LandingPromotion | null {
  const mayBeGone = whatMayBeGone(landing, tags);
  const images = lookAtAll(draft, facts, landing.images, mayBeGone);
  if (images === null) return null;
  const isWhole = images.every(
    ({ state, trouble }) => state.kind !== 'waiting' && state.kind !== 'lost' && trouble === null,
  );
  const tagged = isWhole
    ? images.map((image, at) => setTags(draft, facts, image, landing.images[at]?.trouble ?? null, mayBeGone))
    : images;
  return { ...landing, images: tagged };
}

/** The worker only looks; while a pod is at work, not even that. */
function moveByPod(
  draft: PromoteDraft,
  facts: PromoteFacts,
  landing: LandingPromotion,
  { tree, resets }: StandingLanding,
  { isTaken, frozen, tags }: LandingGround,
): LandingPromotion | null {
  const isLooked = frozen === null && !hasActivePod(landing);
  const seen = { ...draft, effects: [] };
  const images = isLooked ? lookAtAll(seen, facts, landing.images, whatMayBeGone(landing, tags)) : landing.images;
  if (images === null) return null;
  const moved = advanceByPod(draft, facts, { ...landing, images, tree, resets }, { isTaken, frozen });
  return { ...landing, ...moved };
}

/**
 * Whether a tag of what was promoted names something else; null: something is to be looked at first. One that is gone was taken
 * away, mostly by the registry's own rule for old tags, and is not put there again.
 */
function isMoved(draft: PromoteDraft, facts: PromoteFacts, { images }: LandingPromotion): boolean | null {
  const looks = images.flatMap(({ repository, digest, owned }) =>
    owned.map((tag) => ({ digest, found: look(draft, facts, repository, tag) })),
  );
  if (looks.some(({ found }) => found === null)) return null;
  return looks.some(({ digest, found }) => found?.kind === 'found' && found.digest !== digest);
}

/** Whether all is looked at, though it was promoted once; null: something is to be looked at first. */
function isLookedAt(
  draft: PromoteDraft,
  facts: PromoteFacts,
  landing: LandingPromotion,
  { sweeps, movers, turn }: LandingGround,
): boolean | null {
  if (facts.asked || hasActivePod(landing)) return true;
  if (!sweeps) return false;
  if (movers.has(landing.sequence)) return true;
  return turn.has(landing.sequence) && isMoved(draft, facts, landing);
}

/** All images of a landing or none: every digest is there before the first tag moves (images.md §3.3); null: something is to be looked at first. */
export function advanceLanding(
  draft: PromoteDraft,
  facts: PromoteFacts,
  landing: StandingLanding,
  ground: LandingGround,
): LandingPromotion | null {
  const { sequence, at: landedAt, number, commit } = landing;
  const before = draft.record.landings.find((known) => known.sequence === sequence) ?? null;
  const images = beginImages(landing, ground.tags, before, draft.record.branch);
  const begun: LandingPromotion = {
    sequence,
    number,
    commit,
    landedAt,
    images,
    // What was built in the place of another is promoted anew.
    doneAt: images.every(isSettled) ? (before?.doneAt ?? null) : null,
    ...(before?.pod === undefined ? {} : { pod: before.pod }),
  };
  const isActive = hasActivePod(begun);
  if (ground.frozen !== null && !isActive) return begun;
  const isLooked = begun.doneAt === null || isLookedAt(draft, facts, begun, ground);
  if (isLooked !== true) return isLooked === null ? null : begun;
  const isByPod = isActive || facts.settings?.executor === 'pod';
  const next = isByPod ? moveByPod(draft, facts, begun, landing, ground) : moveByWorker(draft, facts, begun, ground);
  if (next === null || ground.frozen !== null) return next;
  const doneAt = next.images.every(isSettled) && !hasActivePod(next) ? (begun.doneAt ?? facts.now) : null;
  if (begun.doneAt !== null && doneAt === null)
    draft.reasons.push(`${nameOf(number)}: a tag of it does not name it any more`);
  if (begun.doneAt === null && doneAt !== null)
    draft.reasons.push(`${nameOf(number)}: promoted as ${commit.slice(0, 12)}`);
  return { ...next, doneAt };
}
