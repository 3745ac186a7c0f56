import { created, noContent, notFound, ok, page, pageOf, pageWanted, refuse, unprocessable } from '../answers.ts';
import { type Answer, actingAccount, type Call, textField } from '../call.ts';
import { diffFiles } from '../diff.ts';
import { withRepository } from '../locks.ts';
import { findRepository, gitFolder, pullsOf } from '../lookup.ts';
import { mergeInto } from '../merge.ts';
import { type Commit, isAncestor, mergeBase, readCommit, readCommits, resolveCommit } from '../objects.ts';
import { inRepository, type Routes } from '../route.ts';
import { addStatus } from '../statuses.ts';
import { statusView } from '../views/checks.ts';
import { commitView, fileView } from '../views/commits.ts';
import { simplePullView } from '../views/pulls.ts';
import { minimalRepositoryView } from '../views/repositories.ts';
import { repositoryApi, repositoryPage } from '../views/urls.ts';
import type { CommitStatus, Repository } from '../world.ts';

export const commitRoutes: Routes = {
  'repos/list-commits': inRepository(['contents:read'], 'read', listCommits),
  'repos/get-commit': inRepository(['contents:read'], 'read', getCommit),
  'repos/compare-commits-with-basehead': inRepository(['contents:read'], 'read', compare),
  'repos/list-pull-requests-associated-with-commit': inRepository(['pull_requests:read'], 'read', listPulls),
  'repos/get-combined-status-for-ref': inRepository(['statuses:read'], 'read', combinedStatus),
  'repos/list-commit-statuses-for-ref': inRepository(['statuses:read'], 'read', async (call, repo) => {
    const { world, params } = call;
    const sha = await resolveCommit(gitFolder(world, repo), params.ref ?? '');
    const all = world.statuses.filter((status) => status.repositoryId === repo.id && status.sha === sha);
    return sha ? page(call, all.toReversed(), (status) => statusView(world, repo, status)) : notFound();
  }),
  'repos/create-commit-status': inRepository(['statuses:write'], 'write', createStatus),
  'repos/merge': inRepository(['contents:write'], 'write', mergeBranches),
};

async function listCommits(call: Call, repo: Repository): Promise<Answer> {
  const { query, world } = call;
  const folder = gitFolder(world, repo);
  const sha = await resolveCommit(folder, query.get('sha') ?? `refs/heads/${repo.defaultBranch}`);
  if (!sha) return notFound();
  const path = query.get('path');
  const limits = ['since', 'until'].flatMap((name) => (query.has(name) ? [`--${name}=${query.get(name)}`] : []));
  const commits = await readCommits(folder, [...limits, sha, '--', ...(path ? [path] : [])]);
  return page(call, commits, (commit) => commitView(world, repo, commit));
}

async function getCommit(call: Call, repo: Repository): Promise<Answer> {
  const { world } = call;
  const folder = gitFolder(world, repo);
  const sha = await resolveCommit(folder, call.params.ref ?? '');
  if (!sha) return unprocessable(`No commit found for SHA: ${call.params.ref}`);
  if (call.accept.includes('application/vnd.github.sha')) {
    return ok(sha, { 'Content-Type': 'application/vnd.github.sha; charset=utf-8' });
  }
  const commit = await readCommit(folder, sha);
  const files = await diffFiles(folder, commit.parents[0] ?? null, sha);
  const sum = (key: 'additions' | 'deletions'): number => files.reduce((total, file) => total + file[key], 0);
  const stats = {
    additions: sum('additions'),
    deletions: sum('deletions'),
    total: sum('additions') + sum('deletions'),
  };
  const view = { ...commitView(world, repo, commit), stats };
  return pageOf(
    call,
    files.slice(0, 3000),
    async (slice) => ({
      ...view,
      files: slice.map((file) => fileView(world, repo, sha, file)),
    }),
    300,
  );
}

// Pages are pages of commits; files, at most 300, come with the first one only (GH-OA, compare-commits-with-basehead).
async function compare(call: Call, repo: Repository): Promise<Answer> {
  const { world } = call;
  const folder = gitFolder(world, repo);
  const [baseName = '', headName = ''] = (call.params.basehead ?? '').split('...');
  const base = await side(call, repo, baseName);
  const head = await side(call, repo, headName);
  const fork = base && head && (await mergeBase(folder, base, head));
  if (!base || !head || !fork) return notFound();
  const ahead = await readCommits(folder, ['--reverse', head, `^${base}`, '--']);
  const behind = await readCommits(folder, [base, `^${head}`, '--']);
  const paged = call.query.has('page') || call.query.has('per_page');
  const { number, size } = paged ? pageWanted(call) : { number: 1, size: 250 };
  const view = (commit: Commit) => commitView(world, repo, commit);
  const files = number === 1 ? (await diffFiles(folder, fork, head)).slice(0, 300) : [];
  const url = `${repositoryApi(world, repo)}/compare/${baseName}...${headName}`;
  const html = `${repositoryPage(world, repo)}/compare/${baseName}...${headName}`;
  const body = {
    url,
    html_url: html,
    permalink_url: `${repositoryPage(world, repo)}/compare/${base}...${head}`,
    diff_url: `${html}.diff`,
    patch_url: `${html}.patch`,
    base_commit: view(await readCommit(folder, base)),
    merge_base_commit: view(await readCommit(folder, fork)),
    status: comparison(ahead.length, behind.length),
    ahead_by: ahead.length,
    behind_by: behind.length,
    total_commits: ahead.length,
    commits: ahead.slice((number - 1) * size, number * size).map(view),
    files: files.map((file) => fileView(world, repo, head, file)),
  };
  if (!paged) return ok(body);
  return { ...(await pageOf(call, ahead, async () => body)), body };
}

function comparison(ahead: number, behind: number): string {
  if (ahead > 0) return behind > 0 ? 'diverged' : 'ahead';
  return behind > 0 ? 'behind' : 'identical';
}

// `branch`, or `owner:branch` of a repository in the same network.
async function side({ world }: Call, repo: Repository, name: string): Promise<string | null> {
  const folder = gitFolder(world, repo);
  const [owner = '', branch] = name.split(':');
  if (branch === undefined) return resolveCommit(folder, name);
  const other = findRepository(world, `${owner}/${repo.name}`);
  const sha = other && (await resolveCommit(gitFolder(world, other), branch));
  return sha ? resolveCommit(folder, sha) : null;
}

async function listPulls(call: Call, repo: Repository): Promise<Answer> {
  const { world } = call;
  const folder = gitFolder(world, repo);
  const sha = await resolveCommit(folder, call.params.commit_sha ?? '');
  if (!sha) return unprocessable(`No commit found for SHA: ${call.params.commit_sha}`);
  const holds = await Promise.all(
    pullsOf(repo).map(async (issue) => {
      const inHead = await isAncestor(folder, sha, issue.pull.headSha);
      const inBase = await isAncestor(folder, sha, issue.pull.baseSha);
      return issue.pull.merged?.sha === sha || (inHead && !inBase) ? [issue] : [];
    }),
  );
  return page(call, holds.flat(), (issue) => simplePullView(world, repo, issue));
}

async function combinedStatus(call: Call, repo: Repository): Promise<Answer> {
  const { world } = call;
  const sha = await resolveCommit(gitFolder(world, repo), call.params.ref ?? '');
  if (!sha) return notFound();
  const all = world.statuses.filter((status) => status.repositoryId === repo.id && status.sha === sha);
  const latest = [...new Map(all.map((status) => [status.context, status])).values()];
  const url = `${repositoryApi(world, repo)}/commits/${sha}`;
  return page(
    call,
    latest,
    (status) => statusView(world, repo, status),
    (statuses, total_count) => ({
      state: combine(latest),
      statuses,
      sha,
      total_count,
      repository: minimalRepositoryView(world, repo),
      commit_url: url,
      url: `${url}/status`,
    }),
  );
}

function combine(statuses: readonly CommitStatus[]): string {
  if (statuses.some(({ state }) => state === 'error' || state === 'failure')) return 'failure';
  return statuses.length === 0 || statuses.some(({ state }) => state === 'pending') ? 'pending' : 'success';
}

async function createStatus(call: Call, repo: Repository): Promise<Answer> {
  const { world } = call;
  const sha = await resolveCommit(gitFolder(world, repo), call.params.sha ?? '');
  if (!sha) return unprocessable(`No commit found for SHA: ${call.params.sha}`);
  const wish = {
    sha,
    context: textField(call, 'context') ?? 'default',
    state: textField(call, 'state') as CommitStatus['state'],
    description: textField(call, 'description'),
    targetUrl: textField(call, 'target_url'),
  };
  const status = await addStatus(world, repo, wish, actingAccount(call));
  if (status) return created(statusView(world, repo, status));
  const message = 'This SHA and context has reached the maximum number of statuses.';
  return unprocessable('Validation Failed', [{ resource: 'Status', code: 'custom', message }]);
}

async function mergeBranches(call: Call, repo: Repository): Promise<Answer> {
  const { world } = call;
  const folder = gitFolder(world, repo);
  const base = textField(call, 'base') ?? '';
  const name = textField(call, 'head') ?? '';
  const head = await resolveCommit(folder, name);
  if (!head || !(await resolveCommit(folder, `refs/heads/${base}`))) return refuse(404, 'Base does not exist');
  const message = textField(call, 'commit_message') ?? `Merge ${name} into ${base}`;
  const outcome = await withRepository(world, repo, () =>
    mergeInto(world, repo, { base, head, message, by: actingAccount(call) }),
  );
  if (outcome.kind === 'nothing') return noContent();
  if (outcome.kind === 'conflict') return refuse(409, 'Merge conflict');
  if (outcome.kind === 'held') return refuse(409, outcome.says);
  return created(commitView(world, repo, await readCommit(folder, outcome.sha)));
}
