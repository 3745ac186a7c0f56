import { tellInstallationRepositories } from '../apps.ts';
import { happen } from '../events.ts';
import { withRepository } from '../locks.ts';
import { accountNamed, accountOf, ghostId, installationsFor, pullsOf, repositoryNamed } from '../lookup.ts';
import { moveRepository, removeRepository } from '../repositories.ts';
import { userView } from '../views/accounts.ts';
import type { Account, Repository, World } from '../world.ts';

/** What changes a repository as a whole: its name, owner, secrecy, and its end. */
export function repositoryChangeVerbs(world: World) {
  return {
    async renameRepository(name: string, to: string): Promise<void> {
      const repo = repositoryNamed(world, name);
      const changes = { repository: { name: { from: repo.name } } };
      moveRepository(world, repo, { name: to });
      tellRepository(world, repo, 'renamed', { changes });
    },
    /** Installations of the former owner lose it and hear of that; those of the new one gain it. */
    async transfer(name: string, owner: string): Promise<void> {
      const repo = repositoryNamed(world, name);
      const former = accountOf(world, repo.ownerId);
      const losing = installationsFor(world, repo);
      moveRepository(world, repo, { owner });
      for (const installation of losing) tellInstallationRepositories(world, installation, { action: 'removed', repo });
      const kind = former.kind === 'Organization' ? 'organization' : 'user';
      tellRepository(world, repo, 'transferred', { changes: { owner: { from: { [kind]: userView(world, former) } } } });
    },
    async setPrivate(name: string, isPrivate: boolean, by?: string): Promise<void> {
      const repo = repositoryNamed(world, name);
      repo.private = isPrivate;
      tellRepository(world, repo, isPrivate ? 'privatized' : 'publicized', {}, by);
    },
    async deleteRepository(name: string): Promise<void> {
      const repo = repositoryNamed(world, name);
      tellRepository(world, repo, 'deleted', {});
      for (const other of world.repositories.values()) forgetHead(other, repo);
      await withRepository(world, repo, () => removeRepository(world, repo));
    },
  };
}

function tellRepository(
  world: World,
  repo: Repository,
  action: string,
  body: Readonly<Record<string, unknown>>,
  by?: string,
): void {
  const sender = by === undefined ? personBehind(world, repo) : accountNamed(world, by);
  happen(world, { event: 'repository', action, sender, repository: repo, body });
}

function personBehind(world: World, repo: Repository): Account {
  const owner = accountOf(world, repo.ownerId);
  const admin = [...owner.members].find(([, role]) => role === 'admin')?.[0];
  return owner.kind === 'Organization' ? accountOf(world, admin ?? ghostId) : owner;
}

// A pull request outlives its fork, with its commits under refs/pull; only its head repository is null then.
function forgetHead(other: Repository, gone: Repository): void {
  for (const { pull } of pullsOf(other)) {
    if (other.id !== gone.id && pull.headRepositoryId === gone.id) pull.headRepositoryId = null;
  }
}
