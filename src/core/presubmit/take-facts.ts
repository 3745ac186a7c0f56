import type { ObservedCheckRun } from '../../model/check-run.ts';
import type { PresubmitRecord } from '../../model/presubmit.ts';
import type { PullRequest } from '../../model/pull-request.ts';
import { inlineCode } from '../text/safe-markdown.ts';
import { repeatRequest, restoreRequest } from './ask-gate.ts';
import type { Draft } from './draft.ts';
import { retireUnfinished, retireUntold, setChange } from './draft.ts';
import type { ForgeFacts, PresubmitFacts } from './facts.ts';
import { catchUp, readBack } from './read-back.ts';
import { settingsUnread } from './standing.ts';

/** The record of a pull request nothing is known of yet. */
export function emptyRecord(project: PresubmitRecord['project'], number: number): PresubmitRecord {
  const comments = { since: 0, handled: [] };
  return {
    schema: 1,
    project,
    number,
    pull: null,
    awake: false,
    change: null,
    retired: [],
    approvals: [],
    comments,
    outbox: [],
  };
}

/** The forge's times have whole seconds: what happened in the second in which the App came, came after it. */
function wholeSecond(milliseconds: number): number {
  return Math.floor(milliseconds / 1000) * 1000;
}

function wakes(draft: Draft, facts: PresubmitFacts, forge: ForgeFacts): boolean {
  if (facts.inbox.some((event) => event.name.startsWith('pull_request.'))) return true;
  const pull = draft.record.pull;
  // Found by the resync: what was last updated before the App saw the repository is left asleep (intake §2.8).
  return pull !== null && pull.updatedAt >= wholeSecond(forge.firstSeen);
}

function superseded(draft: Draft, pull: PullRequest): string | null {
  const change = draft.record.change;
  if (!change) return null;
  if (change.head !== pull.head) return `superseded by a push of ${pull.head.slice(0, 12)}`;
  if (change.baseRef !== pull.baseRef)
    return `the base branch is ${inlineCode(pull.baseRef)} now, not ${inlineCode(change.baseRef)}`;
  return null;
}

function beginChange(draft: Draft, facts: PresubmitFacts, pull: PullRequest): void {
  const fresh = {
    head: pull.head,
    baseRef: pull.baseRef,
    planned: false,
    seenAt: facts.now,
    jobs: [],
    revision: 0,
    told: '',
    // What is retired is concluded as it was begun; the new head's own mode is known with its first job.
    shadow: draft.record.change?.shadow ?? false,
  };
  setChange(draft, fresh);
  draft.reasons.push(`head ${pull.head.slice(0, 12)} on ${pull.baseRef}`);
  readBack(draft, facts);
  restoreRequest(draft, facts);
}

/** A check run of a job that nobody has concluded. */
export function isOpenJob({ name, state }: ObservedCheckRun): boolean {
  return state.status !== 'completed' && !/^sluice(\/|$)/.test(name);
}

/** For so long after a pull request was closed its code is asked for, to conclude what was left open, ms. */
const leftOpenMs = 3_600_000;

/**
 * True when the forge shows that this head was worked on and what was done cannot be told apart yet: beginning now would
 * give numbers twice and remove pods that are wanted. Of one that is closed what was left open could not be concluded.
 */
export function mustWait(facts: PresubmitFacts, pull: PullRequest): boolean {
  const known = (facts.forge?.checkRuns ?? []).filter((run) => run.commit === pull.head);
  if (known.length === 0 || settingsUnread(facts) === null) return false;
  return pull.state === 'open' || (known.some(isOpenJob) && facts.now - pull.updatedAt < leftOpenMs);
}

/** It was another head in between, of which no event came to us: an old backup of our state may have forgotten it. */
function wasForced({ record: { change } }: Draft, { forcedAt = null }: ForgeFacts): boolean {
  return forcedAt !== null && change?.seenAt !== undefined && forcedAt > change.seenAt;
}

/** While the App did not see the pull request it may have had other heads: that this is the head is known from now on. */
function seeAgain(draft: Draft, now: number): void {
  const { change } = draft.record;
  if (change) setChange(draft, { ...change, seenAt: now });
}

/** Takes up what the forge says: another head or base makes another Change, and everything unfinished of the old one is stopped. */
export function takeForge(draft: Draft, facts: PresubmitFacts): void {
  const { forge } = facts;
  if (!forge) return;
  const { project, pull } = forge;
  const wasDraft = draft.record.pull?.draft ?? true;
  const wasUnseen = draft.record.pull === null;
  const { unconfirmed, ...record } = draft.record;
  const doubt = forge.unconfirmed ? { unconfirmed: unconfirmed ?? facts.now } : {};
  draft.record = { ...record, ...doubt, project: project ?? record.project, pull: pull ?? null };
  if (pull) draft.record = { ...draft.record, author: pull.author.id };
  if (!project || !pull) {
    retireUnfinished(draft, 'the App does not see the pull request any more');
    return;
  }
  draft.record = { ...draft.record, awake: draft.record.awake || wakes(draft, facts, forge) };
  const old = superseded(draft, pull);
  if (old) for (const job of draft.record.change?.jobs ?? []) retireUntold(draft, job);
  if (old) retireUnfinished(draft, old);
  if (old && mustWait(facts, pull)) setChange(draft, null);
  else if (old || (!draft.record.change && !mustWait(facts, pull))) beginChange(draft, facts, pull);
  else {
    if (wasUnseen || wasForced(draft, forge)) seeAgain(draft, facts.now);
    catchUp(draft, facts);
    repeatRequest(draft, facts);
  }
  if (pull.state !== 'open')
    retireUnfinished(draft, pull.state === 'merged' ? 'the pull request was merged' : 'the pull request was closed');
  else if (pull.draft && (draft.record.change?.planned || !wasDraft))
    retireUnfinished(draft, 'the pull request was converted to a draft');
}
