import type { ImagePromotion, ImageState, PromotionTrouble } from '../../model/promotion.ts';
import type { PromoteDraft } from './draft.ts';
import { copyKey, type Look, lookKey, type PromoteFacts } from './facts.ts';
import { type Failing, failingOf, triesAgainAt, troubleAfter } from './trouble.ts';

/** What a registry shows, as far as this pass looked; null: it is looked at before the plan counts. */
export function look(draft: PromoteDraft, facts: PromoteFacts, repository: string, reference: string): Look | null {
  const found = facts.looks.get(lookKey(repository, reference));
  if (found === undefined) draft.wants.looks.push({ repository, reference });
  return found ?? null;
}

type TagCame = PromoteFacts['tagged'] extends ReadonlyMap<string, infer T> ? T : never;

/** Null: something is to be looked at first. */
type Step = { readonly state: ImageState; readonly trouble: Failing | null } | null;

function inTrouble(state: ImageState, trouble: Failing): Step {
  return { state, trouble };
}

const waiting: ImageState = { kind: 'waiting' };
const gone: ImageState = { kind: 'lost' };

function troubleOf(found: Look | null): Failing | null {
  return found?.kind === 'trouble' ? failingOf(found.because, found.trouble) : null;
}

/**
 * Whether a tag that is not there was taken away after it had been set, mostly by the registry's own rule for old tags: it is not
 * put there again, nor is what it named looked for.
 */
export type MayBeGone = (repository: string, tag: string) => boolean;

function isLetGo(found: Look | null | undefined, { repository }: ImagePromotion, tag: string, mayBeGone: MayBeGone) {
  return found?.kind === 'absent' && mayBeGone(repository, tag);
}

/** Whether every owned tag names its digest, as the registry says now. */
function lookAtTags(
  draft: PromoteDraft,
  facts: PromoteFacts,
  image: ImagePromotion,
  mayBeGone: MayBeGone,
): Step | 'differ' {
  const { repository, digest, owned } = image;
  const looks = owned.map((tag) => look(draft, facts, repository, tag));
  if (looks.includes(null)) return null;
  const trouble = looks.map(troubleOf).find((failing) => failing !== null);
  if (trouble !== undefined && trouble !== null) return inTrouble(image.state, trouble);
  const isSet = owned.every((tag, at) => {
    const found = looks[at];
    return (found?.kind === 'found' && found.digest === digest) || isLetGo(found, image, tag, mayBeGone);
  });
  return isSet ? { state: { kind: 'promoted' }, trouble: null } : 'differ';
}

/** Whether its digest is where people pull it; where it is not, it is copied there from where it was staged. */
function bring(draft: PromoteDraft, facts: PromoteFacts, image: ImagePromotion): Step {
  const { repository, digest, staged } = image;
  const there = look(draft, facts, repository, digest);
  if (there === null) return null;
  if (there.kind === 'trouble') return inTrouble(waiting, failingOf(there.because, there.trouble));
  if (there.kind === 'found') return { state: { kind: 'copied' }, trouble: null };
  const from = { repository: staged.repository, digest };
  const lost = { because: `${digest} is not in ${staged.repository} any more, where the gate put it` };
  if (staged.repository === repository) return inTrouble(gone, lost);
  const copy = facts.copies.get(copyKey(from, repository));
  if (copy?.kind === 'running') return { state: waiting, trouble: null };
  if (copy?.kind === 'failed' && copy.at > (image.trouble?.at ?? 0)) return inTrouble(waiting, copy);
  const waits = look(draft, facts, staged.repository, digest);
  if (waits === null) return null;
  if (waits.kind === 'trouble') return inTrouble(waiting, failingOf(waits.because, waits.trouble));
  if (waits.kind === 'absent') return inTrouble(gone, lost);
  draft.effects.push({ kind: 'copy', from, to: repository });
  return { state: waiting, trouble: null };
}

/** Looks at one image and brings it on, short of setting tags; null: something is to be looked at first. */
export function advanceImage(
  draft: PromoteDraft,
  facts: PromoteFacts,
  image: ImagePromotion,
  mayBeGone: MayBeGone,
): ImagePromotion | null {
  const { owned, trouble } = image;
  if (owned.length === 0) return { ...image, state: { kind: 'superseded' }, trouble: null };
  if (trouble !== null && !facts.asked && facts.now < triesAgainAt(trouble)) return image;
  const tags = lookAtTags(draft, facts, image, mayBeGone);
  const step = tags === 'differ' ? bring(draft, facts, image) : tags;
  if (step === null) return null;
  const { last, ...rest } = image;
  const before = trouble ?? last ?? null;
  const isOver = step.state.kind === 'promoted' || before === null;
  const next = { ...rest, state: step.state, trouble: troubleAfter(before, step.trouble, facts.now) };
  return isOver || next.trouble !== null ? next : { ...next, last: before };
}

function whyNotSet(tag: string, came: TagCame | undefined): Failing | null {
  if (came === undefined || !('because' in came)) return null;
  const because = `${tag}: ${came.because}`;
  return came.kind === 'immutable' || came.refused ? { because, refused: true } : { because };
}

/** Points its tags at its digest, those that do not do so already; `before`: the trouble that it had until now. */
export function setTags(
  draft: PromoteDraft,
  facts: PromoteFacts,
  image: ImagePromotion,
  before: PromotionTrouble | null,
  mayBeGone: MayBeGone,
): ImagePromotion {
  if (image.state.kind !== 'copied' || image.trouble !== null) return image;
  const { repository, digest, owned } = image;
  let failing: Failing | null = null;
  for (const tag of owned) {
    const key = lookKey(repository, tag);
    const found = facts.looks.get(key);
    if (found?.kind === 'found' && found.digest === digest) continue;
    if (isLetGo(found, image, tag, mayBeGone)) continue;
    const foreign = facts.foreign.get(key);
    if (foreign === undefined) draft.wants.tags.push({ repository, reference: tag });
    const came = facts.tagged.get(key);
    const refusal = foreign ? ({ because: foreign, refused: true } as const) : whyNotSet(tag, came);
    if (refusal !== null) failing ??= refusal;
    else draft.effects.push({ kind: 'tag', image: { repository, digest }, tag });
  }
  return { ...image, trouble: troubleAfter(before ?? image.last ?? null, failing, facts.now) };
}
