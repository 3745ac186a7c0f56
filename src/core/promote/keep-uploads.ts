import type { ImagePromotion, LandingPromotion, ListedUpload } from '../../model/promotion.ts';
import type { Digest } from '../../model/sha.ts';
import type { PromoteDraft } from './draft.ts';
import { lookKey, type PromoteFacts, queuedKey } from './facts.ts';
import { standingLandings } from './own-tags.ts';
import { candidateKey, readChangeTag } from './places.ts';

/** How long an upload of what did not land is kept, ms (images.md §3.6). */
const graceMs = 24 * 3_600_000;
/** How many tags are listed as kept at most: the registry has them all. */
const mostKept = 500;
/** How often the tags of repositories are listed for what nobody remembers, ms. */
export const listMs = 6 * 3_600_000;

function keyOf({ repository, tag }: { readonly repository: string; readonly tag: string }): string {
  return lookKey(repository, tag);
}

function digitsOf(tag: string): string {
  return readChangeTag(tag)?.candidate ?? '';
}

/** What landings and the queue know of, beside what is listed already. */
function withKnown(draft: PromoteDraft, facts: PromoteFacts, landings: readonly LandingPromotion[]) {
  const known = new Map(draft.record.uploads.map((upload) => [keyOf(upload), upload]));
  // What was built again for a landing waits under a tag of its own; a commit that is pushed again is built under the same one.
  const seenAs = (sequence: number, { staged }: Pick<ImagePromotion, 'staged'>): string =>
    `${sequence} ${keyOf(staged)}`;
  const seen = new Set(
    draft.record.landings.flatMap(({ images, sequence }) => images.map((image) => seenAs(sequence, image))),
  );
  for (const { images, number, sequence } of landings)
    for (const { staged, digest } of images.filter((image) => !seen.has(seenAs(sequence, image))))
      known.set(keyOf(staged), { ...staged, digest, number, candidate: digitsOf(staged.tag), sequence, goneAt: null });
  for (const upload of facts.queued)
    if (!known.has(keyOf(upload))) known.set(keyOf(upload), { ...upload, sequence: null, goneAt: null });
  return known;
}

/** Repositories that this branch's landings and uploads lie in, or will: after a loss nothing else may be known. */
function repositoriesOf(
  { record }: PromoteDraft,
  { waiting }: PromoteFacts,
  landings: readonly LandingPromotion[],
): readonly string[] {
  const staged = landings.flatMap(({ images }) => images.map(({ staged: { repository } }) => repository));
  return [...new Set([...waiting, ...staged, ...record.uploads.map(({ repository }) => repository)])];
}

/** After a loss the list is made anew from the tags that are there; only what is this project's is taken up. */
function addListed(
  draft: PromoteDraft,
  facts: PromoteFacts,
  known: Map<string, ListedUpload>,
  repositories: readonly string[],
): void {
  for (const repository of repositories) {
    const tags = facts.listings.get(repository);
    if (tags === undefined) draft.wants.listings.push(repository);
    for (const tag of tags ?? []) {
      const change = readChangeTag(tag);
      if (change === null || known.has(keyOf({ repository, tag }))) continue;
      const isOurs = facts.ours.get(candidateKey(change));
      if (isOurs === undefined) draft.wants.candidates.push(change);
      if (isOurs !== true) continue;
      known.set(keyOf({ repository, tag }), { repository, tag, digest: null, ...change, sequence: null, goneAt: null });
    }
  }
}

function list(
  draft: PromoteDraft,
  facts: PromoteFacts,
  known: Map<string, ListedUpload>,
  landings: readonly LandingPromotion[],
): void {
  const { listedAt = 0 } = draft.record;
  const repositories = repositoriesOf(draft, facts, landings);
  if (repositories.length === 0 || facts.now - listedAt < listMs) return;
  addListed(draft, facts, known, repositories);
  draft.record = { ...draft.record, listedAt: facts.now };
}

/**
 * Whether something still needs it or its digest: the queue, whose job may have been stopped before it told of an upload, or a
 * landing that is not promoted. With their last tag some registries take an image away, and another candidate may have built
 * the very same one.
 */
function isNeeded(upload: ListedUpload, facts: PromoteFacts, landings: readonly LandingPromotion[]): boolean {
  const { repository, digest, sequence } = upload;
  const isSame = (other: { readonly repository: string; readonly digest: Digest }): boolean =>
    other.repository === repository && other.digest === digest;
  const isQueued = facts.queued.some((queued) => keyOf(queued) === keyOf(upload) || isSame(queued));
  const open = landings.filter(({ doneAt }) => doneAt === null);
  const waits = open.some(
    (landing) =>
      landing.sequence === sequence ||
      landing.images.some(({ staged, digest: of }) => isSame({ repository: staged.repository, digest: of })),
  );
  return isQueued || facts.candidates.has(queuedKey(upload)) || waits;
}

/** It landed and is promoted: then it goes at once. What a listing showed may be of a landing that is known by its commit only. */
function isPromoted(
  { sequence, candidate, tag }: ListedUpload,
  landings: readonly LandingPromotion[],
  all: ReadonlyMap<string, number>,
) {
  // The jobs of a push, a release or a nightly may need what others kept long after its images are published.
  if (sequence === null && tag.startsWith('change_0_') && tag.includes('_artifacts-')) return false;
  const number = sequence ?? all.get(candidate) ?? null;
  if (number === null) return false;
  return landings.find((landing) => landing.sequence === number)?.doneAt !== null;
}

/**
 * Every change tag that was ever made, until it is gone: once its landing is promoted, or a day after nothing named it any more
 * (images.md §3.6). Nothing but tags of our own form is ever taken away, and nothing by digest.
 */
export function keepUploads(
  draft: PromoteDraft,
  facts: PromoteFacts,
  landings: readonly LandingPromotion[],
): readonly ListedUpload[] {
  const known = withKnown(draft, facts, landings);
  list(draft, facts, known, landings);
  const entries = facts.reading?.ledger.kind === 'whole' ? facts.reading.ledger.entries : [];
  const all = new Map(standingLandings(entries).map(({ candidate, sequence }) => [candidate.slice(0, 12), sequence]));
  const left = [...known].flatMap(([key, upload]): readonly ListedUpload[] => {
    const came = facts.untagged.get(key);
    if (came && came.kind !== 'kept') return [];
    if (came?.kind === 'kept') return [{ ...upload, kept: came.because }];
    if (upload.kept !== undefined || isNeeded(upload, facts, landings)) return [{ ...upload, goneAt: null }];
    const goneAt = upload.goneAt ?? facts.now;
    if (isPromoted(upload, landings, all) || facts.now - goneAt >= graceMs) {
      const { repository, tag, digest } = upload;
      draft.effects.push({ kind: 'untag', repository, digest, tag });
    }
    return [{ ...upload, goneAt }];
  });
  const kept = left.filter((upload) => upload.kept !== undefined);
  const old = new Set(kept.slice(0, Math.max(0, kept.length - mostKept)));
  return left.filter((upload) => !old.has(upload));
}
