import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gitText } from './git.ts';
import { gitFolder } from './lookup.ts';
import { refTarget } from './objects.ts';
import { listRefs } from './refs.ts';
import type { Repository, World } from './world.ts';

/** A branch that some readers still see where it was. */
export interface Lag {
  readonly repositoryId: number;
  readonly ref: string;
  /** Null: it was not there. */
  readonly old: string | null;
  left: number;
}

/** The next `reads` that come once the branch has moved from where it is now still see it there. */
export async function addLag(world: World, repo: Repository, branch: string, reads: number): Promise<void> {
  const ref = `refs/heads/${branch}`;
  const old = await refTarget(gitFolder(world, repo), ref);
  world.lags.push({ repositoryId: repo.id, ref, old, left: reads });
}

/** One read of a ref over REST: where it is said to be. */
export async function readRef(world: World, repo: Repository, ref: string): Promise<string | null> {
  const now = await refTarget(gitFolder(world, repo), ref);
  const lag = spend(world, repo, new Map(now === null ? [] : [[ref, now]]), ref);
  return lag ? lag.old : now;
}

/**
 * One listing of refs over git: the folder to serve it from, and what takes it away. Null when nothing lags; the
 * listing then comes from the repository itself.
 */
export async function laggingCopy(
  world: World,
  repo: Repository,
): Promise<{ readonly served: string; readonly remove: () => Promise<void> } | null> {
  if (!world.lags.some((lag) => lag.repositoryId === repo.id && lag.left > 0)) return null;
  const folder = gitFolder(world, repo);
  const refs = await listRefs(folder);
  const lag = spend(world, repo, refs);
  if (!lag) return null;
  if (lag.old === null) refs.delete(lag.ref);
  else refs.set(lag.ref, lag.old);
  const copy = await mkdtemp(join(world.folder, 'repositories', 'lagging-'));
  await gitText(world.folder, ['init', '--quiet', '--bare', '--template=', copy]);
  await gitText(copy, ['symbolic-ref', 'HEAD', `refs/heads/${repo.defaultBranch}`]);
  await gitText(copy, ['config', 'uploadpack.allowAnySHA1InWant', 'true']);
  await writeFile(join(copy, 'objects', 'info', 'alternates'), `${join(folder, 'objects')}\n`);
  await writeFile(join(copy, 'packed-refs'), [...refs].map(([ref, sha]) => `${sha} ${ref}\n`).join(''));
  return { served: copy.slice(join(world.folder, 'repositories').length + 1), remove: () => rm(copy, removal) };
}

const removal = { recursive: true, force: true };

function spend(world: World, repo: Repository, refs: ReadonlyMap<string, string>, only?: string): Lag | undefined {
  const lag = world.lags.find(
    ({ repositoryId, ref, old, left }) =>
      repositoryId === repo.id && left > 0 && (only ?? ref) === ref && (refs.get(ref) ?? null) !== old,
  );
  if (lag) lag.left -= 1;
  return lag;
}
