import type { LedgerDetail, LedgerEntry } from '../../model/ledger.ts';
import type { PromoteRecord, RecordedImage } from '../../model/promotion.ts';
import { fillTag } from './places.ts';

type Landed = Extract<LedgerDetail, { kind: 'landed' }>;

/** A landing that the branch still holds as far as the ledger knows, with what its gate uploaded. */
export interface StandingLanding {
  readonly sequence: number;
  readonly at: number;
  readonly landed: Landed;
  readonly images: readonly RecordedImage[];
}

/** The newest recorded reset: what landed before it and is numbered higher than it stands does not count. */
function isOut(entries: readonly LedgerEntry[], sequence: number): boolean {
  const reset = entries.findLast(({ detail }) => detail.kind === 'reset');
  return reset?.detail.kind === 'reset' && sequence < reset.sequence && sequence > reset.detail.standing;
}

/** What its gate uploaded, with what was built again in its place. */
function imagesOf(entries: readonly LedgerEntry[], landed: Landed): readonly RecordedImage[] {
  const again = entries.flatMap(({ detail }) =>
    detail.kind === 'published' && detail.commit === landed.commit ? detail.images : [],
  );
  const all = new Map<string, RecordedImage>();
  for (const image of [...(landed.verdict.images ?? []), ...again]) all.set(`${image.name} ${image.target}`, image);
  return [...all.values()];
}

/** Landings in the order of the ledger, without those that a recorded reset took back (images.md §3.2). */
export function standingLandings(entries: readonly LedgerEntry[]): readonly StandingLanding[] {
  return entries.flatMap(({ sequence, at, detail }) =>
    detail.kind === 'landed' && !isOut(entries, sequence)
      ? [{ sequence, at, landed: detail, images: imagesOf(entries, detail) }]
      : [],
  );
}

/** The tags of an image as this landing sets them; one whose version is not known yet is left out. */
export function tagsOf(image: RecordedImage, { landed }: StandingLanding, branch: string): readonly string[] {
  const values = { sha: landed.commit, image: image.name, target: image.target ?? '', branch: plainBranch(branch) };
  const known = new Set(Object.keys(values));
  const usable = image.tags.filter((tag) =>
    [...tag.matchAll(/\{\{([^{}]*)\}\}/g)].every((found) => known.has((found[1] ?? '').trim())),
  );
  return [...new Set(usable.map((tag) => fillTag(tag, values)))];
}

function plainBranch(branch: string): string {
  return branch.replace(/[^A-Za-z0-9._-]+/g, '-');
}

export function tagKey(repository: string, tag: string): string {
  return `${repository}:${tag}`;
}

/** Who has each tag: the newest landing, in the order of the ledger, that built its image. */
export function ownersOfTags(landings: readonly StandingLanding[], branch: string): ReadonlyMap<string, number> {
  const owners = new Map<string, number>();
  for (const landing of landings)
    for (const image of landing.images)
      for (const tag of tagsOf(image, landing, branch)) owners.set(tagKey(image.repository, tag), landing.sequence);
  return owners;
}

/**
 * What a branch claims: its tags, each since the first landing that the ledger has of it, so that every worker says the same after
 * any loss. A tag that bears the landed commit is nobody else's.
 */
export function claimsOf(landings: readonly StandingLanding[], branch: string): NonNullable<PromoteRecord['claims']> {
  const claims = new Map<string, { repository: string; tag: string; since: number }>();
  for (const landing of landings)
    for (const image of landing.images)
      for (const tag of tagsOf(image, landing, branch)) {
        const key = tagKey(image.repository, tag);
        if (tag.includes(landing.landed.commit) || claims.has(key)) continue;
        claims.set(key, { repository: image.repository, tag, since: landing.at });
      }
  return [...claims.values()];
}
