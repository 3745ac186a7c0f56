import { lookKey } from '../../core/promote/facts.ts';
import { claimsOf, standingLandings } from '../../core/promote/own-tags.ts';
import { ownersOf, type TagClaim, whyNotOwner } from '../../core/promote/tag-owner.ts';
import type { LedgerEntry } from '../../model/ledger.ts';
import type { PromoteRecord } from '../../model/promotion.ts';
import type { RegistryCaller } from '../../model/registry.ts';
import { parseSubjectId, type SubjectId } from '../../model/subject.ts';
import type { AppContext } from '../context.ts';

function claimed({ project, branch, claims = [] }: PromoteRecord): readonly TagClaim[] {
  return claims.map((claim) => ({ project, branch, ...claim }));
}

/** What all other branches, of whatever project, say is theirs. */
async function otherClaims({ ports }: AppContext, own: SubjectId): Promise<readonly TagClaim[]> {
  const { documents } = ports;
  const lines = (await documents.subjects()).filter((id) => id !== own && parseSubjectId(id)?.kind === 'promote');
  const found = await Promise.all(lines.map((id) => documents.load(id)));
  return found.flatMap(({ document }) => (document === null ? [] : claimed(document as PromoteRecord)));
}

/**
 * Why this branch may not set which of its tags, by `lookKey`: another branch claimed them first, or no credential lets it
 * (images.md §3.2, §4). Asked in every pass, so before every PUT.
 */
export async function foreignTags(
  context: AppContext,
  subject: SubjectId,
  record: PromoteRecord,
  entries: readonly LedgerEntry[],
  caller: RegistryCaller,
): Promise<ReadonlyMap<string, string>> {
  const own = claimed({ ...record, claims: claimsOf(standingLandings(entries), record.branch) });
  const owners = ownersOf([...own, ...(await otherClaims(context, subject))]);
  const found = own.flatMap((claim) => {
    const because = context.ports.registryKeys.whyNot(claim.repository, caller) ?? whyNotOwner(owners, claim);
    return because === null ? [] : [[lookKey(claim.repository, claim.tag), because] as const];
  });
  return new Map(found);
}
