import { existsSync } from 'node:fs';
import { copyFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { type Sha, toSha } from '../../model/sha.ts';
import type { LocalClone } from './local-clone.ts';
import { demandUserGit } from './local-user-git.ts';
import { gitFailure } from './run-git.ts';

export interface Snapshot {
  readonly commit: Sha;
  /** True when the working tree holds what no commit does: changes and new files that are not ignored. */
  readonly uncommitted: boolean;
}

/**
 * The working tree as a commit on top of HEAD: HEAD itself when nothing is uncommitted, else one that only our repository
 * knows. The same tree on the same HEAD gives the same commit. The person's index and objects stay as they are.
 */
export async function takeSnapshot(clone: LocalClone): Promise<Snapshot> {
  const { head } = clone;
  if (clone.top === null) {
    if (head === null) throw new Error('a bare clone without a commit has nothing to look at');
    return { commit: head, uncommitted: false };
  }
  const tree = await writeWorkingTree(clone);
  if (head !== null && (await treeOf(clone, head)) === tree) return { commit: head, uncommitted: false };
  return { commit: await commitTree(clone, tree, head), uncommitted: true };
}

async function writeWorkingTree(clone: LocalClone): Promise<Sha> {
  const index = join(clone.folder, 'snapshot-index');
  const theirs = await demandUserGit(clone.user, ['rev-parse', '--path-format=absolute', '--git-path', 'index']);
  // A copy knows which files are unchanged, so that only the others are read.
  if (existsSync(theirs)) await copyFile(theirs, index);
  const env = { ...clone.userEnvironment, GIT_INDEX_FILE: index, GIT_OPTIONAL_LOCKS: '0' };
  try {
    await demandUserGit(clone.user, ['add', '--all', '--', ':/'], env);
    return toSha(await demandUserGit(clone.user, ['write-tree'], env));
  } finally {
    await rm(index, { force: true });
  }
}

async function demand(clone: LocalClone, args: readonly string[], env: Readonly<Record<string, string>> = {}) {
  const result = await clone.git(clone.folder, args, { env });
  if (result.code !== 0) throw gitFailure(`${args[0]} in ${clone.folder}`, result);
  return result.stdout.toString().trim();
}

async function treeOf(clone: LocalClone, commit: Sha): Promise<Sha> {
  return toSha(await demand(clone, ['rev-parse', `${commit}^{tree}`]));
}

async function commitTree(clone: LocalClone, tree: Sha, parent: Sha | null): Promise<Sha> {
  const seconds = parent === null ? '0' : await demand(clone, ['show', '--no-patch', '--format=%ct', parent]);
  const date = `${seconds} +0000`;
  const who = { NAME: 'sluice', EMAIL: 'sluice@localhost', DATE: date };
  const identity = Object.entries(who).flatMap(([key, value]) => [
    [`GIT_AUTHOR_${key}`, value],
    [`GIT_COMMITTER_${key}`, value],
  ]);
  const parents = parent === null ? [] : ['-p', parent];
  const args = ['commit-tree', tree, ...parents, '-m', 'The working tree, with what is not committed'];
  return toSha(await demand(clone, args, Object.fromEntries(identity)));
}
