import { fullName, type Project } from '../../model/project.ts';
import type { HeldTag } from '../../model/promotion.ts';
import { tagKey } from './own-tags.ts';

/** A branch that says a tag of a repository is its own, and since when it does (ms). */
export interface TagClaim extends HeldTag {
  readonly project: Project;
  readonly branch: string;
}

type Claimant = Pick<TagClaim, 'project' | 'branch'>;

const textOrder = (one: string, other: string): number => (one < other ? -1 : one > other ? 1 : 0);

function isSame(one: Claimant, other: Claimant): boolean {
  return one.project.id === other.project.id && one.branch === other.branch;
}

/** The earliest first; of one time the lower id, then the branch by its letters: every worker finds the same. */
function byAge(one: TagClaim, other: TagClaim): number {
  return one.since - other.since || one.project.id - other.project.id || textOrder(one.branch, other.branch);
}

/** Who owns each claimed tag, by `tagKey`: whoever claimed it first (images.md §3.2). */
export function ownersOf(claims: readonly TagClaim[]): ReadonlyMap<string, TagClaim> {
  const owners = new Map<string, TagClaim>();
  for (const claim of claims.toSorted(byAge)) {
    const key = tagKey(claim.repository, claim.tag);
    if (!owners.has(key)) owners.set(key, claim);
  }
  return owners;
}

/** Why this branch may not set this tag, for its people; null: it may. What nobody claims names the commit of who sets it. */
export function whyNotOwner(
  owners: ReadonlyMap<string, TagClaim>,
  claim: Pick<TagClaim, 'project' | 'branch' | 'repository' | 'tag'>,
): string | null {
  const key = tagKey(claim.repository, claim.tag);
  const owner = owners.get(key);
  if (owner === undefined || isSame(owner, claim)) return null;
  const theirs = `${fullName(owner.project)} on ${owner.branch}`;
  const ours = `${fullName(claim.project)} on ${claim.branch}`;
  return `${key} belongs to ${theirs}, which had it first: give the image of ${ours} another repository or other tags; it is free once the image has landed without this tag there`;
}
