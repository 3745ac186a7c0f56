import { allRulesOf, appOfBot, bypassMode, isRuleset } from '../branch-rules.ts';
import { findAccount, fullName } from '../lookup.ts';
import type { BypassActor, Protection, Ruleset } from '../rule-model.ts';
import type { Account, Repository, World } from '../world.ts';
import { userView } from './accounts.ts';
import { appView } from './apps.ts';
import { isoTime, repositoryApi, repositoryPage } from './urls.ts';

/** GitHub's `status-check-policy`. */
export function requiredChecksView(world: World, repo: Repository, branch: string, protection: Protection) {
  const url = `${repositoryApi(world, repo)}/branches/${branch}/protection/required_status_checks`;
  return {
    url,
    strict: protection.strict,
    contexts: protection.requiredChecks.map(({ context }) => context),
    checks: protection.requiredChecks.map(({ context, appId }) => ({ context, app_id: appId ?? null })),
    contexts_url: `${url}/contexts`,
  };
}

/** GitHub's `branch-protection`. */
export function protectionView(world: World, repo: Repository, branch: string, protection: Protection) {
  const url = `${repositoryApi(world, repo)}/branches/${branch}/protection`;
  const { requiredApprovals, restrictPushesTo } = protection;
  return {
    url,
    ...(protection.requiredChecks.length > 0 && {
      required_status_checks: requiredChecksView(world, repo, branch, protection),
    }),
    ...(requiredApprovals !== null && {
      required_pull_request_reviews: reviewsView(world, url, protection, requiredApprovals),
    }),
    ...(restrictPushesTo && { restrictions: restrictionsView(world, url, restrictPushesTo) }),
    enforce_admins: { url: `${url}/enforce_admins`, enabled: protection.enforceAdmins },
    required_linear_history: { enabled: protection.linearHistory },
    required_signatures: { url: `${url}/required_signatures`, enabled: protection.signatures },
    allow_force_pushes: { enabled: protection.allowForcePushes },
    allow_deletions: { enabled: protection.allowDeletions },
    block_creations: { enabled: false },
    required_conversation_resolution: { enabled: protection.resolvedConversations },
    lock_branch: { enabled: protection.lockBranch },
    allow_fork_syncing: { enabled: false },
  };
}

function reviewsView(world: World, url: string, protection: Protection, approvals: number) {
  return {
    url: `${url}/required_pull_request_reviews`,
    dismiss_stale_reviews: protection.dismissStale,
    require_code_owner_reviews: protection.codeOwner,
    required_approving_review_count: approvals,
    require_last_push_approval: protection.lastPushApproval,
    ...(protection.bypassPullRequest.length > 0 && {
      bypass_pull_request_allowances: { ...named(world, protection.bypassPullRequest), teams: [] },
    }),
  };
}

function restrictionsView(world: World, url: string, logins: readonly string[]) {
  const self = `${url}/restrictions`;
  const urls = { url: self, users_url: `${self}/users`, teams_url: `${self}/teams`, apps_url: `${self}/apps` };
  return { ...urls, ...named(world, logins), teams: [] };
}

function named(world: World, logins: readonly string[]) {
  const accounts = logins.flatMap((login) => findAccount(world, login) ?? []);
  return {
    users: accounts.filter(({ kind }) => kind === 'User').map((account) => userView(world, account)),
    apps: accounts.flatMap((account) => appOfBot(world, account) ?? []).map((app) => appView(world, app)),
  };
}

/** GitHub's `repository-rule-detailed`, one for each rule of the active rulesets; classic protection is not among them. */
export function branchRulesView(world: World, repo: Repository, branch: string) {
  return allRulesOf(repo, branch).flatMap(({ from, ...rule }) => {
    if (!isRuleset(from)) return [];
    const source = { ruleset_source_type: 'Repository', ruleset_source: fullName(world, repo) };
    return [{ ...rule, ...source, ruleset_id: from.id }];
  });
}

/** GitHub's `repository-ruleset` as lists have it: without what it asks. */
export function rulesetEntryView(world: World, repo: Repository, ruleset: Ruleset) {
  return {
    id: ruleset.id,
    name: ruleset.name,
    target: 'branch',
    source_type: 'Repository',
    source: fullName(world, repo),
    enforcement: ruleset.enforcement,
    node_id: btoa(`Ruleset:${ruleset.id}`),
    _links: {
      self: { href: `${repositoryApi(world, repo)}/rulesets/${ruleset.id}` },
      html: { href: `${repositoryPage(world, repo)}/rules/${ruleset.id}` },
    },
    created_at: isoTime(ruleset.createdAt),
    updated_at: isoTime(ruleset.updatedAt),
  };
}

/** GitHub's `repository-ruleset`; who may pass by it is told only to those who may change it (GH-OA, get-repo-ruleset). */
export function rulesetView(
  world: World,
  repo: Repository,
  ruleset: Ruleset,
  { by, mayChange }: { readonly by: Account | null; readonly mayChange: boolean },
) {
  const { include, exclude, bypass } = ruleset;
  return {
    ...rulesetEntryView(world, repo, ruleset),
    conditions: { ref_name: { include, exclude } },
    rules: ruleset.rules,
    ...(mayChange && { bypass_actors: bypass.map(bypassActorView) }),
    ...(by && { current_user_can_bypass: canBypass(world, repo, ruleset, by) }),
  };
}

function bypassActorView({ actorId, actorType, mode }: BypassActor) {
  return { actor_id: actorId, actor_type: actorType, bypass_mode: mode };
}

function canBypass(world: World, repo: Repository, ruleset: Ruleset, by: Account): string {
  const mode = bypassMode(world, repo, ruleset, by) ?? 'never';
  return mode === 'pull_request' ? 'pull_requests_only' : mode;
}
