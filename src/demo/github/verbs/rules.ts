import { accountNamed, accountOf, repositoryNamed } from '../lookup.ts';
import type { BypassActor, BypassMode, Protection, Rule, Ruleset } from '../rule-model.ts';
import type { Repository, World } from '../world.ts';

/** Who may pass by a ruleset; `always` where no mode is given. */
export type Bypass = { readonly mode?: BypassMode } & (
  | { readonly app: number }
  | { readonly role: 'write' | 'maintain' | 'admin' }
  | { readonly organizationAdmin: true }
  | { readonly team: string }
  | { readonly user: string }
);

export interface RulesetWish {
  /** A ruleset of the same name is replaced, and keeps its id. */
  readonly name: string;
  readonly enforcement?: Ruleset['enforcement'];
  /** `~DEFAULT_BRANCH` if absent; a name without `refs/` is a branch. */
  readonly include?: readonly string[];
  readonly exclude?: readonly string[];
  /** In GitHub's shape; parameters that are left out get GitHub's usual value. */
  readonly rules: readonly Rule[];
  readonly bypass?: readonly Bypass[];
}

/** What branches demand, as administrators set it. */
export function ruleVerbs(world: World) {
  const setProtection = async (name: string, branch: string, wish: Partial<Protection> | null): Promise<void> => {
    const { protections } = repositoryNamed(world, name);
    if (wish === null) protections.delete(branch);
    else protections.set(branch, { ...usualProtection, ...wish });
  };
  const setRuleset = async (name: string, wish: RulesetWish): Promise<number> => {
    const repo = repositoryNamed(world, name);
    const known = [...repo.rulesets.values()].find((ruleset) => ruleset.name === wish.name);
    const ruleset = toRuleset(world, repo, wish, known);
    repo.rulesets.set(ruleset.id, ruleset);
    return ruleset.id;
  };
  return {
    /** `branch` may be a pattern; null takes the protection away. What is left out is GitHub's usual value: off. */
    setProtection,
    setRuleset,
    async deleteRuleset(name: string, id: number): Promise<void> {
      repositoryNamed(world, name).rulesets.delete(id);
    },
    /** The same demands as a protection and as a ruleset of the branch's name, with nobody who may pass by. */
    async setRules(
      name: string,
      branch: string,
      rules: {
        readonly requiredChecks?: Protection['requiredChecks'];
        readonly requiredApprovals?: number;
        readonly restrictPushesTo?: readonly string[];
      },
    ): Promise<void> {
      const { requiredChecks = [], requiredApprovals = 0 } = rules;
      const approvals = requiredApprovals > 0 ? requiredApprovals : null;
      const free = { allowForcePushes: true, allowDeletions: true, enforceAdmins: true };
      await setProtection(name, branch, { ...free, ...rules, requiredApprovals: approvals });
      const checks = requiredChecks.map(({ context, appId }) => ({
        context,
        ...(appId !== undefined && { integration_id: appId }),
      }));
      const demands: Rule[] = [
        ...(checks.length > 0
          ? [{ type: 'required_status_checks', parameters: { required_status_checks: checks } }]
          : []),
        ...(approvals ? [{ type: 'pull_request', parameters: { required_approving_review_count: approvals } }] : []),
      ];
      await setRuleset(name, { name: branch, include: [branch], rules: demands });
    },
  };
}

const usualProtection: Protection = {
  requiredChecks: [],
  strict: false,
  requiredApprovals: null,
  dismissStale: false,
  codeOwner: false,
  lastPushApproval: false,
  resolvedConversations: false,
  linearHistory: false,
  signatures: false,
  lockBranch: false,
  allowForcePushes: false,
  allowDeletions: false,
  enforceAdmins: false,
  restrictPushesTo: null,
  bypassPullRequest: [],
};

const usualParameters: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
  pull_request: {
    dismiss_stale_reviews_on_push: false,
    require_code_owner_review: false,
    require_last_push_approval: false,
    required_approving_review_count: 0,
    required_review_thread_resolution: false,
    allowed_merge_methods: ['merge', 'squash', 'rebase'],
  },
  required_status_checks: { strict_required_status_checks_policy: false, required_status_checks: [] },
  update: { update_allows_fetch_and_merge: false },
};

function toRuleset(world: World, repo: Repository, wish: RulesetWish, known: Ruleset | undefined): Ruleset {
  const fullRef = (pattern: string): string => (/^(~|refs\/)/.test(pattern) ? pattern : `refs/heads/${pattern}`);
  return {
    id: known?.id ?? world.ids.next(),
    name: wish.name,
    enforcement: wish.enforcement ?? 'active',
    include: (wish.include ?? ['~DEFAULT_BRANCH']).map(fullRef),
    exclude: (wish.exclude ?? []).map(fullRef),
    rules: wish.rules.map(({ type, parameters }) => {
      const all = { ...usualParameters[type], ...parameters };
      return Object.keys(all).length > 0 ? { type, parameters: all } : { type };
    }),
    bypass: (wish.bypass ?? []).map((bypass) => toActor(world, repo, bypass)),
    createdAt: known?.createdAt ?? world.now(),
    updatedAt: world.now(),
  };
}

// The ids of roles are GitHub's own; an organisation's administrators have 1.
function toActor(world: World, repo: Repository, { mode = 'always', ...who }: Bypass): BypassActor {
  if ('app' in who) return { actorType: 'Integration', actorId: who.app, mode };
  if ('role' in who)
    return { actorType: 'RepositoryRole', actorId: { maintain: 2, write: 4, admin: 5 }[who.role], mode };
  if ('organizationAdmin' in who) return { actorType: 'OrganizationAdmin', actorId: 1, mode };
  if ('user' in who) return { actorType: 'User', actorId: accountNamed(world, who.user).id, mode };
  const team = accountOf(world, repo.ownerId).teams.get(who.team);
  if (!team) throw new Error(`the stand-in GitHub knows no team ${JSON.stringify(who.team)} (create it first)`);
  return { actorType: 'Team', actorId: team.id, mode };
}
