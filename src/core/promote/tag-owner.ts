import { fullName, type Project } from '../../model/project.ts';
import type { HeldTag } from '../../model/promotion.ts';
import { compareInLine, type LineOf } from './branch-line.ts';
import { tagKey } from './own-tags.ts';

/** A branch that says a tag of a repository is its own, and since when it does (ms). */
export interface TagClaim extends HeldTag {
  readonly project: Project;
  readonly branch: string;
  /** The branch is gone: it keeps the tag from older ones of its line, as no tag goes back, and from nobody else. */
  readonly isLeft?: true;
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

/** The one of the latest version among the branches of the line that the owner is in; without a line, the owner itself. */
function latestInLine(owner: TagClaim, claims: readonly TagClaim[], lineOf: LineOf): TagClaim {
  let latest = owner;
  let place = lineOf(owner.project, owner.branch);
  for (const claim of place === null ? [] : claims) {
    const other = claim.project.id === owner.project.id ? lineOf(claim.project, claim.branch) : null;
    if (place === null || other === null || compareInLine(other, place) <= 0) continue;
    latest = claim;
    place = other;
  }
  return latest;
}

/**
 * Who owns each claimed tag, by `tagKey`: whoever claimed it first, or of the line of release branches that it is in the one of
 * the latest version (images.md §3.2).
 */
export function ownersOf(claims: readonly TagClaim[], lineOf: LineOf): ReadonlyMap<string, TagClaim> {
  const byTag = Map.groupBy(claims.toSorted(byAge), ({ repository, tag }) => tagKey(repository, tag));
  const owners = new Map<string, TagClaim>();
  for (const [key, claimants] of byTag) {
    const first = claimants.find(({ isLeft }) => !isLeft);
    if (first !== undefined) owners.set(key, latestInLine(first, claimants, lineOf));
  }
  return owners;
}

type Wish = Pick<TagClaim, 'project' | 'branch' | 'repository' | 'tag'>;

/** The branch of its own line that has a tag: once both claim it, that is the one of a later version; null: none has. */
export function ownerInLine(owners: ReadonlyMap<string, TagClaim>, wish: Wish, lineOf: LineOf): string | null {
  const owner = owners.get(tagKey(wish.repository, wish.tag));
  if (owner === undefined || isSame(owner, wish) || owner.project.id !== wish.project.id) return null;
  const [theirs, ours] = [lineOf(owner.project, owner.branch), lineOf(wish.project, wish.branch)];
  return theirs === null || ours === null ? null : owner.branch;
}

/** Why this branch may not set this tag, for its people; null: it may. What nobody claims names the commit of who sets it. */
export function whyNotOwner(owners: ReadonlyMap<string, TagClaim>, claim: Wish, lineOf: LineOf): string | null {
  const key = tagKey(claim.repository, claim.tag);
  const owner = owners.get(key);
  if (owner === undefined || isSame(owner, claim)) return null;
  const later = ownerInLine(owners, claim, lineOf);
  if (later !== null) return `${key} belongs to ${later}, which is of a later version`;
  const theirs = `${fullName(owner.project)} on ${owner.branch}`;
  const ours = `${fullName(claim.project)} on ${claim.branch}`;
  return `${key} belongs to ${theirs}, which had it first: give the image of ${ours} another repository or other tags; it is free once the image has landed without this tag there`;
}
