import type { GateSettings } from '../../../model/gate-settings.ts';
import type { BranchRule, BranchRules, GateView, Review } from '../../../model/gate-view.ts';
import type { Permission, Person } from '../../../model/person.ts';
import { byText } from './question.ts';

export type PullRequestRule = Extract<BranchRule, { type: 'pull_request' }>;

const mayWrite: ReadonlySet<Permission> = new Set(['write', 'maintain', 'admin']);

export function pullRequestRules(rules: BranchRules | null): PullRequestRule[] {
  return (rules?.rules ?? []).filter((rule) => rule.type === 'pull_request');
}

/** Who approves and who objects; sorted by login, each person at most once in each list. */
export interface Tally {
  readonly counted: readonly Person[];
  /** They approve, and whether they may write could not be read. */
  readonly unreadable: readonly Person[];
  /** Why other approvals do not count. */
  readonly uncounted: readonly { readonly by: Person; readonly because: UncountedReason }[];
  readonly objecting: readonly Person[];
  /** They object, and whether they may write could not be read. */
  readonly mayObject: readonly Person[];
}

type UncountedReason = 'older-head' | 'no-write' | 'own' | 'pushed-last';
type Voice = keyof Tally;

interface Ballot {
  readonly by: Person;
  readonly voice: Voice;
  readonly because: UncountedReason | null;
}

function reviewsByPerson(reviews: readonly Review[]): Review[][] {
  const byPerson = new Map<number, Review[]>();
  for (const review of reviews) byPerson.set(review.by.id, [...(byPerson.get(review.by.id) ?? []), review]);
  return [...byPerson.values()];
}

/** The approvals that nothing of the same person came after; at the same moment, the objection is the later one. */
function standingApprovals(reviews: readonly Review[]): Review[] {
  const ended = Math.max(-Infinity, ...reviews.filter(({ state }) => state !== 'approved').map(({ at }) => at));
  return reviews.filter(({ state, at }) => state === 'approved' && at > ended);
}

function standingObjections(reviews: readonly Review[]): Review[] {
  const last = Math.max(...reviews.map(({ at }) => at));
  return reviews.filter(({ state, at }) => state === 'changes-requested' && at === last);
}

function isWriter({ permission }: Review): boolean {
  return permission !== null && mayWrite.has(permission);
}

interface Reading {
  /** Only approvals of this exact head count. */
  readonly exactHead: boolean;
  /** Who pushed last approves nothing. */
  readonly othersThanPusher: boolean;
}

/** As named in the newest review: a login may have changed since. */
function personOf(reviews: readonly Review[]): Person | null {
  const newest = [...reviews].sort((a, b) => b.at - a.at || byText(a.by.login, b.by.login));
  return newest[0]?.by ?? null;
}

function approvalBallot(by: Person, approvals: readonly Review[], view: GateView, reading: Reading): Ballot {
  const uncounted = (because: UncountedReason): Ballot => ({ by, voice: 'uncounted', because });
  if (by.id === view.pull.author.id) return uncounted('own');
  if (reading.othersThanPusher && by.id === view.lastPusher?.id) return uncounted('pushed-last');
  const timely = approvals.filter(({ commit }) => !reading.exactHead || commit === view.pull.head);
  if (timely.length === 0) return uncounted('older-head');
  if (timely.some(isWriter)) return { by, voice: 'counted', because: null };
  const isUnreadable = timely.some(({ permission }) => permission === null);
  return isUnreadable ? { by, voice: 'unreadable', because: null } : uncounted('no-write');
}

function ballotOf(reviews: readonly Review[], view: GateView, reading: Reading): Ballot | null {
  const by = personOf(reviews);
  if (by === null) return null;
  const objections = standingObjections(reviews);
  if (objections.some(isWriter)) return { by, voice: 'objecting', because: null };
  if (objections.some(({ permission }) => permission === null)) return { by, voice: 'mayObject', because: null };
  const approvals = standingApprovals(reviews);
  return approvals.length === 0 ? null : approvalBallot(by, approvals, view, reading);
}

/** Counts what stands of each person's reviews; whoever may not write, or wrote the change, neither opens nor closes. */
export function tallyReviews(view: GateView, reading: Reading): Tally {
  const ballots = reviewsByPerson(view.reviews)
    .flatMap((reviews) => ballotOf(reviews, view, reading) ?? [])
    .sort((a, b) => byText(a.by.login, b.by.login) || a.by.id - b.by.id);
  const of = (voice: Voice): Person[] => ballots.filter((ballot) => ballot.voice === voice).map(({ by }) => by);
  return {
    counted: of('counted'),
    unreadable: of('unreadable'),
    uncounted: ballots.flatMap(({ by, because }) => (because === null ? [] : [{ by, because }])),
    objecting: of('objecting'),
    mayObject: of('mayObject'),
  };
}

/**
 * How a branch wants its approvals counted: of this exact head, unless the settings keep the forge's laxer reading and no
 * rule dismisses older ones.
 */
export function readingOf(settings: Pick<GateSettings, 'staleReviews'>, rules: BranchRules | null): Reading {
  const pullRules = pullRequestRules(rules);
  return {
    exactHead: settings.staleReviews === 'ignore' || pullRules.some(({ dismissStale }) => dismissStale),
    othersThanPusher: pullRules.some(({ lastPushApproval }) => lastPushApproval),
  };
}

/** Whose approvals count now; they are named in the message of the commit that lands. */
export function countedApprovers(
  view: GateView,
  settings: Pick<GateSettings, 'staleReviews'>,
  rules: BranchRules | null,
): readonly Person[] {
  return tallyReviews(view, readingOf(settings, rules)).counted;
}
