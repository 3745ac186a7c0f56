import { percentile } from '../core/simulate/measure.ts';
import type { PolicyResult, Simulation } from '../core/simulate/simulate.ts';
import { formatTable } from './table.ts';

const columns = 48;
const blocks = '▁▂▃▄▅▆▇█';
const shortest = 5;

function figure(value: number | null, digits = 0): string {
  return value === null ? '–' : value.toFixed(digits);
}

function rowOf({ figures }: PolicyResult): readonly string[] {
  return [
    figures.name,
    figure(figures.mergedPerHour, 1),
    figure(figures.p50Minutes),
    figure(figures.p95Minutes),
    figure(figures.p99Minutes),
    figure(figures.buildsPerLanding, 2),
    figure(figures.slotMinutesPerLanding, 1),
    `${figures.wronglyRejected}`,
    `${figures.redMain}`,
    `${figures.leftInQueue}`,
  ];
}

/** Of a table of policies; `unit`: in what those that were wrongly rejected are counted, empty for one by one. */
export function policyHeads(unit: '' | ' %'): readonly string[] {
  const costs = ['builds/landing', 'slot-min/landing', `wrongly rejected${unit}`];
  return ['policy', 'merged/h', 'p50 min', 'p95 min', 'p99 min', ...costs, 'red main', 'left'];
}

/** The figures of each policy in a line. */
export function figuresTable({ results }: Simulation): string {
  return formatTable(policyHeads(''), results.map(rowOf));
}

/** A share from 0 to 1 as a block of that height; nothing for 0. */
function block(share: number): string {
  if (share <= 0) return ' ';
  return blocks[Math.min(blocks.length - 1, Math.floor(share * blocks.length))] ?? ' ';
}

function labelled(results: readonly PolicyResult[], curve: (result: PolicyResult) => string): string {
  const width = Math.max(...results.map(({ figures }) => figures.name.length));
  return results.map((result) => `  ${result.figures.name.padEnd(width)} ${curve(result)}\n`).join('');
}

/** How many of sorted numbers are at most this. */
function countUpTo(sorted: readonly number[], most: number): number {
  const at = sorted.findIndex((number) => number > most);
  return at === -1 ? sorted.length : at;
}

/** Longest turnaround that a picture shows, minutes. */
export function longestTurnaround({ results }: Simulation): number {
  return Math.max(2 * shortest, ...results.map(({ turnarounds }) => turnarounds.at(-1) ?? 0));
}

/** The share that has landed after a time that grows by the same factor from column to column. */
export function turnaroundCurves(simulation: Simulation): string {
  const longest = longestTurnaround(simulation);
  const curve = ({ turnarounds }: PolicyResult): string => {
    const shares = Array.from({ length: columns }, (_, at) => {
      const minutes = shortest * (longest / shortest) ** ((at + 1) / columns);
      return turnarounds.length === 0 ? 0 : countUpTo(turnarounds, minutes) / turnarounds.length;
    });
    return `${shares.map(block).join('')}  half within ${figure(percentile(turnarounds, 0.5))} min`;
  };
  const axis = `  from ${shortest} min at the left to ${longest.toFixed(0)} min at the right, each column as much longer as the last\n`;
  return `Share of the changes that have landed after so long:\n${labelled(simulation.results, curve)}${axis}`;
}

/** How many waited at a time: what the last event before it left. */
export function waitingAt(queueLength: PolicyResult['queueLength'], time: number): number {
  return queueLength.findLast(({ at }) => at <= time)?.waiting ?? 0;
}

/** Queue length over the whole run, all with the same scale. */
export function queueCurves({ span, results }: Simulation): string {
  const most = Math.max(1, ...results.flatMap(({ queueLength }) => queueLength.map(({ waiting }) => waiting)));
  const curve = ({ queueLength }: PolicyResult): string => {
    const counts = Array.from({ length: columns }, (_, at) => waitingAt(queueLength, (span.end * (at + 1)) / columns));
    const longest = Math.max(0, ...queueLength.map(({ waiting }) => waiting));
    return `${counts.map((count) => block(count / most)).join('')}  at most ${longest}`;
  };
  const hours = (minutes: number): string => `${Math.round(minutes / 60)} h`;
  const axis = `  from 0 h at the left to ${hours(span.end)} at the right; nothing arrives after ${hours(span.to)}\n`;
  return `Changes in the queue:\n${labelled(results, curve)}${axis}`;
}
