import { toBuildId } from '../../model/build.ts';
import type { LedgerEntry } from '../../model/ledger.ts';
import { podKeys } from '../../model/pod.ts';
import type { PushRecord, PushRun } from '../../model/push.ts';
import type { Sha } from '../../model/sha.ts';
import { treeKey } from '../presubmit/facts.ts';
import { lineOf } from '../promote/line-of-promotion.ts';
import { advanceRun, buildsOf, dropRun, isQueued } from './advance-run.ts';
import { beginRun, treeOfRun } from './begin-run.ts';
import type { PushDraft } from './draft.ts';
import { type JudgedPush, type PushedFacts, type PushPlan, pushKey, type WantedPush } from './facts.ts';
import { imagesOfRun, isRecorded, recordRun, whyNotOurs } from './publish-run.ts';
import { tellRun } from './report-run.ts';

const soonMs = 15_000;

/** What somebody pushed last: our own landings on top of it are promoted, not built (commands.md §5). */
function pushedTip(tip: Sha, seen: Sha, entries: readonly LedgerEntry[]): Sha {
  const below = new Map(
    entries.flatMap(({ detail }): [Sha, Sha][] => (detail.kind === 'landed' ? [[detail.commit, detail.from]] : [])),
  );
  let at = tip;
  for (let steps = 0; at !== seen && steps <= entries.length; steps += 1) at = below.get(at) ?? at;
  return at;
}

interface Taken {
  readonly runs: readonly PushRun[];
  /** Null: it was judged, or there is nothing to judge. */
  readonly waits: 'lacks' | 'later' | null;
  /** No job is for this branch: nothing needs to be remembered. */
  readonly unwatched: boolean;
}

function takeJudged(
  draft: PushDraft,
  facts: PushedFacts,
  runs: readonly PushRun[],
  judged: JudgedPush,
  push: WantedPush,
): Taken {
  const { after } = push;
  if (judged.kind === 'unread') return { runs, waits: 'later', unwatched: false };
  if (judged.kind === 'nothing') return { runs, waits: null, unwatched: false };
  if (judged.kind === 'unwatched') return { runs, waits: null, unwatched: true };
  const pinned = treeOfRun({ commit: after, tree: judged.tree });
  const tree = facts.trees.get(treeKey(pinned));
  if (tree === undefined) {
    draft.wants.trees.push(pinned);
    return { runs, waits: 'lacks', unwatched: false };
  }
  if (tree.config.kind === 'refused' && tree.config.where === null) return { runs, waits: 'later', unwatched: false };
  const fresh = beginRun(facts, push, judged, tree);
  draft.reasons.push(
    `${after.slice(0, 12)} was pushed: ${fresh.jobs.map(({ job, status }) => `${job} ${status.kind === 'skipped' ? 'skipped' : 'runs'}`).join(', ') || 'nothing to do'}`,
  );
  const because = `${after.slice(0, 12)} was pushed since: that is built in its place`;
  const kept = runs.map((run) => (isQueued(run) ? dropRun(draft, run, because, facts.now) : run));
  return { runs: [...kept.filter(({ commit }) => commit !== after), fresh], waits: null, unwatched: false };
}

/** Takes up what was pushed since the branch was last looked at: the net of it, as one push. */
function takePush(draft: PushDraft, facts: PushedFacts, tip: Sha, entries: readonly LedgerEntry[]): Taken {
  const { seen, runs } = draft.record;
  const after = pushedTip(tip, seen, entries);
  if (after === seen) return { runs, waits: null, unwatched: false };
  // What a newer push takes the place of is judged with it: none of its images is lost (commands.md §5).
  const push = { before: runs.find(isQueued)?.before ?? seen, after };
  const judged = facts.judged.get(pushKey(push));
  if (judged === undefined) {
    draft.wants.pushes.push(push);
    return { runs, waits: 'lacks', unwatched: false };
  }
  return takeJudged(draft, facts, runs, judged, push);
}

function moveRun(draft: PushDraft, facts: PushedFacts, entries: readonly LedgerEntry[], given: PushRun): PushRun {
  const tree = treeOfRun(given);
  if (given.jobs.length > 0 && !facts.trees.has(treeKey(tree))) draft.wants.trees.push(tree);
  const run = advanceRun(draft, facts, given);
  if (run.endedAt !== null) return run;
  const publishing = imagesOfRun(draft, facts, run);
  if (publishing === 'waits') return run;
  if (publishing === 'nothing' || isRecorded(entries, run, publishing.images)) return { ...run, endedAt: facts.now };
  const why = whyNotOurs(entries, facts.app);
  if (why !== null) {
    draft.reasons.push(`${run.commit.slice(0, 12)}: not published, ${why}`);
    return { ...run, endedAt: facts.now };
  }
  recordRun(draft, facts, run, publishing.images);
  return run;
}

/** Pods of builds that no run names. */
function removeStrays(draft: PushDraft, facts: PushedFacts, runs: readonly PushRun[]): void {
  const known = new Set<string>(runs.flatMap(({ jobs }) => jobs.flatMap(buildsOf)).map(({ id }) => id));
  for (const { annotations, name } of facts.pods ?? [])
    if (annotations[podKeys.subject] === facts.subject && !known.has(name))
      draft.effects.push({ kind: 'on', number: 0, effect: { kind: 'remove', build: toBuildId(name) } });
}

function finish(draft: PushDraft, record: PushRecord | null, wakeAt: number | null): PushPlan {
  const { effects, reasons, wants } = draft;
  const jobs = (record?.runs ?? []).flatMap((run) => run.jobs);
  const line = record === null ? [] : lineOf(jobs, record.project.id);
  return { record, effects, reasons, wants, line, wakeAt };
}

/**
 * One pass over a pushed branch: what people pushed since is judged as one push, on what is different now (versions.md §2, §3),
 * its jobs are built at the commit itself, and what they built is recorded in the ledger, from where it is promoted like what
 * landed. Level-triggered and pure; where something must be looked at first (`wants`) the plan does not count.
 */
export function planPushes(record: PushRecord, facts: PushedFacts): PushPlan {
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
          waits: null,
          unwatched: true,
        }
      : takePush(draft, facts, tip, entries);
  const moved = taken.runs.map((run) => moveRun(draft, facts, entries, run));
  removeStrays(draft, facts, moved);
  for (const report of facts.orphans) draft.effects.push({ kind: 'report', report });
  const runs = moved.filter((run) => !tellRun(draft, facts, run));
  const isJudged = taken.waits === null && tip !== null;
  const next = { ...record, seen: isJudged ? tip : record.seen, runs };
  if (taken.unwatched && runs.length === 0) return finish(draft, null, null);
  const waits = runs.length > 0 || taken.waits !== null || reading === null;
  return finish(draft, next, waits ? now + soonMs : null);
}
