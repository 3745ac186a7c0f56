import { tellInstallationRepositories } from '../apps.ts';
import { happen } from '../events.ts';
import { accountNamed, fullName, gitFolder, installationsFor, repositoryNamed } from '../lookup.ts';
import { type FileChanges, readBlob, refTarget } from '../objects.ts';
import { addRepository, firstCommit } from '../repositories.ts';
import { repositoryView } from '../views/repositories.ts';
import type { Account, Repository, World } from '../world.ts';

export interface RepositoryOptions {
  readonly private?: boolean;
  /** Of the first commit; a README if absent. */
  readonly files?: FileChanges;
  readonly defaultBranch?: string;
  readonly description?: string;
  readonly topics?: readonly string[];
}

/** Repositories as a whole. */
export function repositoryVerbs(world: World) {
  return {
    async createRepository(fullNameWanted: string, options: RepositoryOptions = {}) {
      const [owner = '', name = ''] = fullNameWanted.split('/');
      const account = accountNamed(world, owner);
      const repo = await addRepository(world, account, name, {
        private: options.private ?? false,
        defaultBranch: options.defaultBranch ?? 'main',
        description: options.description ?? null,
        topics: options.topics ?? [],
        parent: null,
      });
      const head = await firstCommit(world, repo, options.files ?? { 'README.md': `# ${name}\n` }, account);
      tellNew(world, repo, account);
      return describe(world, repo, head);
    },
    fork: (parent: string, by: string, name?: string) => fork(world, parent, by, name),
    async setRepository(
      name: string,
      settings: {
        readonly allowMergeCommit?: boolean;
        readonly allowSquashMerge?: boolean;
        readonly allowRebaseMerge?: boolean;
        readonly archived?: boolean;
      },
    ): Promise<void> {
      const repo = repositoryNamed(world, name);
      repo.merges.commit = settings.allowMergeCommit ?? repo.merges.commit;
      repo.merges.squash = settings.allowSquashMerge ?? repo.merges.squash;
      repo.merges.rebase = settings.allowRebaseMerge ?? repo.merges.rebase;
      repo.archived = settings.archived ?? repo.archived;
    },
    branchSha: (name: string, branch: string): Promise<string | null> =>
      refTarget(gitFolder(world, repositoryNamed(world, name)), `refs/heads/${branch}`),
    readFile: (name: string, ref: string, path: string): Promise<string | null> =>
      readBlob(gitFolder(world, repositoryNamed(world, name)), ref, path),
    gitFolder(name: string): string {
      return gitFolder(world, repositoryNamed(world, name));
    },
  };
}

function describe(world: World, repo: Repository, head: string) {
  const name = fullName(world, repo);
  return { id: repo.id, fullName: name, defaultBranch: repo.defaultBranch, head, cloneUrl: `${world.url}/${name}.git` };
}

function tellNew(world: World, repo: Repository, by: Account): void {
  happen(world, { event: 'repository', action: 'created', sender: by, repository: repo, body: {} });
  for (const installation of installationsFor(world, repo)) {
    tellInstallationRepositories(world, installation, { action: 'added', repo });
  }
}

async function fork(world: World, parentName: string, by: string, name?: string) {
  const parent = repositoryNamed(world, parentName);
  const account = accountNamed(world, by);
  const repo = await addRepository(world, account, name ?? parent.name, {
    private: parent.private,
    defaultBranch: parent.defaultBranch,
    description: parent.description,
    topics: [],
    parent,
  });
  const head = await refTarget(gitFolder(world, repo), `refs/heads/${repo.defaultBranch}`);
  const body = { forkee: repositoryView(world, repo) };
  happen(world, { event: 'fork', action: null, sender: account, repository: parent, body });
  return describe(world, repo, head ?? '');
}
