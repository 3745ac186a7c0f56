import type { BranchRule, RulePass } from '../../model/gate-view.ts';
import { valueAt } from './read-payload.ts';

/** One rule as REST lists it for a branch. */
export interface RestRule {
  readonly type: string;
  readonly parameters?: unknown;
  readonly ruleset_id?: number;
}

type Plain = Exclude<BranchRule['type'], 'pull_request' | 'required_status_checks' | 'other'>;
type LandingMethods = Extract<BranchRule, { type: 'pull_request' }>['methods'];

const plainTypes: readonly string[] = [
  'required_signatures',
  'required_linear_history',
  'merge_queue',
  'update',
  'creation',
  'deletion',
  'non_fast_forward',
] satisfies Plain[];

/** Where a rule is from, and how we may pass by it. */
export type RuleOrigin = Pick<BranchRule, 'source' | 'pass'>;

/** GitHub's `current_user_can_bypass`. */
const passes: Readonly<Record<string, RulePass>> = {
  always: 'push',
  exempt: 'push',
  pull_requests_only: 'merge',
  never: 'none',
};

/** What is told of a ruleset; one that is not shown is called by its number. */
export function originOf(id: number, ruleset: unknown): RuleOrigin {
  const name = valueAt(ruleset, 'name');
  const pass = valueAt(ruleset, 'current_user_can_bypass');
  return {
    source: `ruleset ${typeof name === 'string' ? name : id}`,
    pass: (typeof pass === 'string' ? passes[pass] : undefined) ?? null,
  };
}

/** What a rule asks in our words; one that is not known or not understood is `other`, never none. */
export function toBranchRules(rule: RestRule, origin: RuleOrigin): BranchRule[] {
  const other = (name: string): BranchRule => ({ ...origin, type: 'other', name });
  if (plainTypes.includes(rule.type)) return [{ ...origin, type: rule.type as Plain }];
  if (rule.type === 'required_status_checks') return [requiredChecks(rule, origin) ?? other(rule.type)];
  if (rule.type !== 'pull_request') return [other(rule.type)];
  const reviewers = valueAt(rule.parameters, 'required_reviewers');
  const hasReviewers = reviewers !== undefined && (!Array.isArray(reviewers) || reviewers.length > 0);
  return [
    pullRequest(rule, origin) ?? other(rule.type),
    ...(hasReviewers ? [other('pull_request: required_reviewers')] : []),
  ];
}

/** Null: it is not of the form that GitHub describes. */
function pullRequest({ parameters }: RestRule, origin: RuleOrigin): BranchRule | null {
  const approvals = valueAt(parameters, 'required_approving_review_count');
  const methods = valueAt(parameters, 'allowed_merge_methods') ?? null;
  const flags = [
    'dismiss_stale_reviews_on_push',
    'require_code_owner_review',
    'require_last_push_approval',
    'required_review_thread_resolution',
  ].map((name) => valueAt(parameters, name));
  const [dismissStale, codeOwner, lastPushApproval, threads] = flags;
  if (typeof approvals !== 'number' || !areMethods(methods)) return null;
  if (typeof dismissStale !== 'boolean' || typeof codeOwner !== 'boolean') return null;
  if (typeof lastPushApproval !== 'boolean' || typeof threads !== 'boolean') return null;
  return { ...origin, type: 'pull_request', approvals, dismissStale, codeOwner, lastPushApproval, threads, methods };
}

function areMethods(value: unknown): value is LandingMethods {
  const known = ['merge', 'squash', 'rebase'];
  return value === null || (Array.isArray(value) && value.every((method) => known.includes(method)));
}

function requiredChecks({ parameters }: RestRule, origin: RuleOrigin): BranchRule | null {
  const listed = valueAt(parameters, 'required_status_checks');
  const strict = valueAt(parameters, 'strict_required_status_checks_policy');
  if (!Array.isArray(listed) || typeof strict !== 'boolean') return null;
  const checks = listed.flatMap((check: unknown) => {
    const name = valueAt(check, 'context');
    return typeof name === 'string' ? [{ name, app: appOf(valueAt(check, 'integration_id')) }] : [];
  });
  return checks.length < listed.length ? null : { ...origin, type: 'required_status_checks', checks, strict };
}

/** GitHub says "any App" by nothing, null or -1. */
export function appOf(id: unknown): number | null {
  return typeof id === 'number' && id > 0 ? id : null;
}
