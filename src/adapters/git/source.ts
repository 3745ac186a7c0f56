import type { Project } from '../../model/project.ts';
import type { Sha } from '../../model/sha.ts';
import type { PreparedChange, Source } from '../../ports/source.ts';
import { openClone, tidyClone } from './clone-folder.ts';
import { fetchRefspecs, objectsHere, type Remote, readRemoteRefs } from './fetch-commits.ts';
import { gitEnvironment, toCloneUrl } from './git-environment.ts';
import { changedFiles, mergeOnto } from './merge-change.ts';
import { readEntries, readFile } from './read-objects.ts';
import { createGit, type Git } from './run-git.ts';
import { createSerialise } from './serialise.ts';

/** Bounds of what one git command may take. */
export interface GitLimits {
  /** One fetch. */
  readonly fetchMs: number;
  /** Any other command. */
  readonly commandMs: number;
  /** Compressed bytes that one fetch may bring. */
  readonly maxPackBytes: number;
  /** Bytes that any command may print: file lists, file contents. */
  readonly maxOutputBytes: number;
}

export const defaultGitLimits: GitLimits = {
  fetchMs: 10 * 60_000,
  commandMs: 2 * 60_000,
  maxPackBytes: 4 * 2 ** 30,
  maxOutputBytes: 32 * 2 ** 20,
};

export interface SourceOptions {
  /** Holds one bare clone per project; a cache, which may be removed while nothing runs and may be used by many processes. */
  readonly folder: string;
  readonly limits?: Partial<GitLimits>;
  /** A token that reads this project; null for one that everybody may read. Asked anew for each fetch. */
  readonly credentials: (project: Project) => Promise<string | null>;
  /** PATH and, where needed, proxy and CA variables: all of the machine's environment that git sees. */
  readonly environment?: Readonly<Record<string, string>>;
}

interface Clones {
  readonly git: Git;
  readonly open: (project: Project) => Promise<string>;
  readonly remote: (project: Project) => Promise<Remote>;
}

/** A Source over bare clones; everything is read as git objects and never checked out. */
export function createSource(options: SourceOptions): Source {
  const limits = { ...defaultGitLimits, ...options.limits };
  const bounds = { timeoutMs: limits.commandMs, maxOutputBytes: limits.maxOutputBytes };
  const git = createGit(gitEnvironment(options.environment ?? {}), bounds);
  const clones: Clones = {
    git,
    open: (project) => openClone(git, options.folder, project),
    remote: async (project) => ({
      url: toCloneUrl(project.cloneUrl),
      token: await options.credentials(project),
      timeoutMs: limits.fetchMs,
      maxPackBytes: limits.maxPackBytes,
    }),
  };
  const serialise = createSerialise();
  const cloneWith = (project: Project, at: Sha) => serialise(project.id, () => cloneHolding(clones, project, at));
  return {
    prepare: (project, number, baseRef, head) =>
      serialise(project.id, () => prepare(clones, project, number, baseRef, head)),
    readText: async (project, at, path, maxBytes) => readFile(git, await cloneWith(project, at), at, path, maxBytes),
    entries: async (project, at, paths) => readEntries(git, await cloneWith(project, at), at, paths),
  };
}

async function prepare(
  clones: Clones,
  project: Project,
  number: number,
  baseRef: string,
  head: Sha,
): Promise<PreparedChange | null> {
  const { git } = clones;
  const clone = await clones.open(project);
  if (!(await isBranchName(git, clone, baseRef))) return null;
  const remote = await clones.remote(project);
  const base = (await readRemoteRefs(git, clone, remote, [`refs/heads/${baseRef}`])).get(`refs/heads/${baseRef}`);
  if (base === undefined) return null;
  if (!(await bringCommits(git, clone, remote, number, base, head))) return null;
  const merge = await mergeOnto(git, clone, base, head);
  return { base, head, merge, changed: await changedFiles(git, clone, base, head) };
}

/**
 * True when both are in the clone afterwards. Asked for by full id, what arrives cannot be anything else; the refs they
 * are stored under only tell the next fetch what need not be sent again.
 */
async function bringCommits(
  git: Git,
  clone: string,
  remote: Remote,
  number: number,
  base: Sha,
  head: Sha,
): Promise<boolean> {
  const here = await objectsHere(git, clone, [base, head]);
  if (here.has(base) && here.has(head)) return true;
  const baseSpec = `+${base}:refs/sluice/base`;
  const kept = `refs/sluice/pull/${number}`;
  const outcome = await fetchRefspecs(git, clone, remote, [baseSpec, `+${head}:${kept}`]);
  // Some servers give only what a ref of theirs names.
  if (outcome === 'refused') await fetchRefspecs(git, clone, remote, [baseSpec, `+refs/pull/${number}/head:${kept}`]);
  const arrived = await objectsHere(git, clone, [base, head]);
  await tidyClone(git, clone);
  return arrived.has(base) && arrived.has(head);
}

/** The clone, with this commit in it; a tree that we merged can only be where it was made. */
async function cloneHolding(clones: Clones, project: Project, at: Sha): Promise<string> {
  const clone = await clones.open(project);
  if ((await objectsHere(clones.git, clone, [at])).has(at)) return clone;
  const outcome = await fetchRefspecs(clones.git, clone, await clones.remote(project), [`+${at}:refs/sluice/read`]);
  if (outcome === 'refused') throw new Error(`no ${at} in ${project.cloneUrl}, and it was not prepared here`);
  return clone;
}

async function isBranchName(git: Git, clone: string, name: string): Promise<boolean> {
  if (name === '' || name.includes('\0')) return false;
  return (await git(clone, ['check-ref-format', `refs/heads/${name}`])).code === 0;
}
