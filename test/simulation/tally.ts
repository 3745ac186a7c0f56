import type { Fate } from './calls.ts';
import type { Outcome } from './world.ts';

/** What many worlds came to. */
export interface Tally {
  worlds: number;
  builds: number;
  steps: number;
  readonly settledMs: number[];
  readonly situations: Map<string, number>;
  readonly met: Map<string, Map<Fate, number>>;
}

export function emptyTally(): Tally {
  return { worlds: 0, builds: 0, steps: 0, settledMs: [], situations: new Map(), met: new Map() };
}

export function add(
  tally: Tally,
  outcome: Pick<Outcome, 'builds' | 'steps' | 'settledMs' | 'situations' | 'met'>,
): void {
  tally.worlds += 1;
  tally.builds += outcome.builds;
  tally.steps += outcome.steps;
  tally.settledMs.push(outcome.settledMs);
  for (const [what, count] of outcome.situations) tally.situations.set(what, (tally.situations.get(what) ?? 0) + count);
  for (const [where, fates] of outcome.met) {
    const sums = tally.met.get(where) ?? new Map<Fate, number>();
    for (const [fate, count] of fates) sums.set(fate, (sums.get(fate) ?? 0) + count);
    tally.met.set(where, sums);
  }
}

/** Where a process dies or a message is lost: each must have been hit at every call. */
const points: readonly (readonly [string, readonly Fate[]])[] = [
  ['before', ['before']],
  ['after', ['after', 'on return']],
  ['answer lost', ['answer lost']],
];

/** Fewer calls than these may well all have arrived. */
const seldom = 100;

function callsOf(fates: ReadonlyMap<Fate, number>): number {
  return [...fates.values()].reduce((sum, count) => sum + count, 0);
}

/** Calls that were made too seldom to ask for a failure of each kind. */
export function seldomMade(tally: Tally): readonly string[] {
  return [...tally.met].filter(([, fates]) => callsOf(fates) < seldom).map(([where]) => where);
}

/** Calls and points that no world ever hit, of those calls that were made often enough. */
export function neverHit(tally: Tally): readonly string[] {
  const often = [...tally.met].filter(([, fates]) => callsOf(fates) >= seldom);
  return often.flatMap(([where, fates]) =>
    points
      .filter(([, names]) => names.every((name) => (fates.get(name) ?? 0) === 0))
      .map(([point]) => `${where}: ${point}`),
  );
}

function quantile(sorted: readonly number[], share: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? 0;
}

/** The counts as lines of text; `seconds`: how long it all took. */
export function describeTally(tally: Tally, seconds: number): readonly string[] {
  const { worlds, builds, steps, settledMs, situations, met } = tally;
  const sorted = [...settledMs].sort((a, b) => a - b);
  const minutes = [0.5, 0.9, 0.99, 1].map((share) => Math.round(quantile(sorted, share) / 60_000)).join('/');
  const rows = [...met]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([where, fates]) => {
      const all = callsOf(fates);
      const cells = points.map(([, names]) => names.reduce((sum, name) => sum + (fates.get(name) ?? 0), 0));
      return [where.padEnd(24), ...[all, ...cells].map((count) => String(count).padStart(12))].join('');
    });
  const seen = [...situations].sort(([a], [b]) => (a < b ? -1 : 1));
  return [
    'situations reached',
    ...seen.map(([what, count]) => `${String(count).padStart(9)}  ${what}`),
    '',
    `${'call'.padEnd(24)}${['calls', ...points.map(([point]) => point)].map((head) => head.padStart(12)).join('')}`,
    ...rows,
    '',
    `${worlds} worlds, ${builds} Builds, ${steps} steps in ${Math.round(seconds)} s (${(worlds / seconds).toFixed(1)} worlds/s); at rest after ${minutes} min (median/90 %/99 %/most)`,
  ];
}
