import type { Conclusion } from './check-run.ts';
import type { Permission, Person } from './person.ts';
import type { PullRequest } from './pull-request.ts';
import type { Sha } from './sha.ts';

/** What a person last said in reviews of a pull request. */
export interface Review {
  readonly by: Person;
  readonly state: 'approved' | 'changes-requested' | 'dismissed';
  /** The head it was given for. */
  readonly commit: Sha;
  readonly at: number;
  /** The reviewer's permission now; null: it could not be read, which never counts as enough. */
  readonly permission: Permission | null;
}

/** The latest of one name and app on a head: a check run, or a commit status. */
export interface HeadCheck {
  readonly name: string;
  /** Numeric id of the App that wrote it; null for a commit status by a person's token. */
  readonly app: number | null;
  readonly kind: 'check-run' | 'status';
  /** Null: not concluded. */
  readonly conclusion: Conclusion | 'stale' | null;
  readonly at: number;
  /** What its App calls it; null or left out: nothing. */
  readonly externalId?: string | null;
}

/** Everything about one pull request that the gate judges (gate.md §2). */
export interface GateView {
  readonly pull: PullRequest;
  /** The description; an author's words. */
  readonly body: string;
  /** The latest of each person. */
  readonly reviews: readonly Review[];
  /** True where code owners must approve and have. Null: the forge does not say. */
  readonly codeOwnersApproved: boolean | null;
  readonly checks: readonly HeadCheck[];
  /** Conversations not resolved; null: they could not be counted. */
  readonly unresolved: number | null;
  readonly autoMerge: boolean;
  /** What the forge merged it as; null or left out: it did not, or does not say. */
  readonly mergedAs?: Sha | null;
  /** Who pushed the newest commit; null: not known. */
  readonly lastPusher: Person | null;
  /** Whether the forge verified every commit's signature; null: not known. */
  readonly signed: boolean | null;
  /** How many commits it has; null: not known. */
  readonly commits: number | null;
}

/**
 * How our App may pass by a rule: not at all, only by merging a pull request, or by a push too. What a rule asks of a change,
 * the gate asks all the same; this says whether the forge lets the gate carry it out.
 */
export type RulePass = 'none' | 'merge' | 'push';

/** One rule of a branch, from its protection or a ruleset; `pass` null: the forge does not say. */
export type BranchRule = { readonly source: string; readonly pass: RulePass | null } & (
  | {
      readonly type: 'pull_request';
      readonly approvals: number;
      readonly dismissStale: boolean;
      readonly codeOwner: boolean;
      readonly lastPushApproval: boolean;
      readonly threads: boolean;
      /** Null: every method. */
      readonly methods: readonly ('merge' | 'squash' | 'rebase')[] | null;
    }
  | {
      readonly type: 'required_status_checks';
      readonly checks: readonly { readonly name: string; readonly app: number | null }[];
      readonly strict: boolean;
    }
  | {
      readonly type:
        | 'required_signatures'
        | 'required_linear_history'
        | 'merge_queue'
        | 'update'
        | 'creation'
        | 'deletion'
        | 'non_fast_forward'
        | 'lock_branch'
        | 'restrict_pushes';
    }
  /** One that we do not know how to judge: named, and nothing lands in spite of it. */
  | { readonly type: 'other'; readonly name: string }
);

/** What a branch asks of whoever changes it. */
export interface BranchRules {
  readonly rules: readonly BranchRule[];
}
