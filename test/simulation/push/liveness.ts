import { configFile } from '../../../src/model/config.ts';
import type { Sha } from '../../../src/model/sha.ts';
import { isCompleted, type Repository, type StoredCheckRun } from '../forge-world.ts';
import { configOf } from '../gate/configs.ts';
import { gitOf } from '../gate/move-branch.ts';
import { landedIn, type Move } from '../gate/repository-git.ts';
import type { Owed } from '../liveness.ts';
import type { Surroundings } from '../processes.ts';
import { waitsForHeld } from '../version/held.ts';
import { releaseBranches, versionFile } from '../version/lines.ts';

/** So far back it is looked for what was done before a loss. */
const mostLooks = 10;
/** What Redis answered may be lost again for so long (ms). */
const unsafeMs = 2_000;

/** What is said of a commit beside the gate: of its version, or of one of its jobs. */
function saidOn({ forge }: Surroundings, commit: string): readonly StoredCheckRun[] {
  const own = (forge.checkRuns.get(commit) ?? []).filter(({ name }) => !name.startsWith('sluice/gate/'));
  return own.filter(({ name }) => name === 'sluice/version' || !/^sluice($|\/)/.test(name));
}

const ofPushes: readonly string[] = ['sluice/version', 'publish', 'after'];

/** What answers a push: neither what runs by the clock nor what tested the commit before it came to the branch. */
export function answersOn(world: Surroundings, commit: string): readonly StoredCheckRun[] {
  return saidOn(world, commit).filter(({ name }) => ofPushes.includes(name));
}

/** The last push of people to a branch that it still holds, below what landed since; null: there is none. */
function lastPush(repository: Repository, branch: string): Move | null {
  const git = gitOf(repository);
  let at = repository.branches.get(branch)?.now();
  if (at === undefined) return null;
  const landed = new Set<string>(landedIn(git, branch, at).map(({ commit }) => commit));
  while (at !== undefined && landed.has(at)) at = git.model.get(at)?.parents[0];
  return git.moves.findLast((move) => move.branch === branch && move.to === at && !move.ours) ?? null;
}

/**
 * It only went back to where it was when it was last looked at: nothing is different then, whatever was told of meanwhile, as words
 * of the forge are hints (versions.md §3, `lastSeen`).
 */
function wasAwayUnseen(world: Surroundings, repository: Repository, { to, at, branch }: Move): boolean {
  const before = gitOf(repository).moves.filter((move) => move.branch === branch && move.at < at);
  const left = before.findLast((move) => move.from === to);
  if (left === undefined) return false;
  return before.filter((move) => move.at >= left.at).every((move) => answersOn(world, move.to).length === 0);
}

/**
 * The App had a record of the branch, or was told since it lost its own, or finds on the commits before, or in the ledger, what it
 * had done (design.md §5). Without any of that the push looks like what was there before the App came, which is nobody's (L1, L9).
 */
function canBeFound(world: Surroundings, repository: Repository, move: Move): boolean {
  const { redis, webhooks } = world;
  const { to, at, branch, isKnown } = move;
  const safeFrom = redis.lostAt() + unsafeMs;
  if (isKnown && at > safeFrom && !wasAwayUnseen(world, repository, move)) return true;
  const told = [...webhooks.acknowledged.values()].some(
    ({ event: { detail, repository: named }, at: heardAt }) =>
      detail.kind === 'push' &&
      detail.after === to &&
      detail.ref === `refs/heads/${branch}` &&
      named?.id === repository.project.id &&
      (redis.lostAt() === 0 || heardAt > safeFrom),
  );
  // What is told of a repository that the App does not see stays until it does.
  if (told) return true;
  const { model, entries } = gitOf(repository);
  const own = [...entries.values()].filter((entry) => entry.branch === branch);
  // A release may be a tag's: it says nothing of what was pushed.
  const pushed = own.filter(({ detail }) => detail.kind !== 'releasing' && detail.kind !== 'released');
  const recorded = new Set(pushed.flatMap(({ detail }) => ('commit' in detail ? [detail.commit] : [])));
  const others = [...repository.branches].flatMap(([name, tip]) => (name === branch ? [] : tip.all()));
  // What is said of a commit that another branch pointed at may be of that branch.
  const isAnswered = (commit: Sha): boolean => answersOn(world, commit).length > 0 && !others.includes(commit);
  const first = branch === repository.project.defaultBranch ? undefined : repository.branches.get(branch)?.all()[0];
  let commit = model.get(to)?.parents[0];
  for (let look = 1; look < mostLooks && commit !== undefined; look += 1) {
    // What it began with may have its answers from another branch.
    if (first !== undefined && model.contains(first, commit)) return false;
    if (isAnswered(commit) || recorded.has(commit)) return true;
    commit = model.get(commit)?.parents[0];
  }
  return false;
}

/** Releases are made of the branch by the file of the default branch, which was never wrong. */
function isKept({ branches, git, project }: Repository, branch: string): boolean {
  const mains = branches.get(project.defaultBranch)?.all() ?? [];
  const all = mains.map((tip) => git?.model.filesAt(tip) ?? {});
  return (
    Object.values<string>(releaseBranches).includes(branch) &&
    all.every((files) => versionFile in files && configOf(files).jobs !== null)
  );
}

/** Some job is for what is pushed there, or the file is wrong, which its authors are told. */
function concerns(repository: Repository, { to, branch }: Move): boolean {
  const files = gitOf(repository).model.filesAt(to) ?? {};
  if (!(configFile in files)) return false;
  return (
    configOf(files).jobs?.some(({ pipelines }) => pipelines.includes('postsubmit')) ??
    (branch === repository.project.defaultBranch || isKept(repository, branch))
  );
}

/** It went back to what is recorded: the answer stands on that commit since it was first pushed or landed (versions.md §5). */
function isBack(repository: Repository, { from, to, branch }: Move): boolean {
  const git = gitOf(repository);
  const entries = [...git.entries.values()].filter((entry) => entry.branch === branch);
  return git.model.contains(from, to) && entries.some(({ detail }) => 'commit' in detail && detail.commit === to);
}

/** It was taken back to what it was cut from, or to before that: nothing of its own is left, as if it had been cut there (versions.md §5). */
function isCutAgain({ branches, git, project }: Repository, { to, branch }: Move): boolean {
  const first = branches.get(branch)?.all()[0];
  return branch !== project.defaultBranch && first !== undefined && git?.model.contains(first, to) === true;
}

/** Whether the last that people pushed to a branch is to be answered, and is. */
export function isLastPushAnswered(world: Surroundings, repository: Repository, branch: string): boolean {
  const push = lastPush(repository, branch);
  if (push === null || !concerns(repository, push) || isBack(repository, push)) return false;
  return !isCutAgain(repository, push) && answersOn(world, push.to).length > 0;
}

export function owedOfBranch(world: Surroundings, repository: Repository, branch: string): readonly string[] {
  const push = lastPush(repository, branch);
  if (push === null || !concerns(repository, push) || isBack(repository, push)) return [];
  if (isCutAgain(repository, push)) return [];
  world.sim.note('end: a push is the last word on a branch');
  const runs = answersOn(world, push.to);
  const name = `${push.to.slice(0, 8)}, which was pushed to ${branch}`;
  if (runs.length === 0) {
    if (canBeFound(world, repository, push)) return [`nothing is said of ${name}`];
    world.sim.note('end: a push that nobody could know of');
  }
  return runs
    .filter((run) => !isCompleted(run) && !waitsForHeld(world, repository, run))
    .map((run) => `${run.name} is still ${run.state.status} on ${name}`);
}

/**
 * Begun before everything was lost, on a commit that no branch leads to within so many looks, or not the one it was pushed to: the
 * forge shows check runs by their commit alone, so that nothing leads back to it (L7, L9).
 */
export function isForgotten(
  { redis }: Surroundings,
  { branches, git }: Repository,
  { name, commit, firstAt }: StoredCheckRun,
): boolean {
  if (firstAt >= redis.lostAt() + 120_000) return false;
  const leads = (tip: Sha): boolean => {
    let at: Sha | undefined = tip;
    for (let look = 0; look < mostLooks && at !== undefined && at !== commit; look += 1)
      at = git?.model.get(at)?.parents[0];
    return at === commit;
  };
  const tips = [...branches.values()];
  // What is said of a push is found by the branch alone that it was pushed to.
  const isOfPush = ofPushes.includes(name) && tips.some((tip) => tip.all().includes(commit) && !leads(tip.now()));
  return isOfPush || !tips.some((tip) => leads(tip.now()));
}

/** L7: what was begun of other pushes has an end as well. */
function owedOfOthers(world: Surroundings, repository: Repository): readonly string[] {
  const heads = new Set<string>([...repository.pulls.values()].flatMap((pull) => pull.head.all()));
  const tips = new Set(gitOf(repository).moves.flatMap(({ from, to }) => [from, to]));
  return [...tips]
    .filter((tip) => !heads.has(tip))
    .flatMap((tip) =>
      saidOn(world, tip).filter(
        (run) => !isCompleted(run) && !isForgotten(world, repository, run) && !waitsForHeld(world, repository, run),
      ),
    )
    .map((run) => `${run.name} on ${run.commit.slice(0, 8)} is still ${run.state.status}`);
}

/** Every push is answered: what people left a branch with has a check run that is concluded (commands.md §6). */
export function owedOfPushes(world: Surroundings): readonly Owed[] {
  if ((world.sim.knobs.queues?.images?.pushes ?? null) === null) return [];
  return [...world.forge.repositories.values()]
    .filter((repository) => repository.seen.now())
    .flatMap((repository) => [
      ...owedOfBranch(world, repository, repository.project.defaultBranch).map((what) => ({
        invariant: 'pushes',
        what,
      })),
      ...owedOfOthers(world, repository).map((what) => ({ invariant: 'L7', what })),
    ]);
}
