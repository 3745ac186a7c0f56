import type { RestEndpointMethodTypes } from '@octokit/rest';
import type { BranchRule, RulePass } from '../../model/gate-view.ts';
import { valueAt } from './read-payload.ts';
import { appOf } from './ruleset-rules.ts';

export type RestProtection = RestEndpointMethodTypes['repos']['getBranchProtection']['response']['data'];

const source = 'branch protection';

/** Switches that ask something when on. */
const whenOn = {
  required_linear_history: 'required_linear_history',
  required_signatures: 'required_signatures',
  lock_branch: 'lock_branch',
  block_creations: 'creation',
} as const;

/** Switches that ask something when off. */
const whenOff = { allow_force_pushes: 'non_fast_forward', allow_deletions: 'deletion' } as const;

/** Says whose duty it is to keep the rest, or nothing of what a branch asks. */
const asksNothing = ['url', 'name', 'enabled', 'protection_url', 'enforce_admins', 'allow_fork_syncing'];
const readHere = [
  ...Object.keys(whenOn),
  ...Object.keys(whenOff),
  'required_pull_request_reviews',
  'required_status_checks',
  'restrictions',
  'required_conversation_resolution',
];

/** Classic protection lets an App pass by nothing but by what lists it. */
const origin = { source, pass: 'none' } as const;

/** What classic protection asks, in our words; a part that is not known is `other` unless it is switched off. */
export function rulesOfProtection(protection: RestProtection, ourAppId: number): BranchRule[] {
  const isOn = (name: string): boolean => valueAt(protection, name, 'enabled') === true;
  const on = Object.entries(whenOn).flatMap(([name, type]) => (isOn(name) ? [{ ...origin, type }] : []));
  const off = Object.entries(whenOff).flatMap(([name, type]) => (isOn(name) ? [] : [{ ...origin, type }]));
  return [
    ...reviewRules(protection, ourAppId),
    ...checkRules(protection),
    ...on,
    ...off,
    ...pushRules(protection, ourAppId),
    ...unknownParts(protection),
  ];
}

/** `apps`: as GitHub lists those that are let past. */
function passOf(apps: unknown, ourAppId: number): RulePass {
  return Array.isArray(apps) && apps.some((app: unknown) => valueAt(app, 'id') === ourAppId) ? 'push' : 'none';
}

function pushRules({ restrictions }: RestProtection, ourAppId: number): BranchRule[] {
  if (!restrictions) return [];
  return [{ source, pass: passOf(restrictions.apps, ourAppId), type: 'restrict_pushes' }];
}

function reviewRules(
  { required_pull_request_reviews: reviews, required_conversation_resolution: conversations }: RestProtection,
  ourAppId: number,
): BranchRule[] {
  const threads = conversations?.enabled === true;
  if (!reviews && !threads) return [];
  return [
    {
      source,
      // Conversations are asked of pull requests alone: a push has none.
      pass: reviews ? passOf(reviews.bypass_pull_request_allowances?.apps, ourAppId) : 'push',
      type: 'pull_request',
      // Without a number it was one (docs: before several could be asked for).
      approvals: reviews ? (reviews.required_approving_review_count ?? 1) : 0,
      dismissStale: reviews?.dismiss_stale_reviews === true,
      codeOwner: reviews?.require_code_owner_reviews === true,
      lastPushApproval: reviews?.require_last_push_approval === true,
      threads,
      methods: null,
    },
  ];
}

/** `contexts` names them all, `checks` also the App of each. */
function checkRules({ required_status_checks: required }: RestProtection): BranchRule[] {
  if (!required) return [];
  const checks = required.checks.map(({ context, app_id }) => ({ name: context, app: appOf(app_id) }));
  const named = new Set(checks.map(({ name }) => name));
  const others = required.contexts.filter((name) => !named.has(name)).map((name) => ({ name, app: null }));
  return [
    { ...origin, type: 'required_status_checks', checks: [...checks, ...others], strict: required.strict === true },
  ];
}

function unknownParts(protection: RestProtection): BranchRule[] {
  return Object.keys(protection)
    .filter((name) => !readHere.includes(name) && !asksNothing.includes(name))
    .filter((name) => valueAt(protection, name) !== null && valueAt(protection, name, 'enabled') !== false)
    .map((name) => ({ ...origin, type: 'other', name }));
}
