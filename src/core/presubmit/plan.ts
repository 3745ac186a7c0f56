import type { Build } from '../../model/build.ts';
import type { KnownReport } from '../../model/check-run.ts';
import type { Effect } from '../../model/effect.ts';
import type { LineEntry } from '../../model/line.ts';
import type { JobRecord, PresubmitRecord, RetiredRequest } from '../../model/presubmit.ts';
import type { LinePlace } from '../line/order-line.ts';
import { slotOfBuild } from '../line/slot.ts';
import { advanceJobs } from './advance-jobs.ts';
import { answerComments } from './answer-comments.ts';
import { hintQueue } from './ask-gate.ts';
import { type Draft, retireUnfinished, setChange } from './draft.ts';
import type { PresubmitFacts } from './facts.ts';
import { reportJob } from './report-job.ts';
import { reportSluice } from './report-sluice.ts';
import { judgeStanding, type Standing } from './standing.ts';
import { planAutomatic, subjectOf } from './start-jobs.ts';
import { takeButtons } from './take-buttons.ts';
import { mustWait, takeForge } from './take-facts.ts';

export interface PresubmitPlan {
  readonly record: PresubmitRecord;
  readonly effects: readonly Effect[];
  readonly reasons: readonly string[];
  readonly line: readonly Omit<LineEntry, 'subject'>[];
  /** When to look again without any event (ms); null: only when something happens. */
  readonly wakeAt: number | null;
  readonly settled: boolean;
}

function jobsOf(record: PresubmitRecord): readonly JobRecord[] {
  return [...(record.change?.jobs ?? []), ...record.retired.map((retired) => retired.job)];
}

function unfinishedBuilds(record: PresubmitRecord): { job: JobRecord; build: Build }[] {
  return jobsOf(record).flatMap((job) =>
    'builds' in job.status
      ? job.status.builds.filter((build) => build.state.phase !== 'finished').map((build) => ({ job, build }))
      : [],
  );
}

/** When the forge is asked about what was begun on its opening alone: not while others are just being begun. */
export const confirmAfterMs = 1_000;

/** Where the record's builds stand in the wanted line. */
export function lineEntries(record: PresubmitRecord): Omit<LineEntry, 'subject'>[] {
  return unfinishedBuilds(record).map(({ job, build }) => ({
    build: build.id,
    ...slotOfBuild(job, build),
    priority: 100,
    since: 'since' in build.state ? build.state.since : 0,
    repository: record.project.id,
    // What is stopped once it cannot be seen any more is still theirs.
    author: record.pull?.author.id ?? record.author ?? 0,
    state: build.state.phase === 'wanted' ? 'waiting' : 'active',
  }));
}

/**
 * Who gets a slot is woken: what waits is looked at only to tell how many are ahead, and where those are many that changes slowly,
 * and each look puts the whole line in order. Ten minutes at most, a minute at least.
 */
function lookAgainMs(place: LinePlace | undefined): number {
  return Math.min(600_000, Math.max(60_000, (place?.ahead ?? 0) * 500));
}

/**
 * Every phase has its own patience; a pass that comes too early changes nothing. What was asked for in this pass may be lost
 * with the process that asks: only a pass that changed nothing and removes nothing ends the row.
 */
function nextWake(before: PresubmitRecord, draft: Draft, standing: Standing, facts: PresubmitFacts): number | null {
  const { record } = draft;
  const after: Readonly<Record<string, number>> = { starting: 5_000, running: 30_000, stopping: 5_000 };
  const unfinished = unfinishedBuilds(record);
  const waits = unfinished.map(({ build: { id, state } }) =>
    state.phase === 'wanted' ? lookAgainMs(facts.line.get(id)) : (after[state.phase] ?? 30_000),
  );
  if (facts.pods === null && unfinished.length > 0) waits.push(5_000);
  if (record.change === null && record.pull !== null && mustWait(facts, record.pull)) waits.push(15_000);
  if (standing.kind === 'unread' && facts.forge) waits.push(15_000);
  if (record.outbox.length > 0 || record.retired.some((each) => isAwaited(each, draft, facts))) waits.push(15_000);
  if (draft.effects.some((effect) => effect.kind === 'remove')) waits.push(15_000);
  if (record.unconfirmed !== undefined) waits.push(confirmAfterMs);
  if (record.change?.jobs.some((job) => job.status.kind === 'blocked')) waits.push(30_000);
  if (JSON.stringify(record) !== JSON.stringify(before)) waits.push(30_000);
  return waits.length === 0 ? null : facts.now + Math.min(...waits);
}

/** How long an end that the forge does not take is kept, at most, ms. */
const patienceMs = 24 * 3_600_000;

/** What the writer knows of its end, once nothing is left to be done but to show it; null before. */
function shownOf(retired: RetiredRequest, draft: Draft, facts: PresubmitFacts): KnownReport | null {
  const { status } = retired.job;
  if (status.kind === 'building' || status.kind === 'blocked') return null;
  const known = facts.reports.get(reportJob(retired.job, placeOfRetired(draft, retired), facts).externalId);
  const builds = status.kind === 'ended' ? status.builds : [];
  const isGone = builds.every(({ id }) => facts.pods !== null && !facts.pods.some((pod) => pod.name === id));
  return known?.final && isGone ? known : null;
}

/**
 * Null once nothing is left to be done for it. What the forge does not show yet is kept: should its head and base come back
 * before, only this tells that its number was given. To an App that sees nothing, nothing is shown: it may see it again.
 */
function keepRetired(retired: RetiredRequest, draft: Draft, facts: PresubmitFacts): RetiredRequest | null {
  const known = shownOf(retired, draft, facts);
  if (!known) return retired;
  if (known.delivered) return null;
  if (!draft.record.pull) return retired;
  const wishedAt = retired.wishedAt ?? facts.now;
  return facts.now - wishedAt > patienceMs ? null : { ...retired, wishedAt };
}

/** False for what only waits to be shown where nothing can be: that is looked at again when something happens. */
function isAwaited(retired: RetiredRequest, draft: Draft, facts: PresubmitFacts): boolean {
  return draft.record.pull !== null || shownOf(retired, draft, facts) === null;
}

function placeOfRetired(draft: Draft, retired: RetiredRequest) {
  return {
    subject: subjectOf(draft),
    head: retired.head,
    entry: retired.entry,
    shadow: draft.record.change?.shadow ?? false,
    retired: retired.because,
  };
}

function report(draft: Draft, facts: PresubmitFacts, standing: Standing): void {
  const { change } = draft.record;
  for (const retired of draft.record.retired) {
    const told = reportJob(retired.job, placeOfRetired(draft, retired), facts);
    // Told once is told: the mode that counts by now is that of another head.
    if (!facts.reports.get(told.externalId)?.final) draft.effects.push({ kind: 'report', report: told });
  }
  draft.record = {
    ...draft.record,
    retired: draft.record.retired.flatMap((retired) => keepRetired(retired, draft, facts) ?? []),
  };
  if (!change) return;
  const { head, baseRef: entry, shadow } = change;
  const place = { subject: subjectOf(draft), head, entry, shadow, retired: null };
  for (const job of change.jobs)
    if (!job.readBack) draft.effects.push({ kind: 'report', report: reportJob(job, place, facts) });
  if (facts.forecast?.commit === head) draft.effects.push({ kind: 'report', report: facts.forecast });
  if (facts.organisation?.commit === head) draft.effects.push({ kind: 'report', report: facts.organisation });
  const own = reportSluice(draft, facts, standing);
  if (own) draft.effects.push({ kind: 'report', report: own });
}

function noteConflict(draft: Draft, { kind }: Standing): void {
  const { change } = draft.record;
  if (!change || (kind !== 'conflict' && kind !== 'ready')) return;
  const { conflicts: _, ...rest } = change;
  if ((change.conflicts === true) !== (kind === 'conflict'))
    setChange(draft, kind === 'conflict' ? { ...rest, conflicts: true } : rest);
}

/** What goes on when its change enters the gate stops, once: who starts it again then means it (gate.md §2 `supersedes`). */
function supersede(draft: Draft): void {
  if (draft.record.change?.superseded) return;
  const because = 'the change entered the gate, which tests it (`gate.supersedes`); Re-run starts it all the same';
  retireUnfinished(draft, because);
  const { change } = draft.record;
  if (change) setChange(draft, { ...change, planned: true, superseded: true });
}

/**
 * One pass over a pull request's presubmits: what the record becomes, what is asked of the world, and why. Pure; the same
 * record and facts give the same plan, and a pass in which nothing changed gives the same record.
 */
export function planPresubmit(record: PresubmitRecord, facts: PresubmitFacts): PresubmitPlan {
  const outbox = record.outbox.filter(({ id }) => !facts.sent.has(id));
  const draft: Draft = { record: { ...record, outbox }, effects: [], reasons: [] };
  takeForge(draft, facts);
  answerComments(draft, facts);
  takeButtons(draft, facts);
  hintQueue(draft, facts);
  const standing = judgeStanding(draft.record, facts);
  // Begun on what was known a minute ago: it would not have been begun now.
  if (record.unconfirmed !== undefined && draft.record.unconfirmed === undefined && standing.kind === 'unapproved')
    retireUnfinished(draft, standing.because);
  if (facts.superseded === true && draft.record.change?.head === record.change?.head) supersede(draft);
  if (standing.kind === 'ready' && draft.record.awake && !standing.pull.draft) planAutomatic(draft, facts, standing);
  advanceJobs(draft, facts, standing, subjectOf(draft));
  noteConflict(draft, standing);
  report(draft, facts, standing);
  for (const { effect } of draft.record.outbox) draft.effects.push(effect);
  const wakeAt = nextWake(record, draft, standing, facts);
  const settled = wakeAt === null && draft.record.pull?.state !== 'open';
  return {
    record: draft.record,
    effects: draft.effects,
    reasons: draft.reasons,
    line: lineEntries(draft.record),
    wakeAt,
    settled,
  };
}
