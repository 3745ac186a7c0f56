/** A rule in GitHub's own shape; one whose type the stand-in does not enforce is shown all the same. */
export interface Rule {
  readonly type: string;
  readonly parameters?: Readonly<Record<string, unknown>>;
}

export type BypassMode = 'always' | 'pull_request' | 'exempt';

/** Who need not keep to a ruleset; ids are GitHub's: of an App, a role (2 maintain, 4 write, 5 admin), a team, a user. */
export interface BypassActor {
  readonly actorType: 'Integration' | 'RepositoryRole' | 'OrganizationAdmin' | 'Team' | 'User';
  readonly actorId: number;
  readonly mode: BypassMode;
}

export interface Ruleset {
  readonly id: number;
  readonly name: string;
  readonly enforcement: 'active' | 'evaluate' | 'disabled';
  /** Full refs with `*`, `**` and `?`, or `~DEFAULT_BRANCH`, `~ALL`. */
  readonly include: readonly string[];
  readonly exclude: readonly string[];
  readonly rules: readonly Rule[];
  readonly bypass: readonly BypassActor[];
  readonly createdAt: number;
  readonly updatedAt: number;
}

/** Classic protection of a branch, or of all branches that a pattern takes in. */
export interface Protection {
  readonly requiredChecks: readonly { readonly context: string; readonly appId?: number }[];
  readonly strict: boolean;
  /** Null: no pull request is asked for. */
  readonly requiredApprovals: number | null;
  readonly dismissStale: boolean;
  readonly codeOwner: boolean;
  readonly lastPushApproval: boolean;
  readonly resolvedConversations: boolean;
  readonly linearHistory: boolean;
  readonly signatures: boolean;
  readonly lockBranch: boolean;
  readonly allowForcePushes: boolean;
  readonly allowDeletions: boolean;
  readonly enforceAdmins: boolean;
  /** Logins (a bot's for an App) that may push; null: anyone who may write. */
  readonly restrictPushesTo: readonly string[] | null;
  /** Logins that need no pull request. */
  readonly bypassPullRequest: readonly string[];
}
