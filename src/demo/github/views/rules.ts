import { fullName } from '../lookup.ts';
import type { BranchRules, Repository, World } from '../world.ts';
import { isoTime, repositoryApi, repositoryPage } from './urls.ts';

/** GitHub's `status-check-policy`. */
export function requiredChecksView(world: World, repo: Repository, branch: string, rules: BranchRules) {
  const url = `${repositoryApi(world, repo)}/branches/${branch}/protection/required_status_checks`;
  return {
    url,
    strict: false,
    contexts: rules.requiredChecks.map(({ context }) => context),
    checks: rules.requiredChecks.map(({ context, appId }) => ({ context, app_id: appId ?? null })),
    contexts_url: `${url}/contexts`,
  };
}

/** GitHub's `branch-protection`. */
export function protectionView(world: World, repo: Repository, branch: string, rules: BranchRules) {
  const url = `${repositoryApi(world, repo)}/branches/${branch}/protection`;
  return {
    url,
    required_status_checks: requiredChecksView(world, repo, branch, rules),
    ...(rules.requiredApprovals > 0 && {
      required_pull_request_reviews: {
        url: `${url}/required_pull_request_reviews`,
        dismiss_stale_reviews: false,
        require_code_owner_reviews: false,
        required_approving_review_count: rules.requiredApprovals,
      },
    }),
    enforce_admins: { url: `${url}/enforce_admins`, enabled: true },
    required_linear_history: { enabled: false },
    allow_force_pushes: { enabled: true },
    allow_deletions: { enabled: true },
  };
}

function rulesOf(rules: BranchRules): Record<string, unknown>[] {
  const checks = rules.requiredChecks.map(({ context, appId }) => ({
    context,
    ...(appId !== undefined && { integration_id: appId }),
  }));
  return [
    ...(checks.length > 0
      ? [
          {
            type: 'required_status_checks',
            parameters: { strict_required_status_checks_policy: false, required_status_checks: checks },
          },
        ]
      : []),
    ...(rules.requiredApprovals > 0
      ? [
          {
            type: 'pull_request',
            parameters: {
              dismiss_stale_reviews_on_push: false,
              require_code_owner_review: false,
              require_last_push_approval: false,
              required_approving_review_count: rules.requiredApprovals,
              required_review_thread_resolution: false,
            },
          },
        ]
      : []),
  ];
}

/** GitHub's `repository-rule-detailed`, one for each rule. */
export function branchRulesView(world: World, repo: Repository, rules: BranchRules) {
  const source = { ruleset_source_type: 'Repository', ruleset_source: fullName(world, repo) };
  return rulesOf(rules).map((rule) => ({ ...rule, ...source, ruleset_id: rules.rulesetId }));
}

/** GitHub's `repository-ruleset`. */
export function rulesetView(world: World, repo: Repository, branch: string, rules: BranchRules) {
  return {
    id: rules.rulesetId,
    name: branch,
    target: 'branch',
    source_type: 'Repository',
    source: fullName(world, repo),
    enforcement: 'active',
    node_id: btoa(`Ruleset:${rules.rulesetId}`),
    _links: {
      self: { href: `${repositoryApi(world, repo)}/rulesets/${rules.rulesetId}` },
      html: { href: `${repositoryPage(world, repo)}/rules/${rules.rulesetId}` },
    },
    conditions: { ref_name: { include: [`refs/heads/${branch}`], exclude: [] } },
    rules: rulesOf(rules),
    created_at: isoTime(repo.createdAt),
    updated_at: isoTime(repo.createdAt),
  };
}
