import type { Repository, StoredCheckRun } from '../forge-world.ts';
import { gitOf } from '../gate/move-branch.ts';
import type { Surroundings } from '../processes.ts';
import { compare, isOfSameMinor, type PlainVersion, plainVersion } from './model.ts';
import { recordedReleases } from './recorded-releases.ts';

export const releaseCheck = 'sluice/release/';

/** Git or a registry has this version, or a higher one of its minor, of which no ledger knows: nobody can say which is right (versions.md §1). */
export function isContradicted(
  { registries }: Pick<Surroundings, 'registries'>,
  repository: Repository,
  version: PlainVersion,
): boolean {
  const known = new Set(recordedReleases(repository).map(({ plain }) => plain.text));
  const tagged = [...gitOf(repository).tags].flatMap(([tag, names]) => (names.now() === null ? [] : [tag]));
  const pulled = [...registries.repositories.keys()].flatMap(registries.tagsOf);
  return [...tagged, ...pulled].some((tag) => {
    const other = plainVersion(tag);
    return other !== null && !known.has(other.text) && isOfSameMinor(other, version) && compare(other, version) >= 0;
  });
}

/** It says that its release waits for something that is really there. */
export function isHeld(
  world: Pick<Surroundings, 'registries'>,
  repository: Repository,
  { name, state, title }: StoredCheckRun,
): boolean {
  const version = name.startsWith(releaseCheck) ? plainVersion(name.slice(releaseCheck.length)) : null;
  if (version === null || state.status !== 'queued' || !title.startsWith('Held: ')) return false;
  return isContradicted(world, repository, version);
}

/** What is said of a push stays open as long as one of its releases is held without a button. */
export function waitsForHeld(
  world: Pick<Surroundings, 'forge' | 'registries'>,
  repository: Repository,
  run: StoredCheckRun,
): boolean {
  if (run.name !== 'sluice/version') return false;
  const { model } = gitOf(repository);
  return [...world.forge.checkRuns.values()]
    .flat()
    .some(
      (other) =>
        isHeld(world, repository, other) &&
        model.get(other.commit) !== undefined &&
        model.contains(run.commit, other.commit),
    );
}
