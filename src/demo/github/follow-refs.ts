import { gitText } from './git.ts';
import { withRepository } from './locks.ts';
import { gitFolder, type PullIssue, pullsOf } from './lookup.ts';
import { dismissesStale } from './merge-rules.ts';
import { isAncestor, mergeBase, refTarget } from './objects.ts';
import { bringHead, closePull, tellPull } from './pulls.ts';
import { dismissReview } from './reviews.ts';
import type { Account, Repository, World } from './world.ts';

interface HeadMove {
  readonly ref: string;
  readonly before: string | null;
  readonly after: string | null;
}

/** Pull requests follow the branches they come from and go to. Callers hold the lock of `repo`. */
export async function followRefs(
  world: World,
  repo: Repository,
  moves: readonly HeadMove[],
  by: Account,
): Promise<void> {
  const tips = new Map(moves.map((move) => [move.ref.slice('refs/heads/'.length), move.after]));
  await followBases(world, repo, tips, by);
  await followHeads(world, repo, repo, tips, by);
  for (const parent of world.repositories.values()) {
    if (parent.id === repo.id || !hasPullFrom(parent, repo, tips)) continue;
    await withRepository(world, parent, () => followHeads(world, parent, repo, tips, by));
  }
}

type Tips = ReadonlyMap<string, string | null>;

async function followBases(world: World, repo: Repository, tips: Tips, by: Account): Promise<void> {
  for (const issue of openPulls(repo)) {
    const tip = tips.get(issue.pull.baseRef);
    if (tip === undefined) continue;
    issue.pull.mergeability = { state: 'unasked' };
    if (tip === null) await closePull(world, repo, issue, by);
    else if (world.mergedMarks.atOnce()) await mergedIfReachable(world, repo, issue, tip, by);
  }
  if (world.mergedMarks.atOnce()) return;
  for (const [branch, tip] of tips) {
    if (tip !== null) world.mergedMarks.post(() => markLater(world, repo, branch, by));
  }
}

// By what is true then: a head that moved on meanwhile is not merged, and a branch that was reset merges nothing.
async function markLater(world: World, repo: Repository, branch: string, by: Account): Promise<void> {
  if (!world.repositories.has(repo.id)) return;
  await withRepository(world, repo, async () => {
    const tip = await refTarget(gitFolder(world, repo), `refs/heads/${branch}`);
    const onBranch = tip === null ? [] : openPulls(repo).filter(({ pull }) => pull.baseRef === branch);
    for (const issue of onBranch) await mergedIfReachable(world, repo, issue, tip ?? '', by);
  });
}

// However its commits came into the base branch, the pull request counts as merged (docs: indirect merges).
async function mergedIfReachable(
  world: World,
  repo: Repository,
  issue: PullIssue,
  tip: string,
  by: Account,
): Promise<boolean> {
  const folder = gitFolder(world, repo);
  if (!(await isAncestor(folder, issue.pull.headSha, tip))) return false;
  const range = ['--first-parent', '--ancestry-path', `${issue.pull.headSha}..${tip}`];
  const merges = (await gitText(folder, ['rev-list', ...range, '--'])).split('\n');
  const onFirstParents = await isOnFirstParents(folder, issue.pull.headSha, tip);
  const sha = onFirstParents ? issue.pull.headSha : (merges.at(-1) ?? tip);
  issue.pull.merged = { at: world.now(), byId: by.id, sha };
  await closePull(world, repo, issue, by);
  return true;
}

async function isOnFirstParents(folder: string, sha: string, tip: string): Promise<boolean> {
  if (sha === tip) return true;
  const base = await mergeBase(folder, sha, tip);
  const line = await gitText(folder, ['rev-list', '--first-parent', tip, `^${base}^@`, '--']);
  return line.split('\n').includes(sha);
}

async function followHeads(world: World, repo: Repository, from: Repository, tips: Tips, by: Account): Promise<void> {
  for (const issue of openPulls(repo)) {
    if (issue.pull.headRepositoryId !== from.id) continue;
    const tip = tips.get(issue.pull.headRef);
    if (tip === null) await closePull(world, repo, issue, by);
    else if (tip !== undefined) await synchronize(world, repo, issue, { from, tip, tips, by });
  }
}

async function synchronize(
  world: World,
  repo: Repository,
  issue: PullIssue,
  { from, tip, tips, by }: { from: Repository; tip: string; tips: Tips; by: Account },
): Promise<void> {
  const folder = gitFolder(world, repo);
  const before = issue.pull.headSha;
  if (before === tip) return;
  await bringHead(world, repo, issue.number, { from, sha: tip });
  const base = await refTarget(folder, `refs/heads/${issue.pull.baseRef}`);
  if (!(await isAncestor(folder, before, tip))) issue.pull.forcedAt.push(world.now());
  issue.pull.headSha = tip;
  issue.pull.baseSha = base ?? issue.pull.baseSha;
  issue.pull.mergeability = { state: 'unasked' };
  issue.updatedAt = world.now();
  await tellPull(world, repo, issue, 'synchronize', by, { before, after: tip });
  dismissStale(world, repo, issue, by);
  if (!base || !(await isAncestor(folder, tip, base))) return;
  // Nothing is left to merge: merged if the base came to it in this very push, else closed as empty.
  const baseCame = from.id === repo.id && tips.has(issue.pull.baseRef);
  if (baseCame && !world.mergedMarks.atOnce()) return;
  if (baseCame) await mergedIfReachable(world, repo, issue, base, by);
  else await closePull(world, repo, issue, by);
}

function dismissStale(world: World, repo: Repository, issue: PullIssue, by: Account): void {
  if (!dismissesStale(repo, issue)) return;
  for (const review of issue.pull.reviews) {
    if (review.state === 'APPROVED') dismissReview(world, repo, issue, review, { by, message: '' });
  }
}

function openPulls(repo: Repository): PullIssue[] {
  return pullsOf(repo).filter((issue) => issue.state === 'open');
}

function hasPullFrom(parent: Repository, fork: Repository, tips: Tips): boolean {
  return openPulls(parent).some(({ pull }) => pull.headRepositoryId === fork.id && tips.has(pull.headRef));
}
