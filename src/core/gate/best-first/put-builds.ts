import type { ChainLink } from '../../../model/best-first.ts';
import type { Build } from '../../../model/build.ts';
import type { RecordedFlake } from '../../../model/flake.ts';
import type { JobRecord } from '../../../model/presubmit.ts';
import type { MadeCandidate, QueueItem } from '../../../model/queue.ts';
import { type GateDraft, putItem, stopCandidate } from '../draft.ts';
import { madeOf } from '../made-of.ts';
import type { UnitId } from '../schedule/unit.ts';

/** What a new candidate of an item assumes, and since when it is tested. */
export interface Begun {
  readonly candidate: MadeCandidate;
  readonly under: readonly ChainLink[];
  readonly excluded: readonly UnitId[];
  /** Those under it that it tests as well. */
  readonly heads: readonly UnitId[];
  /** How many had landed, ever. */
  readonly onto: number;
  readonly now: number;
}

/** The item with these tests and no others, the first of which it is told by. */
export function withMade(item: QueueItem, made: readonly MadeCandidate[]): QueueItem {
  const [first, ...hedges] = made;
  const { hedges: _, ...rest } = item;
  const candidate = first ?? (item.candidate?.kind === 'made' ? null : item.candidate);
  return { ...rest, candidate, ...(hedges.length > 0 ? { hedges } : {}) };
}

/** It was told to stop, as with `failFast` once another has failed: it comes to nothing, which says nothing of the next try. */
function isStopping({ status }: JobRecord): boolean {
  const ends = ({ state }: Build): boolean =>
    state.phase === 'stopping' || (state.phase === 'finished' && state.result === 'aborted');
  return status.kind === 'building' && status.builds.some(ends);
}

/** Of a try that failed, what passed, was skipped for certain or still runs: the next one keeps it. */
function keptOf({ jobs }: MadeCandidate): readonly JobRecord[] {
  return (jobs ?? []).filter((record) => {
    const { status } = record;
    if (status.kind === 'building') return !isStopping(record);
    return status.kind === 'skipped'
      ? status.definite === true
      : status.kind === 'ended' && status.result === 'success';
  });
}

/** What failed in this try and those before it. */
function failuresOf({ jobs, failures = [] }: MadeCandidate): readonly RecordedFlake[] {
  const failed = (jobs ?? []).flatMap(({ job, status }) => {
    if (status.kind !== 'ended' || (status.result !== 'failure' && status.result !== 'timeout')) return [];
    const builds = status.builds.filter(({ state }) => state.phase === 'finished' && state.result === status.result);
    return [{ job, failures: 1, builds: builds.map(({ id }) => id) }];
  });
  const all = [...failures, ...failed];
  return [...new Set(all.map(({ job }) => job))].map((job) => {
    const own = all.filter((each) => each.job === job);
    return {
      job,
      failures: own.reduce((sum, each) => sum + each.failures, 0),
      builds: own.flatMap(({ builds }) => builds),
    };
  });
}

/** Puts a candidate that is to be tested on its item. Where it is a try of the same commit again, only what failed is run. */
export function putBegun(
  draft: GateDraft,
  item: QueueItem,
  { candidate, under, excluded, heads, onto, now }: Begun,
): void {
  const makes = item.makes + 1;
  const guess = { under, excluded, onto, make: makes, ...(heads.length > 0 ? { heads } : {}) };
  const before = madeOf(item).find(({ commit }) => commit === candidate.commit);
  const kept = before ? keptOf(before) : [];
  const stopping = (before?.jobs ?? []).filter(isStopping);
  if (before && stopping.length > 0)
    stopCandidate(draft, item, { ...before, jobs: stopping }, 'what failed beside it is run once more');
  const { spent: _, ...plain } = candidate;
  const fresh = { ...plain, guess, madeAt: now, jobs: null, broken: null, verdict: null };
  const failures = before ? failuresOf(before) : [];
  const again = failures.length > 0 ? { ...fresh, failures } : fresh;
  const begun: MadeCandidate = kept.length > 0 ? { ...again, kept } : again;
  const others = madeOf(item).filter((other) => other !== before);
  // What failed before was kept for its author until something else is tested.
  for (const other of others) if (other.spent) stopCandidate(draft, item, other, 'it is tested on another ground');
  const left = others.filter(({ spent }) => spent !== true);
  putItem(draft, { ...withMade(item, [...left, begun]), makes });
}

/** Ends one candidate, or keeps it for its author where it has failed. */
export function putDropped(draft: GateDraft, item: QueueItem, candidate: MadeCandidate, failed: boolean): void {
  const others = madeOf(item).filter((other) => other !== candidate);
  if (failed) {
    putItem(draft, withMade(item, [...others, { ...candidate, spent: true }]));
    return;
  }
  stopCandidate(draft, item, candidate, 'what it stands on will not come to be');
  putItem(draft, withMade(item, others));
}

/** What was made anew on the tip, and on what is inside of it (`under`), as the candidate that may have the verdict of one that passed where the branch was before. */
export function movedTo(
  before: MadeCandidate,
  { candidate, under }: Pick<Begun, 'candidate' | 'under'>,
  make: number,
  onto: number,
): MadeCandidate {
  const { excluded = [] } = before.guess ?? {};
  // Of what has a verdict of before itself, the one that was tested.
  const moved = before.verdict?.reused?.commit ?? before.commit;
  const heads = under.map(({ unit }) => unit);
  const guess = { under, excluded, onto, make, moved, ...(heads.length > 0 ? { heads } : {}) };
  const times = before.madeAt === undefined ? {} : { madeAt: before.madeAt };
  const { spent: _, key: __, shape: ___, ...plain } = candidate;
  return { ...plain, ...times, guess, jobs: null, broken: null, verdict: null };
}

/** It speaks of its own change alone from now on: each that is inside is to land by itself. */
export function putAlone(draft: GateDraft, item: QueueItem, candidate: MadeCandidate): void {
  const { guess } = candidate;
  if (guess === undefined) return;
  const alone: MadeCandidate = { ...candidate, guess: { ...guess, alone: true } };
  putItem(
    draft,
    withMade(
      item,
      madeOf(item).map((made) => (made === candidate ? alone : made)),
    ),
  );
}

/** Puts it in the place of that one. */
export function putMoved(draft: GateDraft, item: QueueItem, before: MadeCandidate, moved: MadeCandidate): void {
  const others = madeOf(item).filter((other) => other !== before && other.commit !== moved.commit);
  stopCandidate(draft, item, before, 'it is made anew on the tip');
  putItem(draft, { ...withMade(item, [moved, ...others]), makes: item.makes + 1 });
}
