import { happen, isHeard } from './events.ts';
import { gitText, runGit } from './git.ts';
import { accountOf, gitFolder, type PullIssue, pullsOf } from './lookup.ts';
import { isAncestor, refTarget } from './objects.ts';
import { minimalPullView, pullView } from './views/pulls.ts';
import type { Account, Issue, Pull, Repository, World } from './world.ts';

/** A field that GitHub refuses, as `errors` of a 422 list it. */
export interface FieldError {
  readonly resource: string;
  readonly field?: string;
  readonly code: string;
  readonly message?: string;
}

export interface NewPull {
  readonly title: string;
  readonly body: string | null;
  readonly from: Repository;
  readonly headRef: string;
  readonly baseRef: string;
  readonly draft: boolean;
  readonly by: Account;
}

/** Opens a pull request as GitHub does, or says which field it refuses. Callers hold the lock of `repo`. */
export async function openPull(
  world: World,
  repo: Repository,
  wish: NewPull,
): Promise<{ kind: 'opened'; issue: PullIssue } | { kind: 'refused'; errors: FieldError[] }> {
  const headSha = await refTarget(gitFolder(world, wish.from), `refs/heads/${wish.headRef}`);
  const baseSha = await refTarget(gitFolder(world, repo), `refs/heads/${wish.baseRef}`);
  if (!headSha) return refused({ field: 'head', code: 'invalid' });
  if (!baseSha) return refused({ field: 'base', code: 'invalid' });
  const label = `${accountOf(world, wish.from.ownerId).login}:${wish.headRef}`;
  if (openTwin(repo, wish)) return refused({ code: 'custom', message: `A pull request already exists for ${label}.` });
  const number = repo.nextNumber;
  await bringHead(world, repo, number, { from: wish.from, sha: headSha });
  if (await isAncestor(gitFolder(world, repo), headSha, baseSha)) {
    return refused({ code: 'custom', message: `No commits between ${wish.baseRef} and ${wish.headRef}` });
  }
  repo.nextNumber += 1;
  const issue = newIssue(world, repo, number, wish, {
    id: world.ids.next(),
    headRepositoryId: wish.from.id,
    headOwner: accountOf(world, wish.from.ownerId).login,
    headRef: wish.headRef,
    headSha,
    forcedAt: [],
    baseRef: wish.baseRef,
    baseSha,
    draft: wish.draft,
    mergeability: { state: 'unasked' },
    merged: null,
    autoMerge: null,
    reviews: [],
    reviewComments: [],
    totals: null,
  });
  repo.issues.set(number, issue);
  await tellPull(world, repo, issue, 'opened', wish.by);
  return { kind: 'opened', issue };
}

function refused(error: Omit<FieldError, 'resource'>): { kind: 'refused'; errors: FieldError[] } {
  return { kind: 'refused', errors: [{ resource: 'PullRequest', ...error }] };
}

function openTwin(repo: Repository, wish: NewPull): boolean {
  return pullsOf(repo).some(
    ({ state, pull }) =>
      state === 'open' &&
      pull.headRepositoryId === wish.from.id &&
      pull.headRef === wish.headRef &&
      pull.baseRef === wish.baseRef,
  );
}

function newIssue(world: World, repo: Repository, number: number, wish: NewPull, pull: Pull): PullIssue {
  const at = world.now();
  return {
    id: world.ids.next(),
    number,
    repositoryId: repo.id,
    authorId: wish.by.id,
    title: wish.title,
    body: wish.body,
    state: 'open',
    createdAt: at,
    updatedAt: at,
    closedAt: null,
    closedById: null,
    bodyEditedAt: null,
    labels: [],
    reactions: [],
    events: [],
    pull,
  };
}

/** Makes a head known in the repository that it is proposed to, and moves `refs/pull/N/head` there. */
export async function bringHead(
  world: World,
  repo: Repository,
  number: number,
  { from, sha }: { from: Repository; sha: string },
): Promise<void> {
  const folder = gitFolder(world, repo);
  const ref = `refs/pull/${number}/head`;
  if (from.id === repo.id) await gitText(folder, ['update-ref', ref, sha]);
  else await gitText(folder, ['fetch', '--quiet', '--no-tags', gitFolder(world, from), `+${sha}:${ref}`]);
}

/** Sends a `pull_request` webhook with the pull request as it is now. */
export async function tellPull(
  world: World,
  repo: Repository,
  issue: PullIssue,
  action: string,
  sender: Account,
  extra: Readonly<Record<string, unknown>> = {},
): Promise<void> {
  if (isHeard(world, repo, 'pull_request')) {
    const body = { number: issue.number, pull_request: await pullView(world, repo, issue), ...extra };
    happen(world, { event: 'pull_request', action, sender, repository: repo, body });
  }
  if (action === 'opened' || action === 'closed' || action === 'reopened')
    noteActivity(world, repo, issue, action, sender);
}

function noteActivity(world: World, repo: Repository, issue: PullIssue, action: string, sender: Account): void {
  const payload = { action, number: issue.number, pull_request: minimalPullView(world, repo, issue) };
  repo.activity.push({ id: world.ids.next(), type: 'PullRequestEvent', actorId: sender.id, at: world.now(), payload });
}

/** Closes it; `pull.merged`, if set before, makes it a merged one. Repeating it does nothing. */
export async function closePull(world: World, repo: Repository, issue: PullIssue, by: Account): Promise<void> {
  if (issue.state === 'closed') return;
  issue.state = 'closed';
  issue.closedAt = world.now();
  issue.closedById = by.id;
  issue.updatedAt = world.now();
  if (issue.pull.merged) noteEvent(world, issue, 'merged', by, { commit_id: issue.pull.merged.sha });
  noteEvent(world, issue, 'closed', by);
  await tellPull(world, repo, issue, 'closed', by);
}

/** Adds a line to the history of an issue. */
export function noteEvent(
  world: World,
  issue: Issue,
  event: string,
  by: Account,
  detail: Readonly<Record<string, unknown>> = {},
): void {
  issue.events.push({ id: world.ids.next(), event, actorId: by.id, at: world.now(), detail });
}

/**
 * Someone asked whether it can be merged: the first asking after a move only starts the computation, the next one has
 * the answer (github-limits.md §a, mergeability). Callers hold the lock of `repo`.
 */
export async function askMergeability(world: World, repo: Repository, issue: PullIssue): Promise<void> {
  if (issue.state === 'closed' || issue.pull.mergeability.state === 'known') return;
  const wasAsked = issue.pull.mergeability.state === 'asked';
  issue.pull.mergeability = wasAsked
    ? { state: 'known', mergeCommit: await testMerge(world, repo, issue) }
    : { state: 'asked' };
}

/** In whose name GitHub commits what its own endpoints make. */
export const webFlow = { name: 'GitHub', email: 'noreply@github.com' } as const;

/** The merge GitHub would make now; null on a conflict. `refs/pull/N/merge` follows. */
export async function testMerge(world: World, repo: Repository, issue: PullIssue): Promise<string | null> {
  const folder = gitFolder(world, repo);
  const { headSha, baseRef } = issue.pull;
  const base = await gitText(folder, ['rev-parse', `refs/heads/${baseRef}`]);
  const tree = await mergeTree(folder, base, headSha);
  if (tree === null) return null;
  const author = webFlow;
  const message = `Merge ${headSha} into ${base}`;
  const sha = await commitTree(folder, { tree, parents: [base, headSha], message, author, at: world.now() });
  await gitText(folder, ['update-ref', `refs/pull/${issue.number}/merge`, sha]);
  return sha;
}

/** The tree of a clean merge; null on a conflict or without a common ancestor. */
export async function mergeTree(folder: string, ours: string, theirs: string): Promise<string | null> {
  const result = await runGit(folder, ['merge-tree', '--write-tree', '--no-messages', ours, theirs]);
  return result.code === 0 ? result.stdout.toString().trim() : null;
}

export interface TreeCommit {
  readonly tree: string;
  readonly parents: readonly string[];
  readonly message: string;
  /** `date`: as git writes it; without one it is `at`. */
  readonly author: { readonly name: string; readonly email: string; readonly date?: string };
  /** The author where left out. */
  readonly committer?: { readonly name: string; readonly email: string };
  /** ms. */
  readonly at: number;
}

export function commitTree(folder: string, commit: TreeCommit): Promise<string> {
  const date = `${Math.floor(commit.at / 1000)} +0000`;
  const { author, committer = author } = commit;
  const env = {
    GIT_AUTHOR_NAME: author.name,
    GIT_AUTHOR_EMAIL: author.email,
    GIT_AUTHOR_DATE: author.date ?? date,
    GIT_COMMITTER_NAME: committer.name,
    GIT_COMMITTER_EMAIL: committer.email,
    GIT_COMMITTER_DATE: date,
  };
  const parents = commit.parents.flatMap((parent) => ['-p', parent]);
  return gitText(folder, ['commit-tree', commit.tree, ...parents], { input: commit.message, env });
}
