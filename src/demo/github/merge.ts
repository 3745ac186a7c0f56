import { gitText } from './git.ts';
import { withRepository } from './locks.ts';
import { accountOf, fullName, gitFolder, type PullIssue } from './lookup.ts';
import { unmetRule } from './merge-rules.ts';
import { type Commit, mergeBase, readCommit, readCommits, refTarget } from './objects.ts';
import { closePull, commitTree, mergeTree, webFlow } from './pulls.ts';
import { brokenRules, wordViolations } from './push-rules.ts';
import { moveRefs } from './refs.ts';
import type { Account, Repository, World } from './world.ts';

export type MergeMethod = 'merge' | 'squash' | 'rebase';

export interface MergeWish {
  readonly by: Account;
  readonly method: MergeMethod;
  /** The head must be this; absent: whatever it is. */
  readonly sha?: string | undefined;
  readonly title?: string | undefined;
  readonly message?: string | undefined;
}

export type MergeOutcome =
  | { readonly kind: 'merged'; readonly sha: string }
  | { readonly kind: 'refused'; readonly status: 405 | 409; readonly message: string };

/**
 * GitHub's merge button: `sha` pins the head only, nothing pins the base (github-limits.md §b 1). Callers hold the
 * repository's lock.
 */
export async function mergePull(
  world: World,
  repo: Repository,
  issue: PullIssue,
  wish: MergeWish,
): Promise<MergeOutcome> {
  const { pull } = issue;
  if (issue.state === 'closed') return no(405, 'Pull Request is not mergeable');
  if (pull.draft) return no(405, 'Pull Request is still a draft');
  if (wish.sha !== undefined && wish.sha !== pull.headSha) {
    return no(409, 'Head branch was modified. Review and try the merge again.');
  }
  if (!allowed(repo, wish.method)) return no(405, `${methodNames[wish.method]} are not allowed on this repository.`);
  const missing = unmetRule(world, repo, issue, wish);
  if (missing) return no(405, missing);
  const ref = `refs/heads/${pull.baseRef}`;
  const base = await refTarget(gitFolder(world, repo), ref);
  const right = base && (await makeCommit(world, repo, issue, base, wish));
  if (!base || !right) return no(405, 'Pull Request is not mergeable');
  const sha = spendMiscomputation(world, repo) ? await miscomputed(world, repo, { right, base, issue }) : right;
  const move = { ref, before: base, after: sha };
  if (world.mergedMarks.atOnce()) {
    await mark(world, repo, issue, { by: wish.by, sha });
    await moveRefs(world, repo, [move], wish.by);
  } else {
    await moveRefs(world, repo, [move], wish.by);
    world.mergedMarks.post(() => withRepository(world, repo, () => mark(world, repo, issue, { by: wish.by, sha })));
  }
  return { kind: 'merged', sha };
}

async function mark(
  world: World,
  repo: Repository,
  issue: PullIssue,
  { by, sha }: { readonly by: Account; readonly sha: string },
): Promise<void> {
  if (issue.state === 'closed') return;
  issue.pull.merged = { at: world.now(), byId: by.id, sha };
  await closePull(world, repo, issue, by);
}

function spendMiscomputation(world: World, repo: Repository): boolean {
  const left = world.miscomputed.get(repo.id) ?? 0;
  world.miscomputed.set(repo.id, Math.max(0, left - 1));
  return left > 0;
}

/** The same commit with a tree that is not the merge's: without what landed since the fork, else without the change. */
async function miscomputed(
  world: World,
  repo: Repository,
  { right, base, issue }: { readonly right: string; readonly base: string; readonly issue: PullIssue },
): Promise<string> {
  const folder = gitFolder(world, repo);
  const [commit, head, before] = await Promise.all(
    [right, issue.pull.headSha, base].map((sha) => readCommit(folder, sha)),
  );
  if (!commit || !head || !before) throw new Error(`${right} cannot be made anew`);
  const tree = head.tree === commit.tree ? before.tree : head.tree;
  const { parents, message, author, committer } = commit;
  return commitTree(folder, { tree, parents, message, author, committer, at: world.now() });
}

function no(status: 405 | 409, message: string): MergeOutcome {
  return { kind: 'refused', status, message };
}

const methodNames = { merge: 'Merge commits', squash: 'Squash merges', rebase: 'Rebase merges' };

function allowed(repo: Repository, method: MergeMethod): boolean {
  return method === 'merge' ? repo.merges.commit : repo.merges[method];
}

async function makeCommit(
  world: World,
  repo: Repository,
  issue: PullIssue,
  base: string,
  wish: MergeWish,
): Promise<string | null> {
  const folder = gitFolder(world, repo);
  if (wish.method === 'rebase') return rebase(folder, base, issue.pull.headSha, { by: wish.by, at: world.now() });
  const tree = await mergeTree(folder, base, issue.pull.headSha);
  if (tree === null) return null;
  const squash = wish.method === 'squash';
  const message = squash ? squashMessage(issue, wish) : mergeMessage(world, repo, issue, wish);
  const parents = squash ? [base] : [base, issue.pull.headSha];
  const author = squash ? accountOf(world, issue.authorId) : wish.by;
  return commitTree(folder, { tree, parents, message, author, committer: webFlow, at: world.now() });
}

function mergeMessage(world: World, repo: Repository, issue: PullIssue, wish: MergeWish): string {
  const owner = issue.pull.headOwner;
  const from = issue.pull.headRepositoryId === repo.id ? fullName(world, repo).split('/')[0] : owner;
  const title = wish.title ?? `Merge pull request #${issue.number} from ${from}/${issue.pull.headRef}`;
  return `${title}\n\n${wish.message ?? issue.title}`;
}

function squashMessage(issue: PullIssue, wish: MergeWish): string {
  const title = wish.title ?? `${issue.title} (#${issue.number})`;
  return wish.message === undefined ? title : `${title}\n\n${wish.message}`;
}

/** Each commit of the head again on top of `base`; null on a conflict. */
async function rebase(folder: string, base: string, head: string, who: Replanting): Promise<string | null> {
  const fork = await mergeBase(folder, base, head);
  const commits = await readCommits(folder, ['--reverse', '--no-merges', head, ...(fork ? [`^${fork}`] : []), '--']);
  let tip = base;
  for (const commit of commits) {
    const next = await replant(folder, tip, commit, who);
    if (next === null) return null;
    tip = next;
  }
  return tip;
}

/** Rebased commits keep their author with the time, and are committed by who pressed. */
interface Replanting {
  readonly by: Account;
  readonly at: number;
}

// merge-tree of git 2.39 takes no base of one's own: a commit with the tip's tree and the commit's parent gives it one.
async function replant(folder: string, tip: string, commit: Commit, { by, at }: Replanting): Promise<string | null> {
  const { tree } = await readCommit(folder, tip);
  const stand = await commitTree(folder, { tree, parents: commit.parents, message: 'base', author: webFlow, at });
  const merged = await mergeTree(folder, stand, commit.sha);
  if (merged === null) return null;
  const { author, message } = commit;
  return commitTree(folder, { tree: merged, parents: [tip], message, author, committer: by, at });
}

export type BranchMerge =
  | { readonly kind: 'merged'; readonly sha: string }
  | { readonly kind: 'nothing' }
  | { readonly kind: 'conflict' }
  /** By the rules of the branch, in GitHub's words. */
  | { readonly kind: 'held'; readonly says: string };

/** `POST /merges`: merges a revision into a branch without a pull request. */
export async function mergeInto(
  world: World,
  repo: Repository,
  wish: { readonly base: string; readonly head: string; readonly message: string; readonly by: Account },
): Promise<BranchMerge> {
  const folder = gitFolder(world, repo);
  const ref = `refs/heads/${wish.base}`;
  const before = await gitText(folder, ['rev-parse', ref]);
  if ((await mergeBase(folder, before, wish.head)) === wish.head) return { kind: 'nothing' };
  const tree = await mergeTree(folder, before, wish.head);
  if (tree === null) return { kind: 'conflict' };
  const commit = {
    tree,
    parents: [before, wish.head],
    message: wish.message,
    author: wish.by,
    committer: webFlow,
    at: world.now(),
  };
  const after = await commitTree(folder, commit);
  const says = wordViolations(await brokenRules(world, repo, { ref, before, after }, { by: wish.by }));
  if (says !== null) return { kind: 'held', says };
  await moveRefs(world, repo, [{ ref, before, after }], wish.by);
  return { kind: 'merged', sha: after };
}
