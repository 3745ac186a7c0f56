import { requestSuites } from './checks.ts';
import { touchedPaths } from './diff.ts';
import { happen, isHeard } from './events.ts';
import { followRefs } from './follow-refs.ts';
import { gitText, runGit } from './git.ts';
import { accountOf, gitFolder } from './lookup.ts';
import { type Commit, isAncestor, readCommits, resolveCommit } from './objects.ts';
import { userView } from './views/accounts.ts';
import { pushedCommitView } from './views/commits.ts';
import { repositoryView } from './views/repositories.ts';
import { repositoryPage } from './views/urls.ts';
import type { Account, Repository, World } from './world.ts';

/** A ref that was somewhere (null: not there) and is somewhere else now. */
export interface RefMove {
  readonly ref: string;
  readonly before: string | null;
  readonly after: string | null;
}

const zeros = '0'.repeat(40);

/** Every ref and what it points at, unpeeled. */
export async function listRefs(folder: string, prefix = ''): Promise<Map<string, string>> {
  const format = '--format=%(refname) %(objectname)';
  const lines = (await gitText(folder, ['for-each-ref', format, ...(prefix ? [prefix] : [])])).split('\n');
  return new Map(lines.filter((line) => line !== '').map((line) => line.split(' ') as [string, string]));
}

/** What changed between two listings. */
export function compareRefs(before: ReadonlyMap<string, string>, after: ReadonlyMap<string, string>): RefMove[] {
  const names = new Set([...before.keys(), ...after.keys()]);
  return [...names]
    .map((ref) => ({ ref, before: before.get(ref) ?? null, after: after.get(ref) ?? null }))
    .filter((move) => move.before !== move.after);
}

/** All or nothing, each ref only from where the move says it is; then everything that follows from it. */
export async function moveRefs(
  world: World,
  repo: Repository,
  moves: readonly RefMove[],
  by: Account,
): Promise<{ kind: 'moved' } | { kind: 'refused'; reason: string }> {
  const lines = moves.map(({ ref, before, after }) => `update ${ref} ${after ?? zeros} ${before ?? zeros}\n`);
  const result = await runGit(gitFolder(world, repo), ['update-ref', '--stdin'], { input: lines.join('') });
  if (result.code !== 0) return { kind: 'refused', reason: result.stderr.trim() };
  await refsMoved(world, repo, moves, by);
  return { kind: 'moved' };
}

/** What follows from refs that have moved: webhooks, check suites, pull requests. Callers hold the repository's lock. */
export async function refsMoved(world: World, repo: Repository, moves: readonly RefMove[], by: Account): Promise<void> {
  const tags = moves.filter(({ ref }) => ref.startsWith('refs/tags/'));
  const heads = moves.filter(({ ref }) => ref.startsWith('refs/heads/'));
  if (tags.length + heads.length > 0) repo.pushedAt = world.now();
  // More than three tags at once: GitHub sends nothing (docs: push event).
  for (const move of [...heads, ...(tags.length > 3 ? [] : tags)]) await tellPush(world, repo, move, by);
  for (const { ref, before, after } of heads) {
    const branch = ref.slice('refs/heads/'.length);
    if (after !== null) await requestSuites(world, repo, { sha: after, branch, before, by });
  }
  await followRefs(world, repo, heads, by);
}

async function tellPush(world: World, repo: Repository, move: RefMove, by: Account): Promise<void> {
  const kind = move.ref.startsWith('refs/tags/') ? 'tag' : 'branch';
  const event = move.before === null ? 'create' : move.after === null ? 'delete' : null;
  if (event) {
    const base = { ref: move.ref.replace(/^refs\/(heads|tags)\//, ''), ref_type: kind, pusher_type: 'user' };
    const created = { master_branch: repo.defaultBranch, description: repo.description };
    const body = event === 'create' ? { ...base, ...created } : base;
    happen(world, { event, action: null, sender: by, repository: repo, body });
  }
  note(world, repo, move, by);
  if (!isHeard(world, repo, 'push')) return;
  const body = await pushPayload(world, repo, move, by);
  happen(world, { event: 'push', action: null, sender: by, repository: repo, body });
}

async function pushPayload(world: World, repo: Repository, move: RefMove, by: Account) {
  const folder = gitFolder(world, repo);
  const { ref, before, after } = move;
  const isBranch = ref.startsWith('refs/heads/');
  const tip = after === null || isBranch ? after : await resolveCommit(folder, after);
  const forced = before !== null && after !== null && !(await isAncestor(folder, before, after));
  const commits = tip && isBranch ? await readPushed(world, repo, pushedRange(repo, move)) : [];
  const head = commits.find(({ id }) => id === tip) ?? (tip ? await readPushed(world, repo, [tip, '-1']) : [])[0];
  const page = repositoryPage(world, repo);
  return {
    ref,
    before: before ?? zeros,
    after: after ?? zeros,
    repository: pushedRepository(world, repo),
    pusher: { name: by.login, email: by.email },
    created: before === null,
    deleted: after === null,
    forced,
    base_ref: null,
    compare: before && after ? `${page}/compare/${before.slice(0, 12)}...${after.slice(0, 12)}` : `${page}/commits`,
    commits: commits.toReversed(),
    head_commit: head ?? null,
  };
}

// At most 2,048 commits (docs: push event); a new branch lists what the default branch does not have.
function pushedRange(repo: Repository, { ref, before, after }: RefMove): string[] {
  const isDefault = ref === `refs/heads/${repo.defaultBranch}`;
  const exclude = before ?? (isDefault ? null : `refs/heads/${repo.defaultBranch}`);
  return ['-n2048', after ?? zeros, ...(exclude ? [`^${exclude}`] : [])];
}

async function readPushed(world: World, repo: Repository, range: readonly string[]) {
  const folder = gitFolder(world, repo);
  const [commits, touched] = await Promise.all([
    readCommits(folder, [...range, '--']),
    touchedPaths(folder, [...range, '--']),
  ]);
  const nothing = { added: [], removed: [], modified: [] };
  const view = (commit: Commit) => pushedCommitView(world, repo, commit, touched.get(commit.sha) ?? nothing);
  return commits.map(view);
}

// In a push the repository's times are numbers and its owner has name and email.
function pushedRepository(world: World, repo: Repository) {
  const owner = accountOf(world, repo.ownerId);
  const isOrganization = owner.kind === 'Organization';
  return {
    ...repositoryView(world, repo),
    created_at: Math.floor(repo.createdAt / 1000),
    pushed_at: Math.floor(repo.pushedAt / 1000),
    stargazers: 0,
    master_branch: repo.defaultBranch,
    owner: { name: owner.login, email: owner.email, ...userView(world, owner) },
    ...(isOrganization && { organization: owner.login }),
  };
}

function note(world: World, repo: Repository, move: RefMove, by: Account): void {
  const ref = move.ref.replace(/^refs\/(heads|tags)\//, '');
  const kind = move.ref.startsWith('refs/tags/') ? 'tag' : 'branch';
  const common = { ref, ref_type: kind, full_ref: move.ref, pusher_type: 'user' };
  const type = move.before === null ? 'CreateEvent' : move.after === null ? 'DeleteEvent' : 'PushEvent';
  const created = { master_branch: repo.defaultBranch, description: repo.description };
  const pushed = {
    repository_id: repo.id,
    push_id: repo.pushedAt,
    ref: move.ref,
    head: move.after,
    before: move.before,
  };
  const payload = type === 'PushEvent' ? pushed : type === 'CreateEvent' ? { ...common, ...created } : common;
  repo.activity.push({ id: world.ids.next(), type, actorId: by.id, at: world.now(), payload });
}
