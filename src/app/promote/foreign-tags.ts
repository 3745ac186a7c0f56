import type { LinePlace } from '../../core/promote/branch-line.ts';
import { lookKey, type PromoteFacts, type WantedLook } from '../../core/promote/facts.ts';
import { tagKey } from '../../core/promote/own-tags.ts';
import { ownerInLine, ownersOf, type TagClaim, whyNotOwner } from '../../core/promote/tag-owner.ts';
import type { Project } from '../../model/project.ts';
import type { HeldTag, PromoteRecord } from '../../model/promotion.ts';
import type { AppContext } from '../context.ts';
import type { PassReaders } from '../observe-presubmit.ts';
import { callerOf } from './promote-caller.ts';
import { readLine } from './read-line.ts';
import { readLines } from './read-lines.ts';

type Claimant = Pick<PromoteRecord, 'project' | 'branch' | 'claims' | 'left'>;

function claimsIn({ project, branch, claims = [], left = [] }: Claimant, wanted: ReadonlySet<string>) {
  const isWanted = ({ repository, tag }: HeldTag): boolean => wanted.has(lookKey(repository, tag));
  const own = claims.filter(isWanted).map((held): TagClaim => ({ ...held, project, branch }));
  const kept = left.filter(isWanted).map((held): TagClaim => ({ ...held, project, branch, isLeft: true }));
  return [...own, ...kept];
}

/** Whoever may not set it, or is not there any more, keeps nobody from it. */
async function counts({ ports }: AppContext, { memory }: PassReaders, claim: TagClaim): Promise<boolean> {
  if (ports.registryKeys.whyNot(claim.repository, callerOf(claim)) !== null) return false;
  // Not to know is not to be told that it is gone.
  return memory.project(claim.project.id).then(
    (found) => found !== null,
    () => true,
  );
}

/** Whose tags are, and which branches are of one line. */
interface Ownership {
  readonly owners: ReadonlyMap<string, TagClaim>;
  readonly lineOf: (project: Project, branch: string) => LinePlace | null;
  /** False: of a project that claims a tag twice the line could not be read. */
  readonly isSure: boolean;
}

/** The lines of projects of which several branches claim one of these tags; who claims alone needs none. */
async function linesOf(
  context: AppContext,
  { config }: PassReaders,
  claims: readonly Pick<TagClaim, 'project' | 'branch'>[],
): Promise<Pick<Ownership, 'lineOf' | 'isSure'>> {
  const byProject = Map.groupBy(claims, ({ project }) => project.id);
  const lines = new Map<number, Awaited<ReturnType<typeof readLine>>>();
  for (const [id, of] of byProject) {
    const [first] = of;
    if (first === undefined || new Set(of.map(({ branch }) => branch)).size < 2) continue;
    lines.set(id, await readLine(context, config, first.project));
  }
  return {
    lineOf: ({ id }, branch) => lines.get(id)?.(branch) ?? null,
    isSure: ![...lines.values()].includes(null),
  };
}

/** Who has these tags among all branches that say so, these others and this one with its claims. */
async function findOwners(
  context: AppContext,
  readers: PassReaders,
  record: Claimant,
  keys: ReadonlySet<string>,
  records: readonly PromoteRecord[],
): Promise<Ownership> {
  const isOwn = ({ project, branch }: PromoteRecord): boolean =>
    project.id === record.project.id && branch === record.branch;
  const others = records.filter((each) => !isOwn(each)).flatMap((each) => claimsIn(each, keys));
  const standing = await Promise.all(others.map((claim) => counts(context, readers, claim)));
  const claims = [...claimsIn(record, keys), ...others.filter((_, at) => standing[at])];
  // Whoever asks may not have claimed it yet.
  const { lineOf, isSure } = await linesOf(context, readers, [...claims, ...(claims.length > 0 ? [record] : [])]);
  return { owners: ownersOf(claims, lineOf), lineOf, isSure };
}

const unsure = 'which of several branches has it cannot be read now: it is tried again';

/**
 * Whose the tags are that a branch would have by a file, by `tagKey` in words for the file's author; null: nobody else's, or of
 * its own line, where the latest has them; `records`: the promote lines, read now where left out. What no credential lets the branch set is no matter of its file.
 */
export async function tagsOfOthers(
  context: AppContext,
  readers: PassReaders,
  claimant: Claimant,
  wanted: readonly Pick<TagClaim, 'repository' | 'tag'>[],
  records?: readonly PromoteRecord[],
): Promise<ReadonlyMap<string, string | null>> {
  const { registryKeys } = context.ports;
  const keys = new Set(wanted.map(({ repository, tag }) => lookKey(repository, tag)));
  const { owners, lineOf, isSure } = await findOwners(
    context,
    readers,
    claimant,
    keys,
    records ?? (await readLines(context)),
  );
  const whyNot = ({ repository, tag }: Pick<TagClaim, 'repository' | 'tag'>): string | null => {
    const wish = { ...claimant, repository, tag };
    const isShared = ownerInLine(owners, wish, lineOf) !== null;
    // Not to know is not to be told; it is asked again before the tag is set.
    const mayBeShared = !isSure && owners.get(tagKey(repository, tag))?.project.id === claimant.project.id;
    if (isShared || mayBeShared || registryKeys.whyNot(repository, callerOf(claimant)) !== null) return null;
    return whyNotOwner(owners, wish, lineOf);
  };
  return new Map(wanted.map((each) => [tagKey(each.repository, each.tag), whyNot(each)]));
}

/**
 * Why this branch may not set tags that it would, by `lookKey`: another branch had them first, one of a later version of its
 * line has them, or no credential lets it; null: it may (images.md §3.2, §4).
 */
export async function foreignTags(
  context: AppContext,
  readers: PassReaders,
  record: Claimant,
  wanted: readonly WantedLook[],
): Promise<ReadonlyMap<string, string | null>> {
  if (wanted.length === 0) return new Map();
  const { registryKeys } = context.ports;
  const { project, branch } = record;
  const keys = new Set(wanted.map(({ repository, reference }) => lookKey(repository, reference)));
  const { owners, lineOf, isSure } = await findOwners(context, readers, record, keys, await readLines(context));
  const whyNot = ({ repository, reference: tag }: WantedLook): string | null =>
    registryKeys.whyNot(repository, callerOf(record)) ??
    (isSure ? whyNotOwner(owners, { project, branch, repository, tag }, lineOf) : unsure);
  return new Map(wanted.map((each) => [lookKey(each.repository, each.reference), whyNot(each)]));
}

/** Tags of a branch that one of a later version of its own line has, by `tagKey`, each with that branch; null: not known now. */
export async function passedTags(
  context: AppContext,
  readers: PassReaders,
  record: Claimant,
  claims: readonly HeldTag[],
): Promise<PromoteFacts['passed']> {
  if (claims.length === 0) return new Map();
  const keys = new Set(claims.map(({ repository, tag }) => lookKey(repository, tag)));
  const claimant = { ...record, claims };
  const records = await readLines(context, record.project.id);
  const { owners, lineOf, isSure } = await findOwners(context, readers, claimant, keys, records);
  if (!isSure) return null;
  const passed = claims.flatMap(({ repository, tag }): readonly (readonly [string, string])[] => {
    const later = ownerInLine(owners, { ...record, repository, tag }, lineOf);
    return later === null ? [] : [[tagKey(repository, tag), later]];
  });
  return new Map(passed);
}
