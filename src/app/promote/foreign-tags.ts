import { lookKey, type WantedLook } from '../../core/promote/facts.ts';
import { tagKey } from '../../core/promote/own-tags.ts';
import { ownersOf, type TagClaim, whyNotOwner } from '../../core/promote/tag-owner.ts';
import type { PromoteRecord } from '../../model/promotion.ts';
import { parseSubjectId, subjectIdOf } from '../../model/subject.ts';
import type { AppContext } from '../context.ts';
import type { ForgeMemory } from '../forge-memory.ts';
import { callerOf } from './promote-caller.ts';

type Claimant = Pick<PromoteRecord, 'project' | 'branch' | 'claims'>;

function claimsIn({ project, branch, claims = [] }: Claimant, wanted: ReadonlySet<string>): readonly TagClaim[] {
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

/** Who has these tags among all branches that say so, this one with its claims among them. */
async function findOwners(
  context: AppContext,
  memory: ForgeMemory,
  record: Claimant,
  keys: ReadonlySet<string>,
): Promise<ReadonlyMap<string, TagClaim>> {
  const { documents } = context.ports;
  const own = subjectIdOf({ kind: 'promote', repository: record.project.id, branch: record.branch });
  const lines = (await documents.subjects()).filter((id) => id !== own && parseSubjectId(id)?.kind === 'promote');
  const found = await Promise.all(lines.map((id) => documents.load(id)));
  const others = found.flatMap(({ document }) => (document === null ? [] : claimsIn(document as PromoteRecord, keys)));
  const standing = await Promise.all(others.map((claim) => counts(context, memory, claim)));
  return ownersOf([...claimsIn(record, keys), ...others.filter((_, at) => standing[at])]);
}

/**
 * Whose the tags are that a branch would have by a file, by `tagKey` in words for the file's author; null: nobody else's. What no
 * credential lets the branch set is no matter of its file.
 */
export async function tagsOfOthers(
  context: AppContext,
  memory: ForgeMemory,
  claimant: Claimant,
  wanted: readonly Pick<TagClaim, 'repository' | 'tag'>[],
): Promise<ReadonlyMap<string, string | null>> {
  const { registryKeys } = context.ports;
  const keys = new Set(wanted.map(({ repository, tag }) => lookKey(repository, tag)));
  const owners = await findOwners(context, memory, claimant, keys);
  return new Map(
    wanted.map(({ repository, tag }) => {
      const isOurs = registryKeys.whyNot(repository, callerOf(claimant)) === null;
      return [tagKey(repository, tag), isOurs ? whyNotOwner(owners, { ...claimant, repository, tag }) : null];
    }),
  );
}

/**
 * Why this branch may not set tags that it would, by `lookKey`: another branch had them first, or no credential lets it; null: it
 * may (images.md §3.2, §4).
 */
export async function foreignTags(
  context: AppContext,
  memory: ForgeMemory,
  record: Claimant,
  wanted: readonly WantedLook[],
): Promise<ReadonlyMap<string, string | null>> {
  if (wanted.length === 0) return new Map();
  const { ports } = context;
  const { project, branch } = record;
  const caller = callerOf(record);
  const keys = new Set(wanted.map(({ repository, reference }) => lookKey(repository, reference)));
  const owners = await findOwners(context, memory, record, keys);
  return new Map(
    wanted.map(({ repository, reference: tag }) => [
      lookKey(repository, tag),
      ports.registryKeys.whyNot(repository, caller) ?? whyNotOwner(owners, { project, branch, repository, tag }),
    ]),
  );
}
