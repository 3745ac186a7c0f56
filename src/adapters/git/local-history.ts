import { isSha, type Sha, toSha } from '../../model/sha.ts';
import type { LocalClone } from './local-clone.ts';
import { gitFailure } from './run-git.ts';

/** Branches and tags that a clone knows, by name; of a branch that `origin` has, where it is there. */
export interface LocalRefs {
  readonly branches: ReadonlyMap<string, Sha>;
  /** With the commits that annotated ones lead to. */
  readonly tags: ReadonlyMap<string, Sha>;
}

type History = Pick<LocalClone, 'git' | 'folder' | 'user'>;

const heads = ['refs/heads/', 'refs/remotes/origin/'];
/** A line is not followed further back. */
const maxLine = 20_000;

/** The name of a branch that a ref stands for; null: it is none. */
function branchOf(ref: string): string | null {
  const prefix = heads.find((each) => ref.startsWith(each));
  const name = prefix === undefined ? '' : ref.slice(prefix.length);
  return name === '' || (prefix !== 'refs/heads/' && name === 'HEAD') ? null : name;
}

async function demand(clone: History, args: readonly string[]): Promise<string> {
  const result = await clone.git(clone.folder, args);
  if (result.code !== 0) throw gitFailure(args.join(' ').slice(0, 200), result);
  return result.stdout.toString();
}

export async function readLocalRefs(clone: History): Promise<LocalRefs> {
  const format = '--format=%(refname) %(objectname) %(objecttype) %(*objectname) %(*objecttype)';
  const listed = await clone.user(['for-each-ref', format, ...heads, 'refs/tags/']);
  if (listed.code !== 0) throw new Error(`cannot list the refs: ${listed.stderr.trim()}`);
  const [branches, tags] = [new Map<string, Sha>(), new Map<string, Sha>()];
  // In the order of git, so that those of `origin` come after the local ones and count.
  for (const line of listed.stdout.split('\n')) {
    const [ref = '', id = '', type, peeled = '', peeledType] = line.split(' ');
    const commit = type === 'commit' ? id : peeledType === 'commit' ? peeled : '';
    if (!isSha(commit)) continue;
    const branch = branchOf(ref);
    if (branch !== null) branches.set(branch, commit);
    else if (ref.startsWith('refs/tags/')) tags.set(ref.slice('refs/tags/'.length), commit);
  }
  return { branches, tags };
}

/** Whether a commit is the other or an ancestor of it. */
export async function isAncestor(clone: History, one: Sha, other: Sha): Promise<boolean> {
  const asked = await clone.git(clone.folder, ['merge-base', '--is-ancestor', one, other]);
  if (asked.code > 1) throw gitFailure(`find out whether ${one} is in ${other}`, asked);
  return asked.code === 0;
}

/** Names of the branches that hold a commit. */
export async function branchesWith(clone: History, commit: Sha): Promise<readonly string[]> {
  const listed = await clone.user(['for-each-ref', '--format=%(refname)', '--contains', commit, ...heads]);
  if (listed.code !== 0) throw new Error(`cannot find the branches with ${commit}: ${listed.stderr.trim()}`);
  return [...new Set(listed.stdout.split('\n').flatMap((ref) => branchOf(ref) ?? []))];
}

/** A commit and its first parents, newest first. */
async function lineOf(clone: History, tip: Sha): Promise<readonly Sha[]> {
  const listed = await demand(clone, ['rev-list', '--first-parent', `--max-count=${maxLine}`, tip]);
  return listed.split('\n').filter(isSha);
}

/** The nearest commit on a first-parent line that one of the others holds, mostly the tip itself; null: none does. */
export async function newestShared(clone: History, tip: Sha, others: readonly Sha[]): Promise<Sha | null> {
  if (others.length === 0) return null;
  const fresh = new Set((await demand(clone, ['rev-list', tip, '--not', ...others])).split('\n'));
  return (await lineOf(clone, tip)).find((commit) => !fresh.has(commit)) ?? null;
}

/** Where a branch left main's first-parent line; where it never was on it, its own oldest commit. */
export async function leftMainAt(clone: History, tip: Sha, main: Sha | null): Promise<Sha> {
  const line = await lineOf(clone, tip);
  const ofMain = new Set(main === null ? [] : await lineOf(clone, main));
  return line.find((commit) => ofMain.has(commit)) ?? line.at(-1) ?? tip;
}

/** The first parent; null: it has none. */
export async function firstParentOf({ objects }: Pick<LocalClone, 'objects'>, commit: Sha): Promise<Sha | null> {
  const [parent] = (await objects.commit(commit)).parents;
  return parent === undefined ? null : toSha(parent);
}
