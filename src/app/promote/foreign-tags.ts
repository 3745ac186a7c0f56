import { lookKey, type WantedLook } from '../../core/promote/facts.ts';
import { ownersOf, type TagClaim, whyNotOwner } from '../../core/promote/tag-owner.ts';
import type { PromoteRecord } from '../../model/promotion.ts';
import { parseSubjectId, subjectIdOf } from '../../model/subject.ts';
import type { AppContext } from '../context.ts';
import type { ForgeMemory } from '../forge-memory.ts';
import { callerOf } from './promote-caller.ts';

function claimsIn({ project, branch, claims = [] }: PromoteRecord, wanted: ReadonlySet<string>): readonly TagClaim[] {
  return claims.flatMap((held) =>
    wanted.has(lookKey(held.repository, held.tag)) ? [{ ...held, project, branch }] : [],
  );
}

/** Whoever may not set it, or is not there any more, keeps nobody from it. */
async function counts({ ports }: AppContext, memory: ForgeMemory, claim: TagClaim): Promise<boolean> {
  if (ports.registryKeys.whyNot(claim.repository, callerOf(claim)) !== null) return false;
  // Not to know is not to be told that it is gone.
  return memory.project(claim.project.id).then(
    (found) => found !== null,
    () => true,
  );
}

/**
 * Why this branch may not set tags that it would, by `lookKey`: another branch had them first, or no credential lets it; null: it
 * may (images.md §3.2, §4).
 */
export async function foreignTags(
  context: AppContext,
  memory: ForgeMemory,
  record: PromoteRecord,
  wanted: readonly WantedLook[],
): Promise<ReadonlyMap<string, string | null>> {
  if (wanted.length === 0) return new Map();
  const { ports } = context;
  const { project, branch } = record;
  const caller = callerOf(record);
  const own = subjectIdOf({ kind: 'promote', repository: project.id, branch });
  const lines = (await ports.documents.subjects()).filter((id) => id !== own && parseSubjectId(id)?.kind === 'promote');
  const found = await Promise.all(lines.map((id) => ports.documents.load(id)));
  const keys = new Set(wanted.map(({ repository, reference }) => lookKey(repository, reference)));
  const others = found.flatMap(({ document }) => (document === null ? [] : claimsIn(document as PromoteRecord, keys)));
  const standing = await Promise.all(others.map((claim) => counts(context, memory, claim)));
  const owners = ownersOf([...claimsIn(record, keys), ...others.filter((_, at) => standing[at])]);
  return new Map(
    wanted.map(({ repository, reference: tag }) => [
      lookKey(repository, tag),
      ports.registryKeys.whyNot(repository, caller) ?? whyNotOwner(owners, { project, branch, repository, tag }),
    ]),
  );
}
