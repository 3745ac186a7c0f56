import { allRulesOf, type BranchRule, isRuleset, rulesFor } from './branch-rules.ts';
import { accountOf, mayAtLeast, type PullIssue } from './lookup.ts';
import type { MergeMethod } from './merge.ts';
import { missingChecks } from './required-checks.ts';
import { latestOpinions, unresolvedThreads } from './reviews.ts';
import type { Rule } from './rule-model.ts';
import type { Account, Repository, Review, World } from './world.ts';

/** Why the rules of the base forbid this merge to this account, in GitHub's words; null if they do not. */
export function unmetRule(
  world: World,
  repo: Repository,
  issue: PullIssue,
  wish: { readonly by: Account; readonly method: MergeMethod },
): string | null {
  const { by, method } = wish;
  for (const rule of rulesFor(world, repo, issue.pull.baseRef, { by, through: 'pull_request' })) {
    const says = sentenceFor(world, repo, issue, rule, method);
    if (says !== null) return isRuleset(rule.from) ? `Repository rule violations found\n\n${says}\n\n` : says;
  }
  return null;
}

function sentenceFor(
  world: World,
  repo: Repository,
  issue: PullIssue,
  rule: BranchRule,
  method: MergeMethod,
): string | null {
  switch (rule.type) {
    case 'required_status_checks':
      return missingChecks(world, repo, issue.pull.headSha, rule);
    case 'pull_request':
      return missingReview(world, repo, issue, rule) ?? wrongMethod(rule, method);
    case 'required_linear_history':
      return method === 'merge' ? 'This branch must not contain merge commits.' : null;
    case 'update':
      return 'Cannot update this protected ref.';
    case 'lock_branch':
      return 'Cannot change this locked branch';
    case 'restrict_pushes':
      return "You're not authorized to push to this branch.";
    case 'merge_queue':
      return 'Changes must be made through the merge queue';
    default:
      return null;
  }
}

function wrongMethod({ parameters }: Rule, method: MergeMethod): string | null {
  const allowed = parameters?.allowed_merge_methods as readonly string[] | undefined;
  if (!allowed || allowed.includes(method)) return null;
  return `${method} merges are not allowed on this repository.`;
}

function missingReview(world: World, repo: Repository, issue: PullIssue, { parameters }: Rule): string | null {
  const wanted = Number(parameters?.required_approving_review_count ?? 0);
  const opinions = opinionsOfWriters(world, repo, issue);
  if (opinions.some(({ state }) => state === 'CHANGES_REQUESTED')) return 'Changes have been requested.';
  if (opinions.filter(({ state }) => state === 'APPROVED').length < wanted) {
    return `At least ${wanted} approving review is required by reviewers with write access.`;
  }
  const threads = parameters?.required_review_thread_resolution === true ? unresolvedThreads(issue) : 0;
  return threads > 0 ? 'A conversation must be resolved before this pull request can be merged.' : null;
}

function opinionsOfWriters(world: World, repo: Repository, issue: PullIssue): Review[] {
  return latestOpinions(issue).filter(({ authorId }) => mayAtLeast(world, repo, accountOf(world, authorId), 'write'));
}

/** GitHub's `reviewDecision`: null where the base asks for no review. */
export function reviewDecision(
  world: World,
  repo: Repository,
  issue: PullIssue,
): 'CHANGES_REQUESTED' | 'APPROVED' | 'REVIEW_REQUIRED' | null {
  const counts = allRulesOf(repo, issue.pull.baseRef)
    .filter(({ type }) => type === 'pull_request')
    .map(({ parameters }) => Number(parameters?.required_approving_review_count ?? 0));
  const wanted = Math.max(0, ...counts);
  if (wanted === 0) return null;
  const opinions = opinionsOfWriters(world, repo, issue);
  if (opinions.some(({ state }) => state === 'CHANGES_REQUESTED')) return 'CHANGES_REQUESTED';
  return opinions.filter(({ state }) => state === 'APPROVED').length >= wanted ? 'APPROVED' : 'REVIEW_REQUIRED';
}

/** Whether GitHub takes approvals away when the head moves. */
export function dismissesStale(repo: Repository, issue: PullIssue): boolean {
  return allRulesOf(repo, issue.pull.baseRef).some(
    ({ type, parameters }) => type === 'pull_request' && parameters?.dismiss_stale_reviews_on_push === true,
  );
}
