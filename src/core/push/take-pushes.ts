import { type CheckRunReport, isFinal, type ObservedCheckRun } from '../../model/check-run.ts';
import type { LedgerEntry } from '../../model/ledger.ts';
import type { PushRun } from '../../model/push.ts';
import { type ReleaseWish, releaseNameOf } from '../../model/release.ts';
import type { Sha } from '../../model/sha.ts';
import { treeKey } from '../presubmit/facts.ts';
import { isReplaceable, replaceRun } from './advance-run.ts';
import { beginRun, treeOfRun } from './begin-run.ts';
import type { PushDraft } from './draft.ts';
import { type JudgedPush, type PushedFacts, pushKey, type WantedPush } from './facts.ts';
import { begunAgain, overtaken, recorded } from './lost-checks.ts';
import { requestOf, stemOf, stemsOfPush } from './own-checks.ts';
import { reportsOf } from './report-run.ts';
import { requestOfPush, resumePush } from './resume-run.ts';

/** What of a branch was taken up in a pass. */
export interface Taken {
  readonly runs: readonly PushRun[];
  /** Up to where the branch is judged. */
  readonly seen: Sha;
  /** As the record has it. */
  readonly from: Sha | undefined;
  /** Null: it was judged, or there is nothing to judge. */
  readonly waits: 'lacks' | 'later' | null;
  /** Of a push that nobody told of, nobody has yet. */
  readonly isUntold: boolean;
  /** Nothing shows that all that was pushed last came after `seen`. */
  readonly isUnsure: boolean;
  /** What was found of pushes that were lost, as it is to end. */
  readonly orphans: readonly CheckRunReport[];
  /** No job is for this branch: nothing needs to be remembered. */
  readonly unwatched: boolean;
}

/** Our own landings on top of what somebody pushed last, oldest first: they are promoted, not built (commands.md §5). */
function landingsOn(tip: Sha, seen: Sha, entries: readonly LedgerEntry[]): readonly WantedPush[] {
  const landed = new Map(
    entries.flatMap(({ detail }): [Sha, WantedPush][] =>
      detail.kind === 'landed'
        ? [[detail.commit, { before: detail.from, after: detail.commit, landedBy: detail.by }]]
        : [],
    ),
  );
  const found: WantedPush[] = [];
  for (let at = tip; at !== seen && found.length <= entries.length; ) {
    const landing = landed.get(at);
    if (landing === undefined) break;
    found.unshift(landing);
    at = landing.before;
  }
  return found;
}

function sameRelease(one: ReleaseWish, other: ReleaseWish): boolean {
  return one.commit === other.commit && releaseNameOf(one) === releaseNameOf(other);
}

/** A release that an earlier push asked for stays with that one, and with who pushed it. */
function withoutAsked(fresh: PushRun, runs: readonly PushRun[]): PushRun {
  const asked = runs.flatMap(({ releases = [] }) => releases);
  const releases = fresh.releases?.filter(({ wish }) => !asked.some((other) => sameRelease(wish, other.wish)));
  if (releases === undefined || releases.length === fresh.releases?.length) return fresh;
  return { ...fresh, releases };
}

/** Of a landing only what it means to versions is a matter of this line, as its images are promoted; of a new branch, what it releases. */
function concerns(
  judged: Extract<JudgedPush, { kind: 'judged' | 'refused' }>,
  { landedBy, isCut, isLate }: WantedPush,
): boolean {
  if (isLate || (landedBy === undefined && !isCut)) return true;
  if (!isCut) return judged.kind === 'judged' && judged.version !== null;
  return judged.kind === 'judged' && ((judged.releases ?? []).length > 0 || judged.version?.state === 'failure');
}

/** Of a push that was told late: what it releases is asked for, in a run of its own that builds nothing else. */
function takeLate(draft: PushDraft, facts: PushedFacts, given: Taken, judged: JudgedPush, push: WantedPush): Taken {
  if (judged.kind === 'unread') return { ...given, waits: 'later' };
  const { seen } = given;
  const from = push.before;
  const isReleasing = judged.kind === 'judged' && (judged.releases ?? []).length > 0;
  if (!isReleasing) return { ...given, from };
  const taken = takeJudged(draft, facts, given, judged, push);
  return taken.waits === null ? { ...taken, seen, from } : taken;
}

/** Those that no run has, and that do not end already. */
function unknownIn(
  { record }: PushDraft,
  facts: PushedFacts,
  runs: readonly PushRun[],
  seen: readonly ObservedCheckRun[],
): readonly ObservedCheckRun[] {
  const known = [...runs.flatMap((run) => reportsOf(facts, run)), ...(record.orphans ?? [])];
  return seen.filter((run) => !known.some(({ externalId }) => externalId === run.externalId));
}

function takeJudged(draft: PushDraft, facts: PushedFacts, given: Taken, judged: JudgedPush, push: WantedPush): Taken {
  const { after, landedBy, isLate } = push;
  const { runs } = given;
  if (judged.kind === 'unread') return { ...given, waits: 'later' };
  const isLanding = landedBy !== undefined;
  const taken = { ...given, isUntold: given.isUntold && isLanding, isUnsure: given.isUnsure && isLanding };
  if (judged.kind === 'unwatched') return { ...taken, seen: after, unwatched: true };
  if (judged.kind === 'nothing') {
    const lost = unknownIn(draft, facts, runs, judged.own).filter((run) => !isFinal(run));
    return { ...taken, seen: after, orphans: [...taken.orphans, ...lost.map((run) => recorded(run, facts.now))] };
  }
  if (!concerns(judged, push)) return { ...taken, seen: after };
  const pinned = treeOfRun({ commit: after, tree: judged.tree });
  const tree = facts.trees.get(treeKey(pinned));
  if (tree === undefined) {
    draft.wants.trees.push(pinned);
    return { ...given, waits: 'lacks' };
  }
  // Nothing was judged: what is not known of it still is not.
  if (tree.config.kind === 'refused' && tree.config.where === null) return { ...given, waits: 'later' };
  const there = runs.findLast(({ commit }) => commit === after);
  // The branch is back where it was, and what was begun there is still its answer.
  const isAnswered = landedBy === undefined && there !== undefined && !isDropped(there);
  const jobs = tree.config.kind === 'usable' ? tree.config.config.jobs : [];
  const stems = stemsOfPush(facts.subject, after, jobs);
  // What ends there of releases counts nothing of the push.
  const ending = (draft.record.orphans ?? []).filter(({ externalId }) => stems.has(stemOf(externalId)));
  const last = Math.max(
    there === undefined ? 0 : newestRequest(there),
    ...ending.map((run) => requestOf(run.externalId)),
  );
  const isAgain = landedBy !== undefined || push.isCut === true || isLate === true;
  const request = Math.max(requestOfPush(facts, after, judged.own, isAgain), last + 1);
  const begun = withoutAsked(beginRun(facts, push, judged, tree, request), runs);
  // What is known here is newer than what the forge shows.
  const fresh = isAnswered ? there : last > 0 ? begun : resumePush(facts, begun, judged.own);
  draft.reasons.push(
    `${after.slice(0, 12)} was ${landedBy === undefined ? 'pushed' : 'landed'}: ${toldOf(fresh) || 'nothing to do'}`,
  );
  const because = `${after.slice(0, 12)} was pushed since: that is built in its place`;
  const isReplaced = (run: PushRun): boolean =>
    landedBy === undefined && !isLate && run !== fresh && isReplaceable(run);
  const kept = runs.map((run) => (isReplaced(run) ? replaceRun(draft, facts, run, because) : run));
  const lost = unknownIn(draft, facts, runs, judged.beneath);
  // Of two runs of one commit, as where a branch went and came back, the newer goes on.
  const older = unknownIn(draft, facts, [...runs, fresh], judged.own).filter((run) => !isFinal(run));
  const ends = [
    ...lost.map((run) => overtaken(run, after, facts.now)),
    ...older.map((run) => begunAgain(run, facts.now)),
  ];
  const orphans = [...taken.orphans, ...ends];
  return { ...taken, runs: [...kept.filter((run) => run !== fresh), fresh], orphans, seen: after };
}

/** Another push took its place, or the branch was deleted. */
function isDropped({ jobs }: PushRun): boolean {
  return jobs.some(({ status }) => status.kind === 'ended' && status.result === 'aborted');
}

/** The newest request of it that is known. */
export function newestRequest({ jobs, request = 1 }: PushRun): number {
  return Math.max(request, ...jobs.map((job) => job.request));
}

function toldOf({ jobs, releases = [] }: PushRun): string {
  const built = jobs.map(({ job, status }) => `${job} ${status.kind === 'skipped' ? 'skipped' : 'runs'}`);
  return [...built, ...releases.map(({ wish }) => `releases ${wish.version}`)].join(', ');
}

/** What the forge tells only now of pushes that led to where the branch is judged from, the newest first. */
function lateIn({ pushers }: PushedFacts, from: Sha | undefined): readonly WantedPush[] {
  const found: WantedPush[] = [];
  for (let at = from; at !== undefined; ) {
    const push = pushers.findLast(({ before, after }) => after === at && before !== null && before !== after);
    const before = push?.before ?? undefined;
    if (before === undefined || found.some(({ after }) => after === before)) return found;
    found.push({ before, after: at, isLate: true });
    at = before;
  }
  return found;
}

/** Takes up what was pushed since the branch was last looked at, the net of it as one push, and then what landed on top of it. */
export function takePushes(draft: PushDraft, facts: PushedFacts, tip: Sha, entries: readonly LedgerEntry[]): Taken {
  const { seen, runs, isCut, from } = draft.record;
  const landings = landingsOn(tip, seen, entries);
  const after = landings[0]?.before ?? tip;
  // What a newer push takes the place of is judged with it: none of its images is lost (commands.md §5).
  const replaced = runs.find(isReplaceable);
  const isUnsure = replaced === undefined ? draft.record.isUnsure : replaced.isUnsure;
  const push = { before: replaced?.before ?? seen, after, ...(isUnsure ? { isUnsure } : {}) };
  let taken: Taken = {
    runs,
    seen,
    from,
    waits: null,
    orphans: [],
    isUntold: draft.record.isUntold === true,
    isUnsure: draft.record.isUnsure === true,
    unwatched: false,
  };
  const cut: readonly WantedPush[] = isCut ? [{ before: seen, after: seen, isCut }] : [];
  const all: readonly WantedPush[] = [...lateIn(facts, from), ...(after === seen ? cut : [push]), ...landings];
  for (const each of all) {
    const judged = facts.judged.get(pushKey(each));
    if (judged === undefined) {
      draft.wants.pushes.push(each);
      return { ...taken, waits: 'lacks' };
    }
    taken = (each.isLate ? takeLate : takeJudged)(draft, facts, taken, judged, each);
    if (taken.waits !== null || taken.unwatched) return taken;
  }
  return taken;
}
