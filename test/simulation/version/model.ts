import type { Sha } from '../../../src/model/sha.ts';
import type { RepositoryGit } from '../gate/repository-git.ts';
import { versionFile } from './lines.ts';

/** A version as these worlds write it (versions.md §1), read without the product. */
export interface PlainVersion {
  /** Without a `v`. */
  readonly text: string;
  readonly numbers: readonly [number, number, number];
  readonly prerelease: string;
}

export function plainVersion(text: string): PlainVersion | null {
  const found = /^v?(\d+)\.(\d+)\.(\d+)(?:-([\w.-]+))?$/.exec(text);
  if (found === null) return null;
  const [, major, minor, patch, prerelease = ''] = found;
  return { text: text.replace(/^v/, ''), numbers: [Number(major), Number(minor), Number(patch)], prerelease };
}

export function canBeReleased({ prerelease }: PlainVersion): boolean {
  return !/^dev\b/.test(prerelease);
}

/** What stands at a commit; null: nothing usable. */
export function versionAt({ model }: RepositoryGit, commit: Sha): PlainVersion | null {
  const text = model.filesAt(commit)?.[versionFile] ?? '';
  return plainVersion((text.split('\n')[0] ?? '').replace(/#.*$/, '').trim());
}

/** The commit's first parent has another version, and its own can be released. */
export function isTransition(git: RepositoryGit, commit: Sha): boolean {
  const own = versionAt(git, commit);
  const parent = git.model.get(commit)?.parents[0];
  const before = parent === undefined ? null : versionAt(git, parent);
  return own !== null && canBeReleased(own) && own.text !== before?.text;
}

/** Greater than 0: the first is the higher one; a final is above its prereleases. */
export function compare(one: PlainVersion, other: PlainVersion): number {
  for (const [at, number] of one.numbers.entries()) {
    const difference = number - (other.numbers[at] ?? 0);
    if (difference !== 0) return difference;
  }
  if (one.prerelease === other.prerelease) return 0;
  if (one.prerelease === '' || other.prerelease === '') return one.prerelease === '' ? 1 : -1;
  return one.prerelease < other.prerelease ? -1 : 1;
}

export function isOfSameMinor(one: PlainVersion, other: PlainVersion): boolean {
  return one.numbers[0] === other.numbers[0] && one.numbers[1] === other.numbers[1];
}
