import { toBuildId } from '../../model/build.ts';
import { configFile } from '../../model/config.ts';
import type { Nightly, PeriodicRecord } from '../../model/periodic.ts';
import { podKeys } from '../../model/pod.ts';
import type { PushRun } from '../../model/push.ts';
import type { Sha } from '../../model/sha.ts';
import { treeKey } from '../presubmit/facts.ts';
import { lineOf } from '../promote/line-of-promotion.ts';
import { advanceRun, buildsOf, dropRun } from '../push/advance-run.ts';
import { treeOfRun } from '../push/begin-run.ts';
import { startedSince, unnamedSince, unreadSince } from '../push/lost-checks.ts';
import { imagesOfRun, isRecorded, recordRun, whyNotOurs } from '../push/publish-run.ts';
import { tellRun } from '../push/report-run.ts';
import { beginNightlyRun, resumeRun } from './begin-run.ts';
import type { NightlyStart, PeriodicDraft, PeriodicFacts, PeriodicPlan } from './facts.ts';
import { dueAfter, judgeDue } from './judge-due.ts';
import { lengthen, withOutcome } from './judge-run.ts';
import { nameOfSchedule, type WantedNightly } from './nightlies-of.ts';
import { type Listed, takeNightlyPresses } from './take-presses.ts';
import { tellIssue } from './tell-issue.ts';

const soonMs = 15_000;
/** What the forge would not take is tried again. */
const laterMs = 60_000;

function freshNightly(draft: PeriodicDraft, facts: PeriodicFacts, wanted: WantedNightly): Nightly {
  const dueAt = dueAfter(draft.record.project, wanted, facts.now);
  return { ...wanted, dueAt, startedAt: null, run: null, green: null, red: null, issue: 'unasked' };
}

/** For the history, when it is first seen here. */
function introduce({ schedule, jobs, dueAt, startedAt }: Nightly): string {
  const next = dueAt === null ? 'never comes' : `next at ${new Date(dueAt).toISOString()}`;
  const last = startedAt === null ? '' : `, last started at ${new Date(startedAt).toISOString()}`;
  return `${nameOfSchedule(schedule)}: ${jobs.join(', ')}, ${next}${last}`;
}

/** One that was out of the file for a while, and did not end in it, has no time any more. */
function withTime(draft: PeriodicDraft, facts: PeriodicFacts, nightly: Nightly): Nightly {
  return { ...nightly, dueAt: nightly.dueAt ?? dueAfter(draft.record.project, nightly, facts.now) };
}

/** The nightlies as the file of the branch has them now, and those that it had (level-triggered). */
function listNightlies(draft: PeriodicDraft, facts: PeriodicFacts): readonly Listed[] {
  const { nightlies } = draft.record;
  const { wanted, isDefault } = facts;
  if (isDefault && wanted.kind !== 'known') return nightlies.map((nightly) => ({ nightly, isGone: false }));
  const asked = isDefault && wanted.kind === 'known' ? wanted.nightlies : [];
  const present = asked.map((each): Listed => {
    const known = nightlies.find(({ key }) => key === each.key);
    const nightly = known ? { ...withTime(draft, facts, known), jobs: each.jobs } : freshNightly(draft, facts, each);
    if (nightly.issue === 'unasked') draft.reasons.push(introduce(nightly));
    return { nightly, isGone: false };
  });
  const gone = nightlies.filter(({ key }) => !asked.some((each) => each.key === key));
  return [...present, ...gone.map((nightly) => ({ nightly: { ...nightly, dueAt: null }, isGone: true }))];
}

/** That none is open may be what an old backup says: it is looked for once with each start. */
function doubted({ issue }: Nightly): Nightly['issue'] {
  const isNone = issue === null || (issue !== 'unasked' && !issue.isOpen && !issue.dismissed);
  return isNone ? 'unasked' : issue;
}

function startRun(
  draft: PeriodicDraft,
  facts: PeriodicFacts,
  nightly: Nightly,
  tip: NonNullable<PeriodicFacts['tip']>,
  start: Extract<NightlyStart, { kind: 'planned' }>,
): Nightly {
  const { commit } = tip;
  const pinned = treeOfRun(tip);
  const read = facts.trees.get(treeKey(pinned));
  if (read === undefined) draft.wants.trees.push(pinned);
  if (read === undefined || (read.config.kind === 'refused' && read.config.where === null)) return nightly;
  const shadow = facts.wanted.kind === 'known' && facts.wanted.shadow;
  const place = { ...tip, key: nightly.key, request: start.request, at: facts.now, shadow };
  const run = resumeRun(beginNightlyRun(facts, place, start.planned, read), start.said);
  draft.reasons.push(`${nameOfSchedule(nightly.schedule)}: starts at ${commit.slice(0, 12)}`);
  for (const lost of start.beneath)
    draft.effects.push({ kind: 'report', report: startedSince(lost, commit, facts.now) });
  const { last: _left, ...rest } = nightly;
  return {
    ...rest,
    issue: doubted(nightly),
    run,
    startedAt: facts.now,
    dueAt: dueAfter(draft.record.project, nightly, facts.now),
  };
}

/**
 * Nothing can be started by a file that is not valid: that is a failure like any other, and nobody else tells of it at night. What an
 * earlier state of ours began and lost has its end with it.
 */
function failUnread(
  draft: PeriodicDraft,
  facts: PeriodicFacts,
  nightly: Nightly,
  commit: Sha,
  because: string,
): Nightly {
  const lost = facts.lost.get(nightly.key);
  if (lost === undefined) draft.wants.lost.push(nightly.key);
  for (const run of lost ?? []) draft.effects.push({ kind: 'report', report: unreadSince(run, because, facts.now) });
  const failed = [{ job: configFile, result: 'is not valid', because }];
  const red = lengthen(nightly.red, nightly.green, { commit, at: facts.now, failed });
  draft.reasons.push(`${nameOfSchedule(nightly.schedule)}: failed at ${commit.slice(0, 12)}, ${because}`);
  return { ...nightly, red, startedAt: facts.now, dueAt: dueAfter(draft.record.project, nightly, facts.now) };
}

/** Its time came: it starts, or is left out and says why. A time that cannot be judged now waits. */
function takeTime(draft: PeriodicDraft, facts: PeriodicFacts, nightly: Nightly): Nightly {
  const { tip, now, wanted } = facts;
  const { key, schedule } = nightly;
  if (tip === null || wanted.kind === 'unread') return nightly;
  const due = judgeDue(nightly, tip.tree, now);
  if (due.kind === 'wait') return nightly;
  if (due.kind === 'skip') {
    draft.reasons.push(`${nameOfSchedule(schedule)}: left out, ${due.because}`);
    return { ...nightly, dueAt: dueAfter(draft.record.project, nightly, now) };
  }
  // The one before is told to its end first: it is what the new one's request is counted from.
  if (nightly.run !== null) return nightly;
  if (wanted.kind === 'invalid') return failUnread(draft, facts, nightly, tip.commit, wanted.because);
  const start = facts.begun.get(key);
  if (start === undefined) draft.wants.starts.push(key);
  return start?.kind === 'planned' ? startRun(draft, facts, nightly, tip, start) : nightly;
}

/** Whether what it built is on its way to where people pull it, or there is nothing to bring there. */
function isPublished(draft: PeriodicDraft, facts: PeriodicFacts, run: PushRun): boolean {
  const entries = facts.reading?.ledger.kind === 'whole' ? facts.reading.ledger.entries : [];
  const publishing = imagesOfRun(draft, facts, run);
  if (publishing === 'waits') return false;
  if (publishing === 'nothing' || isRecorded(entries, run, publishing.images)) return true;
  const why = whyNotOurs(entries, facts.app);
  if (why === null) recordRun(draft, facts, run, publishing.images);
  else draft.reasons.push(`${run.commit.slice(0, 12)}: not published, ${why}`);
  return why !== null;
}

function moveRun(draft: PeriodicDraft, facts: PeriodicFacts, nightly: Nightly, isGone: boolean): Nightly {
  if (nightly.run === null) return nightly;
  const pinned = treeOfRun(nightly.run);
  if (!facts.trees.has(treeKey(pinned))) draft.wants.trees.push(pinned);
  const because = 'it is not in the file of the branch any more';
  const begun = isGone && nightly.run.endedAt === null ? dropRun(draft, nightly.run, because, facts.now) : nightly.run;
  const run = advanceRun(draft, facts, begun);
  if (run.endedAt !== null || !isPublished(draft, facts, run)) return { ...nightly, run };
  const ended = { ...run, endedAt: facts.now };
  if (isGone) return { ...nightly, run: ended };
  const after = withOutcome(nightly, ended, facts.now);
  const came = after.red !== null ? 'failed' : after.green?.at === facts.now ? 'passed' : 'had nothing to do';
  draft.reasons.push(`${nameOfSchedule(nightly.schedule)}: ${came} at ${run.commit.slice(0, 12)}`);
  return after;
}

function tellEnd(draft: PeriodicDraft, facts: PeriodicFacts, nightly: Nightly): Nightly {
  const { run } = nightly;
  return run !== null && tellRun(draft, facts, run) ? { ...nightly, run: null, last: run } : nightly;
}

/** Pods of builds that no run names. */
function removeStrays(draft: PeriodicDraft, facts: PeriodicFacts, nightlies: readonly Nightly[]): void {
  const jobs = nightlies.flatMap(({ run }) => run?.jobs ?? []);
  const known = new Set<string>(jobs.flatMap(buildsOf).map(({ id }) => id));
  for (const { annotations, name } of facts.pods ?? [])
    if (annotations[podKeys.subject] === facts.subject && !known.has(name))
      draft.effects.push({ kind: 'on', number: 0, effect: { kind: 'remove', build: toBuildId(name) } });
}

/** When a pass is to be made without any signal: at the next time, and soon while something of it goes on. */
function wakeAfter(facts: PeriodicFacts, nightlies: readonly Nightly[], isWriting: boolean): number | null {
  const { now, wanted } = facts;
  const times = nightlies.flatMap(({ dueAt, run }) => [
    ...(dueAt === null ? [] : [Math.max(dueAt, now + 1000)]),
    ...(run === null ? [] : [now + soonMs]),
  ]);
  const retries = [...(isWriting || wanted.kind === 'unread' ? [now + laterMs] : [])];
  return times.length + retries.length === 0 ? null : Math.min(...times, ...retries);
}

/** Ends what was begun of one that is gone and then lost; true once the forge shows nothing open of it. */
function endLost(draft: PeriodicDraft, facts: PeriodicFacts, key: string): boolean {
  const lost = facts.lost.get(key);
  if (lost === undefined) draft.wants.lost.push(key);
  for (const run of lost ?? [])
    draft.effects.push({ kind: 'report', report: unnamedSince(run, draft.record.branch, facts.now) });
  return lost?.length === 0;
}

function isOver(draft: PeriodicDraft, facts: PeriodicFacts, { nightly, isGone }: Listed): boolean {
  const isOpen = nightly.issue !== null && nightly.issue !== 'unasked' && nightly.issue.isOpen;
  return isGone && nightly.run === null && !isOpen && endLost(draft, facts, nightly.key);
}

/**
 * One pass over what a branch runs by the clock: which nightlies its file names, whose time came, what their runs came to, and
 * what is told of it. A run is built and told like a push. Level-triggered and pure; where something must be looked at first
 * (`wants`) the plan does not count.
 */
export function planPeriodic(record: PeriodicRecord, facts: PeriodicFacts): PeriodicPlan {
  const draft: PeriodicDraft = {
    record,
    effects: [],
    reasons: [],
    wants: { starts: [], below: [], trees: [], indexes: [], issues: [], lost: [] },
    issues: [],
  };
  const shadow = facts.wanted.kind === 'known' && facts.wanted.shadow;
  const known = takeNightlyPresses(draft, facts, listNightlies(draft, facts));
  const listed = known.map(({ nightly, isGone }): Listed => {
    const timed = isGone ? nightly : takeTime(draft, facts, nightly);
    const moved = tellEnd(draft, facts, moveRun(draft, facts, timed, isGone));
    return { nightly: tellIssue(draft, facts, moved, { isGone, shadow }), isGone };
  });
  const nightlies = listed.filter((each) => !isOver(draft, facts, each)).map(({ nightly }) => nightly);
  removeStrays(draft, facts, nightlies);
  const { effects, reasons, wants, issues } = draft;
  const jobs = nightlies.flatMap(({ run }) => run?.jobs ?? []);
  return {
    record: nightlies.length === 0 ? null : { ...record, nightlies },
    effects,
    reasons,
    wants,
    issues,
    line: lineOf(jobs, record.project.id),
    wakeAt: wakeAfter(facts, nightlies, issues.length > 0 || listed.some(({ isGone }) => isGone)),
  };
}
