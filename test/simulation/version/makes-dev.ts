import type { Sha } from '../../../src/model/sha.ts';
import { configOf } from '../gate/configs.ts';
import type { RepositoryGit } from '../gate/repository-git.ts';
import { versionFile } from './lines.ts';
import { canBeReleased, isTransition, versionAt } from './model.ts';

/**
 * Whether what landed is published on its branch (versions.md §2, V3 to V11): not where only the version changed, nor on a release
 * branch where a release holds all that changed. Where no versions are kept, everything is.
 */
export function makesDev(git: RepositoryGit, branch: string, from: Sha, commit: Sha): boolean {
  const files = git.model.filesAt(commit) ?? {};
  if (!(versionFile in files) || configOf(files).jobs === null) return true;
  const version = versionAt(git, commit);
  if (version === null) return false;
  const changes = (since: Sha): boolean => git.model.changed(since, commit).some((path) => path !== versionFile);
  if (branch === 'main') return changes(from);
  for (let at: Sha | undefined = commit; at !== undefined && at !== from; at = git.model.get(at)?.parents[0])
    if (isTransition(git, at)) return !canBeReleased(version) && changes(at);
  return changes(from);
}
