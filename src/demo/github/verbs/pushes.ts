import { editPull } from '../edit-pull.ts';
import { happen } from '../events.ts';
import { gitText } from '../git.ts';
import { addLag } from '../lags.ts';
import { withRepository } from '../locks.ts';
import { accountNamed, gitFolder, pullsOf, repositoryNamed } from '../lookup.ts';
import { type FileChanges, refTarget, resolveCommit, signCommit, writeCommit } from '../objects.ts';
import { moveRefs } from '../refs.ts';
import type { Account, Repository, World } from '../world.ts';

export interface Push {
  readonly repo: string;
  readonly by: string;
  readonly branch: string;
  readonly files: FileChanges;
  readonly message?: string;
  /** Drop what the branch has on top of the default branch and begin again from there. */
  readonly force?: boolean;
  /** Revision to commit on; the branch itself if absent, the default branch for a new one. */
  readonly parent?: string;
  /** Signs the commit: it counts as verified. */
  readonly signed?: boolean;
}

export interface TagPush {
  readonly repo: string;
  readonly by: string;
  readonly tag: string;
  /** The default branch if absent. */
  readonly target?: string;
  /** Makes the tag an annotated one. */
  readonly message?: string;
}

/** Commits one set of changes to a branch and pushes it, as a person with git would. */
export function pushFiles(world: World, wish: Push): Promise<string> {
  const repo = repositoryNamed(world, wish.repo);
  const by = accountNamed(world, wish.by);
  const folder = gitFolder(world, repo);
  const ref = `refs/heads/${wish.branch}`;
  return withRepository(world, repo, async () => {
    const before = await refTarget(folder, ref);
    const start = wish.parent ?? (before && !wish.force ? before : `refs/heads/${repo.defaultBranch}`);
    const parent = await resolveCommit(folder, start);
    const message = wish.message ?? `Change ${Object.keys(wish.files).join(', ')}`;
    const plain = await writeCommit(folder, { parent, files: wish.files, message, author: by, at: world.now() });
    const after = wish.signed ? await signCommit(folder, plain) : plain;
    await moveRefs(world, repo, [{ ref, before, after }], by);
    return after;
  });
}

/** Branches and tags. */
export function pushVerbs(world: World) {
  const move = (name: string, login: string, ref: string, after: string | null): Promise<void> => {
    const repo = repositoryNamed(world, name);
    return withRepository(world, repo, async () => {
      const before = await refTarget(gitFolder(world, repo), ref);
      await moveRefs(world, repo, [{ ref, before, after }], accountNamed(world, login));
    });
  };
  return {
    push: (wish: Push): Promise<string> => pushFiles(world, wish),
    async pushTag({ repo: name, by, tag, target, message }: TagPush): Promise<string> {
      const repo = repositoryNamed(world, name);
      const folder = gitFolder(world, repo);
      const object = await gitText(folder, ['rev-parse', `${target ?? `refs/heads/${repo.defaultBranch}`}^{commit}`]);
      const sha = message === undefined ? object : await annotate(world, folder, { object, tag, message, by });
      await move(name, by, `refs/tags/${tag}`, sha);
      return sha;
    },
    async pushTags(name: string, tags: readonly string[], by: string): Promise<void> {
      const repo = repositoryNamed(world, name);
      const after = await refTarget(gitFolder(world, repo), `refs/heads/${repo.defaultBranch}`);
      const moves = tags.map((tag) => ({ ref: `refs/tags/${tag}`, before: null, after }));
      await withRepository(world, repo, () => moveRefs(world, repo, moves, accountNamed(world, by)));
    },
    deleteBranch: (name: string, branch: string, by: string): Promise<void> =>
      move(name, by, `refs/heads/${branch}`, null),
    /** Open pull requests to it follow, those from it are closed; protection and the default branch follow too. */
    renameBranch: (name: string, from: string, to: string, by: string): Promise<void> =>
      renameBranch(world, name, { from, to, by }),
    /** The next `reads` of the branch, once it has moved from where it is now, still see it there (REST refs, git). */
    lagBehind: (name: string, branch: string, reads: number): Promise<void> =>
      addLag(world, repositoryNamed(world, name), branch, reads),
    setBranch: (wish: { readonly repo: string; readonly by: string; readonly branch: string; readonly sha: string }) =>
      move(wish.repo, wish.by, `refs/heads/${wish.branch}`, wish.sha),
  };
}

function renameBranch(
  world: World,
  name: string,
  { from, to, by: login }: { readonly from: string; readonly to: string; readonly by: string },
): Promise<void> {
  const repo = repositoryNamed(world, name);
  const by = accountNamed(world, login);
  return withRepository(world, repo, async () => {
    const sha = await gitText(gitFolder(world, repo), ['rev-parse', '--verify', `refs/heads/${from}`]);
    const created = { ref: `refs/heads/${to}`, before: null, after: sha };
    await moveRefs(world, repo, [created], by);
    for (const issue of pullsOf(repo)) {
      if (issue.state === 'open' && issue.pull.baseRef === from) await editPull(world, repo, issue, { base: to }, by);
    }
    const protection = repo.protections.get(from);
    if (protection) repo.protections.set(to, protection);
    repo.protections.delete(from);
    if (repo.defaultBranch === from) await renameDefault(world, repo, to, by);
    await moveRefs(world, repo, [{ ref: `refs/heads/${from}`, before: sha, after: null }], by);
  });
}

async function renameDefault(world: World, repo: Repository, to: string, by: Account): Promise<void> {
  const changes = { default_branch: { from: repo.defaultBranch } };
  repo.defaultBranch = to;
  await gitText(gitFolder(world, repo), ['symbolic-ref', 'HEAD', `refs/heads/${to}`]);
  happen(world, { event: 'repository', action: 'edited', sender: by, repository: repo, body: { changes } });
}

function annotate(
  world: World,
  folder: string,
  wish: { readonly object: string; readonly tag: string; readonly message: string; readonly by: string },
): Promise<string> {
  const { name, email } = accountNamed(world, wish.by);
  const tagger = `tagger ${name} <${email}> ${Math.floor(world.now() / 1000)} +0000`;
  const input = `object ${wish.object}\ntype commit\ntag ${wish.tag}\n${tagger}\n\n${wish.message}\n`;
  return gitText(folder, ['mktag', '--no-strict'], { input });
}
