import type { JobRecord } from '../../model/presubmit.ts';
import type { MadeCandidate, QueueItem, QueueRecord, RedTip } from '../../model/queue.ts';
import type { Sha } from '../../model/sha.ts';
import { standsOn, tipsOf } from './candidates.ts';
import { isHeld } from './entry/judge-request.ts';

/** Whose fault a failure on the tip is (gate.md §3 "A red tip"). */
export type Blame =
  | { readonly kind: 'theirs' }
  /** What failed runs on the tip as it is; nothing is said before that is known. */
  | { readonly kind: 'asking'; readonly jobs: readonly string[] }
  | { readonly kind: 'red'; readonly tip: Sha; readonly since: number; readonly jobs: readonly string[] };

const theirs: Blame = { kind: 'theirs' };
/** Stands for the configuration itself where that is what fails. */
export const configuration = 'the configuration';

/** The gate saw these jobs pass on the tip before it landed it. What was skipped there may have been red before. */
export function isProven({ branches }: QueueRecord, { branch }: QueueItem, accused: readonly string[]): boolean {
  const own = branches.find(({ key }) => key === branch)?.proven ?? [];
  const isOurs = branches.every(({ tip, proven }) => tip === null || proven !== undefined);
  return isOurs && accused.every((name) => name === configuration || own.includes(name));
}

function isFailure({ status }: JobRecord): boolean {
  return status.kind === 'ended' && (status.result === 'failure' || status.result === 'timeout');
}

/** What is to be seen failing on the tip: the required jobs that failed, or else those that kept a required one from running. */
export function accusedOf({ broken, jobs }: MadeCandidate): readonly string[] {
  if (broken !== null) return [configuration];
  const failed = (jobs ?? []).filter(isFailure);
  const required = failed.filter((job) => job.required);
  return (required.length > 0 ? required : failed).map(({ job }) => job);
}

/** What was asked of the tip that the branch has now; null: nothing yet. */
export function probeFor(record: QueueRecord, { branch }: Pick<QueueItem, 'branch'>): RedTip | null {
  const tips = tipsOf(record);
  const found = (record.probes ?? []).find((red) => red.branch === branch && standsOn(record, red.probe.parents, tips));
  return found ?? null;
}

type Answer = 'green' | 'red' | 'asking' | 'unasked';

function answerOf({ probe }: RedTip, name: string): Answer {
  if (name === configuration) return probe.broken === null ? 'green' : 'red';
  if (probe.broken !== null) return 'green';
  const status = probe.jobs?.find(({ job }) => job === name)?.status;
  if (status === undefined) return 'unasked';
  if (status.kind === 'skipped') return 'red';
  if (status.kind !== 'ended' || status.result === 'error' || status.result === 'aborted') return 'asking';
  return status.result === 'success' ? 'green' : 'red';
}

/**
 * Whose fault it is that an item failed on the tip. What the gate did not see passing there may be what is broken: only what
 * passes there, or is not there, is the item's own failure. Reads what was asked; `askTip` asks.
 */
export function blameFor(record: QueueRecord, item: QueueItem): Blame {
  const { candidate } = item;
  const tips = tipsOf(record);
  if (candidate?.kind !== 'made' || !standsOn(record, candidate.parents, tips)) return theirs;
  const accused = accusedOf(candidate);
  if (accused.length === 0 || isProven(record, item, accused)) return theirs;
  const red = probeFor(record, item);
  if (red === null) return { kind: 'asking', jobs: accused };
  const answers = accused.map((name) => answerOf(red, name));
  if (answers.includes('green')) return theirs;
  if (answers.some((answer) => answer !== 'red')) return { kind: 'asking', jobs: accused };
  return { kind: 'red', tip: red.probe.commit, since: red.since, jobs: accused };
}

/**
 * In lanes, whose failure is asked of a tip that is to stay until that is told: others would land on it all the time; null: nobody's.
 * What is stepped over keeps nobody.
 */
export function askingOf(record: QueueRecord): QueueItem | null {
  if (record.schedule?.lanes !== true) return null;
  const isAsked = (item: QueueItem): boolean =>
    item.rejecting !== undefined && item.parked === null && !isHeld(item.view.pull.labels);
  return record.items.find((item) => isAsked(item) && blameFor(record, item).kind === 'asking') ?? null;
}

/** It failed while the tip was red, which is not so any more: that is held against nobody. */
export function isExcused(record: QueueRecord, item: QueueItem): boolean {
  const { candidate } = item;
  const red = probeFor(record, item);
  if (candidate?.kind !== 'made' || red?.recoveredAt === undefined) return false;
  const wasRed = accusedOf(candidate).some((name) => red.failed?.includes(name));
  return wasRed && (candidate.madeAt ?? 0) <= red.recoveredAt;
}

/** The tip that is known to be broken by itself; null: none is. */
export function redTipOf(record: QueueRecord): Extract<Blame, { kind: 'red' }> | null {
  for (const item of record.items) {
    const blame = blameFor(record, item);
    if (blame.kind === 'red') return blame;
  }
  return null;
}
