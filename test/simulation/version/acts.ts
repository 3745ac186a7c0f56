import type { Person } from '../../../src/model/person.ts';
import type { Sha } from '../../../src/model/sha.ts';
import type { Repository } from '../forge-world.ts';

/** Something that somebody did, by which a commit may be released. */
export interface VersionDeed {
  readonly kind: 'cut' | 'tag' | 'press';
  /** The branch that was cut, the tag that was set, or the check run on which the button was pressed. */
  readonly name: string;
  readonly commit: Sha;
  readonly by: Person;
  readonly at: number;
  /** The App had a record of what it concerns. */
  readonly isKnown: boolean;
}

const deeds = new WeakMap<Repository, VersionDeed[]>();

/** All of them in one repository, oldest first. */
export function deedsOf(repository: Repository): readonly VersionDeed[] {
  return deeds.get(repository) ?? [];
}

export function addDeed(repository: Repository, deed: VersionDeed): void {
  deeds.set(repository, [...deedsOf(repository), deed]);
}
