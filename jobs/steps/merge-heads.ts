import { demandGit, type Git, lastWords } from './git.ts';
import { exitCodes, StepFailure } from './step-failure.ts';

export type MergeOutcome =
  | { readonly kind: 'merged'; readonly tree: string; readonly commit: string }
  | { readonly kind: 'conflict'; readonly head: string; readonly paths: readonly string[] };

/**
 * Merges the heads one after another onto the base, with the same command as the worker that planned the tree
 * (src/adapters/git/merge-change.ts). Commits get fixed names and the head's time: the same heads give the same commit.
 */
export async function mergeHeads(git: Git, base: string, heads: readonly string[]): Promise<MergeOutcome> {
  let commit = base;
  let tree = (await demandGit(git, ['rev-parse', '--verify', `${base}^{tree}`])).toString().trim();
  for (const head of heads) {
    const args = ['merge-tree', '--write-tree', '-z', '--name-only', '--no-messages', commit, head];
    const { code, stdout, stderr } = await git(args);
    const [first = '', ...names] = stdout
      .toString()
      .split('\0')
      .filter((part) => part !== '');
    if (code === 1) return { kind: 'conflict', head, paths: [...new Set(names)] };
    if (/unrelated histories/.test(stderr)) return { kind: 'conflict', head, paths: [] };
    if (code !== 0) throw new StepFailure(exitCodes.badInput, `git cannot merge ${head}: ${lastWords(stderr)}`);
    tree = first;
    commit = await commitMerge(git, tree, commit, head);
  }
  return { kind: 'merged', tree, commit };
}

async function commitMerge(git: Git, tree: string, onto: string, head: string): Promise<string> {
  const date = `@${await commitTime(git, head)} +0000`;
  const env = {
    GIT_AUTHOR_NAME: 'Sluice',
    GIT_AUTHOR_EMAIL: 'sluice@localhost',
    GIT_AUTHOR_DATE: date,
    GIT_COMMITTER_NAME: 'Sluice',
    GIT_COMMITTER_EMAIL: 'sluice@localhost',
    GIT_COMMITTER_DATE: date,
  };
  const args = ['commit-tree', tree, '-p', onto, '-p', head, '-m', `Merge ${head} into ${onto}`];
  return (await demandGit(git, args, { env })).toString().trim();
}

/** Seconds since the epoch. */
export async function commitTime(git: Git, commit: string): Promise<number> {
  return Number((await demandGit(git, ['show', '--no-patch', '--format=%ct', commit])).toString().trim());
}
