import type { ImagePromotion, ImageState, PromotionTrouble } from '../../model/promotion.ts';
import type { PromoteDraft } from './draft.ts';
import { copyKey, type Look, lookKey, type PromoteFacts } from './facts.ts';
import { triesAgainAt, troubleAfter } from './trouble.ts';

/** What a registry shows, as far as this pass looked; null: it is looked at before the plan counts. */
export function look(draft: PromoteDraft, facts: PromoteFacts, repository: string, reference: string): Look | null {
  const found = facts.looks.get(lookKey(repository, reference));
  if (found === undefined) draft.wants.looks.push({ repository, reference });
  return found ?? null;
}

/** Null: something is to be looked at first. */
type Step = { readonly state: ImageState; readonly trouble: string | null } | null;

function inTrouble(state: ImageState, because: string): Step {
  return { state, trouble: because };
}

const waiting: ImageState = { kind: 'waiting' };
const gone: ImageState = { kind: 'lost' };

function troubleOf(found: Look | null): string | null {
  return found?.kind === 'trouble' ? found.because : null;
}

/** Whether every owned tag names its digest, as the registry says now. */
function lookAtTags(draft: PromoteDraft, facts: PromoteFacts, image: ImagePromotion): Step | 'differ' {
  const { repository, digest, owned } = image;
  const looks = owned.map((tag) => look(draft, facts, repository, tag));
  if (looks.includes(null)) return null;
  const trouble = looks.map(troubleOf).find((because) => because !== null);
  if (trouble !== undefined && trouble !== null) return inTrouble(image.state, trouble);
  const isSet = looks.every((found) => found?.kind === 'found' && found.digest === digest);
  return isSet ? { state: { kind: 'promoted' }, trouble: null } : 'differ';
}

/** Whether its digest is where people pull it; where it is not, it is copied there from where it was staged. */
function bring(draft: PromoteDraft, facts: PromoteFacts, image: ImagePromotion): Step {
  const { repository, digest, staged } = image;
  const there = look(draft, facts, repository, digest);
  if (there === null) return null;
  if (there.kind === 'trouble') return inTrouble(waiting, there.because);
  if (there.kind === 'found') return { state: { kind: 'copied' }, trouble: null };
  const from = { repository: staged.repository, digest };
  const lost = `${digest} is not in ${staged.repository} any more, where the gate put it`;
  if (staged.repository === repository) return inTrouble(gone, lost);
  const copy = facts.copies.get(copyKey(from, repository));
  if (copy?.kind === 'running') return { state: waiting, trouble: null };
  if (copy?.kind === 'failed' && copy.at > (image.trouble?.at ?? 0)) return inTrouble(waiting, copy.because);
  const waits = look(draft, facts, staged.repository, digest);
  if (waits === null) return null;
  if (waits.kind === 'trouble') return inTrouble(waiting, waits.because);
  if (waits.kind === 'absent') return inTrouble(gone, lost);
  draft.effects.push({ kind: 'copy', from, to: repository });
  return { state: waiting, trouble: null };
}

/** Looks at one image and brings it on, short of setting tags; null: something is to be looked at first. */
export function advanceImage(draft: PromoteDraft, facts: PromoteFacts, image: ImagePromotion): ImagePromotion | null {
  const { owned, trouble } = image;
  if (owned.length === 0) return { ...image, state: { kind: 'superseded' }, trouble: null };
  if (trouble !== null && !facts.asked && facts.now < triesAgainAt(trouble)) return image;
  const tags = lookAtTags(draft, facts, image);
  const step = tags === 'differ' ? bring(draft, facts, image) : tags;
  if (step === null) return null;
  const { last, ...rest } = image;
  const before = trouble ?? last ?? null;
  const isOver = step.state.kind === 'promoted' || before === null;
  const next = { ...rest, state: step.state, trouble: troubleAfter(before, step.trouble, facts.now) };
  return isOver || next.trouble !== null ? next : { ...next, last: before };
}

/** Points its tags at its digest, those that do not do so already; `before`: the trouble that it had until now. */
export function setTags(
  draft: PromoteDraft,
  facts: PromoteFacts,
  image: ImagePromotion,
  before: PromotionTrouble | null,
): ImagePromotion {
  if (image.state.kind !== 'copied' || image.trouble !== null) return image;
  const { repository, digest, owned } = image;
  let because: string | null = null;
  for (const tag of owned) {
    const key = lookKey(repository, tag);
    const found = facts.looks.get(key);
    if (found?.kind === 'found' && found.digest === digest) continue;
    const foreign = facts.foreign.get(key);
    if (foreign === undefined) draft.wants.tags.push({ repository, reference: tag });
    const came = facts.tagged.get(key);
    const refusal = foreign ?? (came && 'because' in came ? `${tag}: ${came.because}` : null);
    if (refusal !== null) because ??= refusal;
    else draft.effects.push({ kind: 'tag', image: { repository, digest }, tag });
  }
  return { ...image, trouble: troubleAfter(before ?? image.last ?? null, because, facts.now) };
}
