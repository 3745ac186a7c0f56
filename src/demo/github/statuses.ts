import { happen } from './events.ts';
import { accountOf, gitFolder } from './lookup.ts';
import { readCommit } from './objects.ts';
import { statusView } from './views/checks.ts';
import { commitView } from './views/commits.ts';
import { minimalRepositoryView } from './views/repositories.ts';
import type { Account, CommitStatus, Repository, World } from './world.ts';

export type NewStatus = Pick<CommitStatus, 'sha' | 'context' | 'state' | 'description' | 'targetUrl'>;

/** Adds a status to a commit that is there, and tells it; null when it would be one too many (1,000 of one context). */
export async function addStatus(
  world: World,
  repo: Repository,
  wish: NewStatus,
  by: Account,
): Promise<CommitStatus | null> {
  const same = world.statuses.filter(
    (other) => other.repositoryId === repo.id && other.sha === wish.sha && other.context === wish.context,
  );
  if (same.length >= 1000) return null;
  const status = { id: world.ids.next(), repositoryId: repo.id, ...wish, creatorId: by.id, at: world.now() };
  world.statuses.push(status);
  await tellStatus(world, repo, status);
  return status;
}

async function tellStatus(world: World, repo: Repository, status: CommitStatus): Promise<void> {
  const commit = commitView(world, repo, await readCommit(gitFolder(world, repo), status.sha));
  const { id, sha, context, state, description } = status;
  const { created_at, updated_at, avatar_url } = statusView(world, repo, status);
  const times = { created_at, updated_at, avatar_url };
  const name = minimalRepositoryView(world, repo).full_name;
  const target_url = status.targetUrl;
  const body = { id, sha, name, target_url, context, description, state, commit, branches: [], ...times };
  const sender = accountOf(world, status.creatorId);
  happen(world, { event: 'status', action: null, sender, repository: repo, body });
}
