import { diffTotals } from '../diff.ts';
import { nodeId } from '../ids.ts';
import { accountOf, ghostId, gitFolder, type PullIssue } from '../lookup.ts';
import { countCommits, mergeBase } from '../objects.ts';
import type { Account, Pull, PullTotals, Repository, World } from '../world.ts';
import { userView, userViewOf } from './accounts.ts';
import { authorAssociation, commentsOn, issueLabels } from './issues.ts';
import { repositoryView } from './repositories.ts';
import { isoTime, isoTimeOrNull, repositoryApi, repositoryPage } from './urls.ts';

function sideView(world: World, owner: Account, ref: string, sha: string, repo: Repository | null) {
  return {
    label: `${owner.login}:${ref}`,
    ref,
    sha,
    user: userView(world, owner),
    repo: repo && repositoryView(world, repo),
  };
}

function headView(world: World, { pull }: PullIssue) {
  const repo = pull.headRepositoryId === null ? null : (world.repositories.get(pull.headRepositoryId) ?? null);
  const owner = [...world.accounts.values()].find((account) => account.login === pull.headOwner);
  const account = repo ? accountOf(world, repo.ownerId) : (owner ?? accountOf(world, ghostId));
  return sideView(world, account, pull.headRef, pull.headSha, repo);
}

function pullLinks(world: World, repo: Repository, issue: PullIssue) {
  const api = repositoryApi(world, repo);
  const self = `${api}/pulls/${issue.number}`;
  return {
    self: { href: self },
    html: { href: `${repositoryPage(world, repo)}/pull/${issue.number}` },
    issue: { href: `${api}/issues/${issue.number}` },
    comments: { href: `${api}/issues/${issue.number}/comments` },
    review_comments: { href: `${self}/comments` },
    review_comment: { href: `${api}/pulls/comments{/number}` },
    commits: { href: `${self}/commits` },
    statuses: { href: `${api}/statuses/${issue.pull.headSha}` },
  };
}

/** GitHub's `pull-request-simple`. */
export function simplePullView(world: World, repo: Repository, issue: PullIssue) {
  const { pull } = issue;
  const links = pullLinks(world, repo, issue);
  return {
    url: links.self.href,
    id: pull.id,
    node_id: nodeId('PullRequest', pull.id),
    html_url: links.html.href,
    diff_url: `${links.html.href}.diff`,
    patch_url: `${links.html.href}.patch`,
    issue_url: links.issue.href,
    commits_url: links.commits.href,
    review_comments_url: links.review_comments.href,
    review_comment_url: links.review_comment.href,
    comments_url: links.comments.href,
    statuses_url: links.statuses.href,
    number: issue.number,
    state: issue.state,
    locked: false,
    title: issue.title,
    user: userView(world, accountOf(world, issue.authorId)),
    body: issue.body,
    labels: issueLabels(world, repo, issue),
    milestone: null,
    active_lock_reason: null,
    created_at: isoTime(issue.createdAt),
    updated_at: isoTime(issue.updatedAt),
    closed_at: isoTimeOrNull(issue.closedAt),
    merged_at: isoTimeOrNull(pull.merged?.at ?? null),
    merge_commit_sha: mergeCommitOf(issue),
    assignee: null,
    assignees: [],
    requested_reviewers: [],
    requested_teams: [],
    head: headView(world, issue),
    base: sideView(world, accountOf(world, repo.ownerId), pull.baseRef, pull.baseSha, repo),
    _links: links,
    author_association: authorAssociation(world, repo, issue.authorId),
    auto_merge: autoMergeView(world, issue),
    draft: pull.draft,
  };
}

function autoMergeView(world: World, issue: PullIssue) {
  const { autoMerge } = issue.pull;
  if (!autoMerge) return null;
  const enabled_by = userView(world, accountOf(world, autoMerge.byId));
  const commit_title = `${issue.title} (#${issue.number})`;
  return { enabled_by, merge_method: autoMerge.method, commit_title, commit_message: '' };
}

function mergeCommitOf({ pull }: PullIssue): string | null {
  if (pull.merged) return pull.merged.sha;
  return pull.mergeability.state === 'known' ? pull.mergeability.mergeCommit : null;
}

/** GitHub's `pull-request`, as its own page of the API and webhooks give it. */
export async function pullView(world: World, repo: Repository, issue: PullIssue) {
  const { pull } = issue;
  const totals = await totalsOf(world, repo, pull);
  return {
    ...simplePullView(world, repo, issue),
    merged: pull.merged !== null,
    ...mergeabilityView(issue),
    merged_by: userViewOf(world, pull.merged?.byId ?? null),
    comments: commentsOn(world, repo, issue.number).length,
    review_comments: pull.reviewComments.length,
    maintainer_can_modify: false,
    commits: totals.commits,
    additions: totals.additions,
    deletions: totals.deletions,
    changed_files: totals.files,
  };
}

async function totalsOf(world: World, repo: Repository, pull: Pull): Promise<PullTotals> {
  const of = `${pull.baseSha}..${pull.headSha}`;
  if (pull.totals?.of === of) return pull.totals;
  const folder = gitFolder(world, repo);
  const from = (await mergeBase(folder, pull.baseSha, pull.headSha)) ?? pull.baseSha;
  const [sums, commits] = await Promise.all([
    diffTotals(folder, from, pull.headSha),
    countCommits(folder, `${from}..${pull.headSha}`),
  ]);
  pull.totals = { of, commits, ...sums };
  return pull.totals;
}

function mergeabilityView({ pull }: PullIssue) {
  if (pull.mergeability.state !== 'known' || pull.merged) {
    return { mergeable: null, rebaseable: null, mergeable_state: 'unknown' };
  }
  const mergeable = pull.mergeability.mergeCommit !== null;
  const state = pull.draft ? 'draft' : 'clean';
  return { mergeable, rebaseable: mergeable, mergeable_state: mergeable ? state : 'dirty' };
}

/** GitHub's `pull-request-minimal`, as check runs carry it. */
export function minimalPullView(world: World, repo: Repository, issue: PullIssue) {
  const { pull } = issue;
  const short = { id: repo.id, url: repositoryApi(world, repo), name: repo.name };
  return {
    url: `${repositoryApi(world, repo)}/pulls/${issue.number}`,
    id: pull.id,
    number: issue.number,
    head: { ref: pull.headRef, sha: pull.headSha, repo: short },
    base: { ref: pull.baseRef, sha: pull.baseSha, repo: short },
  };
}
