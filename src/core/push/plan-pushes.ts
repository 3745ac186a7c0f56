import { toBuildId } from '../../model/build.ts';
import type { CheckRunReport } from '../../model/check-run.ts';
import type { LedgerEntry } from '../../model/ledger.ts';
import { podKeys } from '../../model/pod.ts';
import type { Pusher, PushRecord, PushRun } from '../../model/push.ts';
import type { Sha } from '../../model/sha.ts';
import { patientWait } from '../patient-wait.ts';
import { treeKey } from '../presubmit/facts.ts';
import { lineOf } from '../promote/line-of-promotion.ts';
import { advanceRun, buildsOf, dropRun, isOpen, isQueued } from './advance-run.ts';
import { askReleases, isReleasing } from './ask-releases.ts';
import { treeOfRun } from './begin-run.ts';
import { closeBranches } from './close-branches.ts';
import { cutBranch } from './cut-branch.ts';
import type { PushDraft } from './draft.ts';
import type { PushedFacts, PushPlan } from './facts.ts';
import { proposeNext } from './propose-next.ts';
import { imagesOfRun, isLanded, isRecorded, recordRun, whyNotOurs } from './publish-run.ts';
import { isTending, tellRun } from './report-run.ts';
import { takePresses } from './take-presses.ts';
import { type Taken, takePushes } from './take-pushes.ts';

const soonMs = 15_000;

/** What it published, or asked to be, is not known to have ended before all of it has. */
function ended(run: PushRun, now: number): PushRun {
  return isReleasing(run) || isTending(run) ? run : { ...run, endedAt: now };
}

function moveRun(draft: PushDraft, facts: PushedFacts, entries: readonly LedgerEntry[], given: PushRun): PushRun {
  const tree = treeOfRun(given);
  if (given.jobs.length > 0 && !facts.trees.has(treeKey(tree))) draft.wants.trees.push(tree);
  const released = askReleases(draft, facts, advanceRun(draft, facts, given));
  const cut = cutBranch(draft, facts, released);
  const run = proposeNext(draft, facts, closeBranches(draft, facts, cut));
  if (run.endedAt !== null) return run;
  const publishing = imagesOfRun(draft, facts, run);
  if (publishing === 'waits') return run;
  if (publishing === 'nothing' || isRecorded(entries, run, publishing.images)) return ended(run, facts.now);
  const why = isLanded(entries, run) ? 'the gate built and landed it' : whyNotOurs(entries, facts.app);
  if (why !== null) {
    draft.reasons.push(`${run.commit.slice(0, 12)}: not published, ${why}`);
    return ended(run, facts.now);
  }
  recordRun(draft, facts, run, publishing.images);
  return run;
}

/** For nothing else; a release tells its push when it moves on, and may be held for days. */
function waitsForRelease(run: PushRun): boolean {
  return isReleasing(run) && !isTending(run) && !run.jobs.some(isOpen);
}

function isActing({ effects }: PushDraft): boolean {
  return effects.some(({ kind }) => kind !== 'report');
}

/** Pods of builds that no run names. */
function removeStrays(draft: PushDraft, facts: PushedFacts, runs: readonly PushRun[]): void {
  const known = new Set<string>(runs.flatMap(({ jobs }) => jobs.flatMap(buildsOf)).map(({ id }) => id));
  for (const { annotations, name } of facts.pods ?? [])
    if (annotations[podKeys.subject] === facts.subject && !known.has(name))
      draft.effects.push({ kind: 'on', number: 0, effect: { kind: 'remove', build: toBuildId(name) } });
}

/** Says how what was lost ends; gives those of which the forge does not have the end yet. */
function tellOrphans(
  draft: PushDraft,
  { told }: PushedFacts,
  orphans: readonly CheckRunReport[],
): readonly CheckRunReport[] {
  const untold = orphans.filter(({ externalId }) => !told.has(externalId));
  for (const report of untold) draft.effects.push({ kind: 'report', report });
  return untold;
}

/** So many words are kept of pushes that lead nowhere yet. */
const mostWords = 10;

/**
 * What is told in another order than it was pushed comes together later; what is told again, once. That it came back to where it was
 * first seen is kept with it: how it had left may be told last.
 */
function wordsLeft({ pushers, backs }: PushedFacts, { seen, from }: Taken): Pick<PushRecord, 'told'> {
  const newest = new Map<string, Pusher>();
  for (const word of [...backs, ...pushers]) {
    const key = `${word.before} ${word.after}`;
    newest.delete(key);
    newest.set(key, word);
  }
  const leads = (after: Sha): boolean => (after === from ? after === seen : after !== seen);
  const left = [...newest.values()].filter(({ before, after }) => before !== null && leads(after));
  return left.length === 0 ? {} : { told: left.slice(-mostWords) };
}

function finish(
  draft: PushDraft,
  record: PushRecord | null,
  { wakeAt, isJudged }: Pick<PushPlan, 'wakeAt' | 'isJudged'>,
): PushPlan {
  const { effects, reasons, wants } = draft;
  const jobs = (record?.runs ?? []).flatMap((run) => run.jobs);
  const line = record === null ? [] : lineOf(jobs, record.project.id);
  return { record, effects, reasons, wants, line, wakeAt, isJudged };
}

/** As a delivery is remembered (versions.md §6.1). */
const tellingMs = 7 * 24 * 3_600_000;

/** It has ended with a release held, as nobody told who pushed it: that may be told yet, once deliveries that failed are made again (V16). */
function awaitsPusher({ at, releases = [] }: PushRun, now: number): boolean {
  return now - at < tellingMs && releases.some(({ wish, ended }) => wish.by === null && ended?.kind === 'held');
}

/**
 * A landing that was taken for a push, as its ledger could not be trusted, was none: what was pushed beneath it is judged from where
 * that was. Its own run ends as one of what the gate built.
 */
function sinceTrusted(record: PushRecord, { reading }: PushedFacts): PushRecord {
  const { seen, runs } = record;
  if (reading?.ledger.kind !== 'whole' || !runs.some(({ isUnread }) => isUnread)) return record;
  const { entries } = reading.ledger;
  const taken = runs.findLast(({ commit, isUnread }) => commit === seen && isUnread);
  const isOurs = entries.some(({ detail }) => detail.kind === 'landed' && detail.commit === seen);
  const read = runs.map(({ isUnread: _, ...run }) => run);
  return { ...record, runs: read, seen: isOurs && taken?.before ? taken.before : seen };
}

/**
 * One pass over a pushed branch: what people pushed since is judged as one push, on what is different now (versions.md §2, §3),
 * its jobs are built at the commit itself, and what they built is recorded in the ledger, from where it is promoted like what
 * landed. Level-triggered and pure; where something must be looked at first (`wants`) the plan does not count.
 */
export function planPushes(given: PushRecord, facts: PushedFacts): PushPlan {
  const record = sinceTrusted(given, facts);
  const draft: PushDraft = {
    record,
    effects: [],
    reasons: [],
    wants: { pushes: [], below: [], trees: [], indexes: [] },
  };
  const { reading, now } = facts;
  const entries = reading?.ledger.kind === 'whole' ? reading.ledger.entries : [];
  const tip = reading === null ? record.seen : reading.tip;
  const gone = 'the branch was deleted';
  const taken: Taken =
    tip === null
      ? {
          runs: record.runs.map((run) => (isQueued(run) ? dropRun(draft, run, gone, now) : run)),
          seen: record.seen,
          from: record.from,
          waits: null,
          orphans: [],
          isUntold: false,
          isUnsure: false,
          unwatched: true,
        }
      : takePushes(draft, facts, tip, entries);
  const pressed = takePresses(draft, facts, taken.runs, tip);
  const moved = pressed.map((run) => moveRun(draft, facts, entries, run));
  removeStrays(draft, facts, moved);
  const orphans = tellOrphans(draft, facts, [...(record.orphans ?? []), ...taken.orphans]);
  const told = new Set(moved.filter((run) => tellRun(draft, facts, run)));
  const last = moved.findLast(({ commit }) => commit === tip);
  const stays = (run: PushRun): boolean => run === last && run.jobs.length > 0 && !taken.unwatched;
  const runs = moved.filter((run) => !told.has(run) || stays(run) || awaitsPusher(run, now));
  const { isCut, isUntold: _was, isUnsure: _is, orphans: _were, from: _from, told: _told, ...rest } = record;
  const next = {
    ...rest,
    seen: taken.seen,
    runs,
    ...(taken.from === undefined ? {} : { from: taken.from, ...wordsLeft(facts, taken) }),
    ...(isCut && taken.waits !== null ? { isCut } : {}),
    ...(taken.isUntold ? { isUntold: taken.isUntold } : {}),
    ...(taken.isUnsure ? { isUnsure: taken.isUnsure } : {}),
    ...(orphans.length > 0 ? { orphans } : {}),
  };
  if (taken.unwatched && runs.length === 0 && orphans.length === 0)
    return finish(draft, null, { wakeAt: null, isJudged: true });
  const isDone = runs.every((run) => told.has(run)) && orphans.length === 0;
  const isJudged = taken.waits === null && reading !== null;
  const isQuiet = orphans.length === 0 && isJudged && runs.every((run) => told.has(run) || waitsForRelease(run));
  const waitMs =
    isQuiet && !isActing(draft) ? patientWait(now - Math.max(...runs.map(({ at }) => at)), soonMs) : soonMs;
  return finish(draft, next, { wakeAt: isDone && isJudged ? null : now + waitMs, isJudged });
}
