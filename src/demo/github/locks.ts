import type { Repository, World } from './world.ts';

/** One at a time for each repository, in the order of the calls; not re-entrant. */
export function withRepository<T>(world: World, repo: Repository, act: () => Promise<T>): Promise<T> {
  const before = world.locks.get(repo.id) ?? Promise.resolve();
  // The next one waits for the end of this one, however it ends; the failure is the caller's to see.
  const mine = before.then(act, act);
  world.locks.set(repo.id, mine);
  return mine;
}
