import type { GateEffect } from '../../model/gate-effect.ts';
import type {
  AskedChange,
  BranchKey,
  CandidateState,
  Departure,
  MadeCandidate,
  QueueBranch,
  QueueItem,
  QueueRecord,
} from '../../model/queue.ts';
import type { WantedCandidate, WantedTag, WantedTree, Wants } from './facts.ts';
import { jobsOf, madeOf } from './made-of.ts';

/** A plan in the making: what the record becomes, what is asked of the world, why, and what is lacking. One call long. */
export interface GateDraft {
  record: QueueRecord;
  readonly effects: GateEffect[];
  readonly reasons: string[];
  readonly wants: {
    readonly candidates: WantedCandidate[];
    readonly trees: WantedTree[];
    readonly roots: Wants['roots'][number][];
    readonly differences: Wants['differences'][number][];
    readonly views: string[];
    readonly indexes: Wants['indexes'][number][];
    readonly looks: Wants['looks'][number][];
    readonly tags: WantedTag[];
  };
}

/** Names a change within a queue. */
export function changeIdOf(change: { readonly branch: BranchKey; readonly number: number }): string {
  return `${change.branch}#${change.number}`;
}

/** What an id of `changeIdOf` names. */
export function changeOf(id: string): { readonly branch: BranchKey; readonly number: number } {
  const at = id.lastIndexOf('#');
  return { branch: id.slice(0, at) as BranchKey, number: Number(id.slice(at + 1)) };
}

/** As people know it: with its project where several share the queue. */
export function changeNameOf(
  record: QueueRecord,
  change: { readonly branch: BranchKey; readonly number: number },
): string {
  const { number, branch } = change;
  if (record.branches.length < 2) return `#${number}`;
  const { owner, name } = branchOf(record, branch).project;
  return `${owner}/${name}#${number}`;
}

export function branchOf(record: QueueRecord, key: BranchKey): QueueBranch {
  const found = record.branches.find((branch) => branch.key === key);
  if (!found) throw new Error(`the queue has no branch ${key}`);
  return found;
}

/** Of a landing under way, all that its push lands: what is inside, oldest first, and itself. */
export function landingOf({
  landing,
}: Pick<QueueRecord, 'landing'>): readonly Pick<AskedChange, 'branch' | 'number'>[] {
  if (landing === null) return [];
  const { branch, number, inside = [] } = landing;
  return [...inside, { number }].map((each) => ({ branch, number: each.number }));
}

/** What is being landed is resolved by reading first: until then nothing else becomes of it. */
export function isBeingLanded(
  record: Pick<QueueRecord, 'landing'>,
  change: Pick<AskedChange, 'branch' | 'number'>,
): boolean {
  return landingOf(record).some(({ branch, number }) => branch === change.branch && number === change.number);
}

export function putItem(draft: GateDraft, item: QueueItem): void {
  const { number, branch } = item;
  const items = draft.record.items.map((other) => (other.number === number && other.branch === branch ? item : other));
  draft.record = { ...draft.record, items };
}

export function putBranch(draft: GateDraft, branch: QueueBranch): void {
  const branches = draft.record.branches.map((other) => (other.key === branch.key ? branch : other));
  draft.record = { ...draft.record, branches };
}

function isUnfinished(candidate: MadeCandidate): boolean {
  return jobsOf(candidate).some(
    ({ status }) =>
      status.kind === 'blocked' ||
      ('builds' in status && status.builds.some((build) => build.state.phase !== 'finished')),
  );
}

/** Has what is under way of a candidate stopped; one that is done needs nothing. */
export function stopCandidate(
  draft: GateDraft,
  change: Pick<AskedChange, 'branch' | 'number'> & Partial<Pick<AskedChange, 'view'>>,
  candidate: CandidateState | null,
  because: string,
): void {
  if (candidate?.kind !== 'made' || !isUnfinished(candidate)) return;
  const { branch, number, view } = change;
  const { kept: _, ...plain } = candidate;
  const ending = { ...plain, jobs: candidate.kept === undefined ? candidate.jobs : jobsOf(candidate) };
  const stopped = { branch, number, candidate: ending, because, ...(view ? { author: view.pull.author.id } : {}) };
  draft.record = { ...draft.record, stopping: [...draft.record.stopping, stopped] };
}

/** Has all that is under way of an item stopped; what is left of it is tested on nothing. */
export function stopAll(draft: GateDraft, item: QueueItem, because: string): QueueItem {
  for (const candidate of madeOf(item)) stopCandidate(draft, item, candidate, because);
  const { hedges: _, rejecting: __, ...rest } = item;
  return { ...rest, candidate: null };
}

/** Has an item tested from the beginning: what is under way of its candidate, be it of a job that does not count, is stopped. */
export function testAnew(draft: GateDraft, item: QueueItem): void {
  putItem(draft, { ...stopAll(draft, item, 'it is tested anew'), parked: null });
}

/** Takes an item out of the queue: its builds are stopped, and its author is told. */
export function takeOut(draft: GateDraft, item: QueueItem, departure: Departure, now: number): void {
  const id = changeIdOf(item);
  const because = 'because' in departure ? departure.because : 'it has landed';
  stopAll(draft, item, because);
  const { record } = draft;
  const candidate = item.candidate?.kind === 'made' ? item.candidate : null;
  draft.record = {
    ...record,
    items: record.items.filter((other) => changeIdOf(other) !== id),
    leaving: [...record.leaving, { change: item, departure, candidate, at: now }],
  };
  draft.reasons.push(`#${item.number}: ${departure.kind}, ${because}`);
}

/** Ends a request that never entered. */
export function dropAsked(draft: GateDraft, change: AskedChange, because: string, now: number): void {
  const id = changeIdOf(change);
  const { record } = draft;
  draft.record = {
    ...record,
    asked: record.asked.filter((other) => changeIdOf(other) !== id),
    leaving: [...record.leaving, { change, departure: { kind: 'withdrawn', because }, candidate: null, at: now }],
  };
  draft.reasons.push(`#${change.number}: withdrawn, ${because}`);
}
