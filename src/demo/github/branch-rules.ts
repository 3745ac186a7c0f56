import { accountOf, mayAtLeast, permissionOf } from './lookup.ts';
import type { BypassActor, BypassMode, Protection, Rule, Ruleset } from './rule-model.ts';
import type { Account, App, Repository, World } from './world.ts';

/** A rule that holds for a branch, and how it came to be. */
export type BranchRule = Rule & { readonly from: Protection | Ruleset };

/** What holds for a branch: the protection of its very name, else of the first pattern that takes it in. */
export function protectionOf(repo: Repository, branch: string): Protection | null {
  const exact = repo.protections.get(branch);
  if (exact) return exact;
  return [...repo.protections].find(([pattern]) => matchesPattern(pattern, branch))?.[1] ?? null;
}

/** The active rulesets that take a branch in, oldest first. */
export function rulesetsOf(repo: Repository, branch: string): Ruleset[] {
  return [...repo.rulesets.values()].filter(
    (ruleset) =>
      ruleset.enforcement === 'active' && names(repo, ruleset.include, branch) && !names(repo, ruleset.exclude, branch),
  );
}

function names(repo: Repository, patterns: readonly string[], branch: string): boolean {
  return patterns.some((pattern) => {
    if (pattern === '~ALL') return true;
    if (pattern === '~DEFAULT_BRANCH') return branch === repo.defaultBranch;
    return matchesPattern(pattern, `refs/heads/${branch}`);
  });
}

// As Ruby's File.fnmatch with FNM_PATHNAME, which GitHub names: `*` stays within a segment, `**/` spans them.
function matchesPattern(pattern: string, name: string): boolean {
  const source = pattern.replace(/\*\*\/|\*|\?|[.+^${}()|\\]/g, (found) => {
    if (found === '**/') return '(?:.*/)?';
    if (found === '*') return '[^/]*';
    return found === '?' ? '[^/]' : `\\${found}`;
  });
  return new RegExp(`^${source}$`).test(name);
}

/** Everything that a branch asks, whoever comes. */
export function allRulesOf(repo: Repository, branch: string): BranchRule[] {
  const protection = protectionOf(repo, branch);
  return [
    ...rulesetsOf(repo, branch).flatMap((from) => from.rules.map((rule) => ({ ...rule, from }))),
    ...(protection ? rulesOfProtection(protection).map((rule) => ({ ...rule, from: protection })) : []),
  ];
}

/** What a branch asks of one account: the rules that it need not keep to are left out. */
export function rulesFor(
  world: World,
  repo: Repository,
  branch: string,
  { by, through }: { readonly by: Account; readonly through: 'push' | 'pull_request' },
): BranchRule[] {
  return allRulesOf(repo, branch).filter((rule) => {
    if (!isRuleset(rule.from)) return !bypassesProtection(world, repo, rule.from, rule, by);
    const mode = bypassMode(world, repo, rule.from, by);
    return mode === null || (mode === 'pull_request' && through === 'push');
  });
}

export function isRuleset(from: Protection | Ruleset): from is Ruleset {
  return 'enforcement' in from;
}

/** Classic protection, said in rules; `lock_branch` and `restrict_pushes` are names of ours. */
function rulesOfProtection(protection: Protection): Rule[] {
  const { requiredChecks, requiredApprovals } = protection;
  const checks = requiredChecks.map(({ context, appId }) => ({
    context,
    ...(appId !== undefined && { integration_id: appId }),
  }));
  const rules: [boolean, Rule][] = [
    [checks.length > 0, { type: 'required_status_checks', parameters: { required_status_checks: checks } }],
    [requiredApprovals !== null, { type: 'pull_request', parameters: pullRequestOf(protection) }],
    [protection.linearHistory, { type: 'required_linear_history' }],
    [protection.signatures, { type: 'required_signatures' }],
    [protection.lockBranch, { type: 'lock_branch' }],
    [!protection.allowForcePushes, { type: 'non_fast_forward' }],
    [!protection.allowDeletions, { type: 'deletion' }],
    [protection.restrictPushesTo !== null, { type: 'restrict_pushes' }],
  ];
  return rules.filter(([holds]) => holds).map(([, rule]) => rule);
}

function pullRequestOf(protection: Protection): Record<string, unknown> {
  return {
    dismiss_stale_reviews_on_push: protection.dismissStale,
    require_code_owner_review: protection.codeOwner,
    require_last_push_approval: protection.lastPushApproval,
    required_approving_review_count: protection.requiredApprovals,
    required_review_thread_resolution: protection.resolvedConversations,
  };
}

// Force pushes and deletions are kept from administrators too (docs: about protected branches).
function bypassesProtection(
  world: World,
  repo: Repository,
  protection: Protection,
  { type }: Rule,
  by: Account,
): boolean {
  if (type === 'restrict_pushes' && protection.restrictPushesTo?.includes(by.login)) return true;
  if (type === 'pull_request' && protection.bypassPullRequest.includes(by.login)) return true;
  const forAll = type === 'non_fast_forward' || type === 'deletion';
  return !forAll && !protection.enforceAdmins && permissionOf(world, repo, by) === 'admin';
}

/** How an account may pass by a ruleset; the widest of its ways, null for none. */
export function bypassMode(world: World, repo: Repository, ruleset: Ruleset, by: Account): BypassMode | null {
  const modes = ruleset.bypass.filter((actor) => isActor(world, repo, actor, by)).map(({ mode }) => mode);
  const widest: readonly BypassMode[] = ['exempt', 'always', 'pull_request'];
  return widest.find((mode) => modes.includes(mode)) ?? null;
}

const roles: Readonly<Record<number, 'maintain' | 'write' | 'admin'>> = { 2: 'maintain', 4: 'write', 5: 'admin' };

function isActor(world: World, repo: Repository, { actorType, actorId }: BypassActor, by: Account): boolean {
  const owner = accountOf(world, repo.ownerId);
  switch (actorType) {
    case 'Integration':
      return appOfBot(world, by)?.id === actorId;
    case 'RepositoryRole':
      return by.kind === 'User' && mayAtLeast(world, repo, by, roles[actorId] ?? 'admin');
    case 'OrganizationAdmin':
      return owner.members.get(by.id) === 'admin';
    case 'Team':
      return [...owner.teams.values()].some((team) => team.id === actorId && team.members.has(by.id));
    case 'User':
      return by.id === actorId;
  }
}

export function appOfBot(world: World, bot: Account): App | undefined {
  return [...world.apps.values()].find(({ botId }) => botId === bot.id);
}
