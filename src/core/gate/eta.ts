import type { CandidateState, QueueItem, QueueRecord } from '../../model/queue.ts';
import { changeIdOf } from './draft.ts';
import { holdLabel } from './entry/judge-request.ts';
import { foldVerdict } from './fold-verdict.ts';
import { redTipOf } from './red-tip.ts';

/** When an item may land. `at`: ms, in whole five minutes. */
export type Eta =
  | { readonly kind: 'at'; readonly at: number }
  | { readonly kind: 'unknown'; readonly because: string }
  /** As likely as not by the one, nine times of ten by the other, ms; null: it does not land in so many cases. */
  | { readonly kind: 'between'; readonly p50: number | null; readonly p90: number | null; readonly because: string };

/** How many landings an estimate looks back on. */
const mostPaces = 10;
const roundMs = 5 * 60_000;

/** The paces of a queue once this candidate landed: how long each of the last took from being made to having passed, ms. */
export function pacesAfter({ paces = [] }: QueueRecord, candidate: CandidateState | null): readonly number[] {
  if (candidate?.kind !== 'made' || candidate.madeAt === undefined || candidate.verdict === null) return paces;
  const { at, reused } = candidate.verdict;
  // What was not run says nothing of how long that takes, but for what only was made anew where the branch is.
  if (reused && reused.commit !== candidate.guess?.moved) return paces;
  return [...paces, (reused?.at ?? at) - candidate.madeAt].slice(-mostPaces);
}

function medianOf(numbers: readonly number[]): number {
  const sorted = [...numbers].sort((one, other) => one - other);
  const middle = sorted.length / 2;
  return ((sorted[Math.floor(middle)] ?? 0) + (sorted[Math.ceil(middle - 1)] ?? 0)) / 2;
}

function counted(count: number): string {
  return count === 1 ? 'the last landing' : `the last ${count} landings`;
}

/**
 * When its own tests may have passed, 0: they have; null: it is stepped over, or nothing can be said. `opens`: when there may be
 * room to test it; undefined: there is.
 */
function readyAt({ view, parked, candidate }: QueueItem, pace: number, opens: number | undefined): number | null {
  if (parked !== null || view.pull.labels.includes(holdLabel)) return null;
  if (candidate === null) return opens === undefined ? null : opens + pace;
  if (candidate.kind !== 'made' || candidate.broken !== null) return null;
  const verdict = candidate.jobs === null ? 'pending' : foldVerdict(candidate.jobs).verdict;
  if (verdict === 'passed') return 0;
  return verdict === 'pending' && candidate.madeAt !== undefined ? candidate.madeAt + pace : null;
}

/**
 * When each item may land, by id, from how long those that landed took: the median, and behind those ahead. Nothing is said of
 * what is stepped over or lands next, nor of any while the queue is frozen or red. `waiting`: ids of those that lack something
 * and keep those behind from landing.
 */
export function estimateLandings(
  record: QueueRecord,
  waiting: ReadonlySet<string>,
  now: number,
): ReadonlyMap<string, Eta> {
  const etas = new Map<string, Eta>();
  const { paces = [], window, frozen, items } = record;
  if (frozen !== null || redTipOf(record) !== null) return etas;
  const pace = medianOf(paces);
  const line: number[] = [];
  let because = paces.length === 0 ? 'yet: nothing has landed from this queue so far' : null;
  for (const item of items) {
    const opens = line[line.length - window];
    const ready = readyAt(item, pace, opens === undefined ? undefined : Math.max(opens, now));
    if (ready === null) continue;
    if (ready > 0 && ready <= now)
      because ??= `now: it, or what is ahead of it, takes longer than ${counted(paces.length)}`;
    const at = Math.max(ready, line.at(-1) ?? 0);
    line.push(at);
    const id = changeIdOf(item);
    if (waiting.has(id)) because ??= 'now: what is ahead of it waits for something';
    else if (because !== null && at > 0) etas.set(id, { kind: 'unknown', because });
    else if (because === null && at > 0) etas.set(id, { kind: 'at', at: Math.ceil(at / roundMs) * roundMs });
  }
  return etas;
}

function timeOfDay(at: number, now: number): string {
  const [day = '', time = ''] = new Date(at).toISOString().slice(0, 16).split('T');
  return `${new Date(now).toISOString().startsWith(day) ? '' : `${day} `}${time} UTC`;
}

/** Begins the line that says when something may land. */
export const etaBegins = 'Expected to land: ';

/** In whole five minutes; what is due now is due in the next five. */
function roundTime(at: number, now: number): string {
  return timeOfDay(Math.ceil(Math.max(at, now + 1) / roundMs) * roundMs, now);
}

function describeForesight({ p50, p90, because }: Extract<Eta, { kind: 'between' }>, now: number) {
  if (p50 === null) return { line: `${etaBegins}it will more likely fail than land; ${because}.`, short: '' };
  const half = roundTime(p50, now);
  const most = p90 === null ? 'it may well fail' : `nine times of ten by ${roundTime(p90, now)}`;
  return { line: `${etaBegins}as likely as not by ${half}, ${most}; ${because}.`, short: `lands about ${half}` };
}

/** An estimate in words, for a line of its own and for a title; empty: nothing is said. */
export function describeEta(
  eta: Eta | undefined,
  { paces = [] }: Pick<QueueRecord, 'paces'>,
  now: number,
): { readonly line: string; readonly short: string } {
  if (eta === undefined) return { line: '', short: '' };
  if (eta.kind === 'between') return describeForesight(eta, now);
  if (eta.kind === 'unknown') return { line: `${etaBegins}not known ${eta.because}.`, short: '' };
  const at = timeOfDay(eta.at, now);
  return { line: `${etaBegins}about ${at}, going by ${counted(paces.length)}.`, short: `lands about ${at}` };
}
