import type { KeyObject } from 'node:crypto';
import type { CheckRun, CheckSuite } from './check-model.ts';
import type { Ids } from './ids.ts';
import type { Lag } from './lags.ts';
import type { MergedMarks } from './merged-marks.ts';
import type { Outbox } from './outbox.ts';
import type { Protection, Ruleset } from './rule-model.ts';

/** What a person may do in one repository, weakest first. */
export const permissionLevels = ['none', 'read', 'triage', 'write', 'maintain', 'admin'] as const;
export type Permission = (typeof permissionLevels)[number];

/** What an App may do, by permission name; a name that is absent is no access. */
export type AppPermissions = Readonly<Record<string, 'read' | 'write' | 'admin'>>;

/** A person, an organisation, or the bot in whose name an App acts. */
export interface Account {
  readonly id: number;
  readonly kind: 'User' | 'Organization' | 'Bot';
  login: string;
  readonly name: string;
  readonly email: string;
  readonly createdAt: number;
  /** Organisations only; empty for the others. */
  readonly members: Map<number, 'member' | 'admin'>;
  readonly teams: Map<string, Team>;
  basePermission: Permission;
}

export interface Team {
  readonly id: number;
  readonly slug: string;
  readonly members: Set<number>;
  readonly repositories: Map<number, Permission>;
}

export interface Label {
  readonly id: number;
  readonly name: string;
  readonly color: string;
  readonly description: string;
}

export interface Repository {
  readonly id: number;
  ownerId: number;
  name: string;
  private: boolean;
  archived: boolean;
  defaultBranch: string;
  readonly parentId: number | null;
  readonly description: string | null;
  readonly topics: readonly string[];
  readonly createdAt: number;
  pushedAt: number;
  updatedAt: number;
  nextNumber: number;
  readonly merges: { commit: boolean; squash: boolean; rebase: boolean };
  readonly collaborators: Map<number, Permission>;
  readonly labels: Map<string, Label>;
  /** By branch, or by a pattern of branches. */
  readonly protections: Map<string, Protection>;
  readonly rulesets: Map<number, Ruleset>;
  readonly issues: Map<number, Issue>;
  readonly activity: Activity[];
}

/** One line of a repository's public events, newest last. */
export interface Activity {
  readonly id: number;
  readonly type: 'PushEvent' | 'CreateEvent' | 'DeleteEvent' | 'PullRequestEvent';
  readonly actorId: number;
  readonly at: number;
  readonly payload: Readonly<Record<string, unknown>>;
}

/** An issue; a pull request is an issue with `pull`. */
export interface Issue {
  readonly id: number;
  readonly number: number;
  readonly repositoryId: number;
  readonly authorId: number;
  title: string;
  body: string | null;
  state: 'open' | 'closed';
  readonly createdAt: number;
  updatedAt: number;
  closedAt: number | null;
  closedById: number | null;
  /** Of the body; the title does not count. */
  bodyEditedAt: number | null;
  readonly labels: string[];
  readonly reactions: Reaction[];
  readonly events: IssueEvent[];
  readonly pull: Pull | null;
}

export interface IssueEvent {
  readonly id: number;
  readonly event: string;
  readonly actorId: number;
  readonly at: number;
  readonly detail: Readonly<Record<string, unknown>>;
}

/** `unasked`: nobody asked since the last move; `asked`: the next answer has it. */
export type Mergeability =
  | { readonly state: 'unasked' }
  | { readonly state: 'asked' }
  | { readonly state: 'known'; readonly mergeCommit: string | null };

export interface Pull {
  readonly id: number;
  /** Null once the fork is gone. */
  headRepositoryId: number | null;
  readonly headOwner: string;
  readonly headRef: string;
  headSha: string;
  /** When the head was forced, ms, oldest first. */
  readonly forcedAt: number[];
  baseRef: string;
  baseSha: string;
  draft: boolean;
  mergeability: Mergeability;
  merged: { readonly at: number; readonly byId: number; readonly sha: string } | null;
  autoMerge: AutoMerge | null;
  readonly reviews: Review[];
  readonly reviewComments: ReviewComment[];
  /** Counted once for each pair of commits. */
  totals: PullTotals | null;
}

export interface AutoMerge {
  readonly byId: number;
  readonly method: 'merge' | 'squash' | 'rebase';
  readonly at: number;
}

export interface PullTotals {
  readonly of: string;
  readonly commits: number;
  readonly files: number;
  readonly additions: number;
  readonly deletions: number;
}

export interface Review {
  readonly id: number;
  readonly authorId: number;
  state: 'APPROVED' | 'CHANGES_REQUESTED' | 'COMMENTED' | 'DISMISSED' | 'PENDING';
  body: string;
  readonly commit: string;
  readonly createdAt: number;
  readonly submittedAt: number;
  editedAt: number | null;
  readonly reactions: Reaction[];
}

export interface ReviewComment {
  readonly id: number;
  readonly reviewId: number;
  readonly authorId: number;
  readonly path: string;
  readonly line: number;
  readonly commit: string;
  readonly diffHunk: string;
  body: string;
  readonly createdAt: number;
  updatedAt: number;
  /** Who resolved the conversation that it began; null while it is open. */
  resolvedById: number | null;
  readonly reactions: Reaction[];
}

export interface Comment {
  readonly id: number;
  readonly repositoryId: number;
  readonly number: number;
  readonly authorId: number;
  /** The App through which it was written, if any. */
  readonly appId: number | null;
  body: string;
  readonly createdAt: number;
  updatedAt: number;
  editedAt: number | null;
  readonly reactions: Reaction[];
}

export interface Reaction {
  readonly id: number;
  readonly authorId: number;
  readonly content: string;
  readonly at: number;
}

export interface CommitStatus {
  readonly id: number;
  readonly repositoryId: number;
  readonly sha: string;
  readonly context: string;
  readonly state: 'error' | 'failure' | 'pending' | 'success';
  readonly description: string | null;
  readonly targetUrl: string | null;
  readonly creatorId: number;
  readonly at: number;
}

export interface App {
  readonly id: number;
  readonly slug: string;
  readonly name: string;
  readonly description: string;
  readonly externalUrl: string;
  readonly ownerId: number;
  readonly botId: number;
  readonly clientId: string;
  readonly clientSecret: string;
  readonly publicKey: KeyObject;
  readonly privateKey: string;
  permissions: AppPermissions;
  readonly events: readonly string[];
  readonly hookId: number;
  readonly webhookSecret: string;
  webhookUrl: string | null;
  readonly createdAt: number;
}

export interface Installation {
  readonly id: number;
  readonly appId: number;
  readonly accountId: number;
  repositories: 'all' | Set<number>;
  suspendedAt: number | null;
  readonly createdAt: number;
}

/** A token that was given out. `repositories` null: all that the installation sees. */
export type Token =
  | { readonly kind: 'personal'; readonly accountId: number }
  | {
      readonly kind: 'installation';
      readonly installationId: number;
      readonly repositories: ReadonlySet<number> | null;
      readonly permissions: AppPermissions;
      readonly expiresAt: number;
    };

/** Everything this GitHub knows, besides what is in the bare repositories. */
export interface World {
  readonly folder: string;
  /** Web address without a slash at the end; filled in when the server listens. */
  url: string;
  readonly now: () => number;
  readonly ids: Ids;
  readonly outbox: Outbox;
  readonly mergedMarks: MergedMarks;
  readonly accounts: Map<number, Account>;
  readonly repositories: Map<number, Repository>;
  /** Former full names, lower case, to repository id. */
  readonly formerNames: Map<string, number>;
  readonly comments: Map<number, Comment>;
  readonly suites: Map<number, CheckSuite>;
  readonly checkRuns: Map<number, CheckRun>;
  readonly statuses: CommitStatus[];
  readonly apps: Map<number, App>;
  readonly installations: Map<number, Installation>;
  readonly tokens: Map<string, Token>;
  /** Code of the manifest flow → App id; a code is gone once it was used. */
  readonly manifestCodes: Map<string, number>;
  readonly lags: Lag[];
  /** How many merges by the button still get a tree that is not the merge's, by repository. */
  readonly miscomputed: Map<number, number>;
  /** One at a time for each repository: pushes, merges, pull request moves. */
  readonly locks: Map<number, Promise<unknown>>;
}
