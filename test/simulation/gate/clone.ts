import type { Sha } from '../../../src/model/sha.ts';
import type { GitModel } from './git-model.ts';
import { isOnForge, type RepositoryGit } from './repository-git.ts';

/** The objects that a local clone holds: what was fetched into it, and what was made in it. */
export interface Clone {
  has(id: string): boolean;
  /** Something whose id begins so. */
  knows(digits: string): boolean;
  /** With all that it stands on. */
  add(commit: Sha): void;
  /** True when it is there afterwards; what is not is asked of the forge. */
  bring(git: RepositoryGit, id: Sha): boolean;
}

export function createClone(modelOf: () => GitModel): Clone {
  const objects = new Set<string>();
  function add(commit: Sha): void {
    const found = modelOf().get(commit);
    if (!found || objects.has(commit)) return;
    objects.add(commit);
    objects.add(found.tree);
    for (const parent of found.parents) add(parent);
  }
  return {
    has: (id) => objects.has(id),
    knows: (digits) => [...objects].some((id) => id.startsWith(digits)),
    add,
    bring(git, id) {
      if (objects.has(id)) return true;
      if (!isOnForge(git, id)) return false;
      add(id);
      objects.add(id);
      return true;
    },
  };
}

/** The clones of one disk, by repository. */
export type Disk = Map<number, Clone>;

export function cloneOn(disk: Disk, repository: number, git: RepositoryGit): Clone {
  const known = disk.get(repository);
  if (known) return known;
  const clone = createClone(() => git.model);
  disk.set(repository, clone);
  return clone;
}
