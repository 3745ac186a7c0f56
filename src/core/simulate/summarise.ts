import { drawsOf } from './chance.ts';
import type { PolicyFigures } from './measure.ts';

type Figure = Exclude<keyof PolicyFigures, 'name'>;

/** Means over seeds, each with the span in which 95 of 100 resampled means lie; null where no seed has the figure. */
export interface PolicySummary extends PolicyFigures {
  /** Of all that arrived. */
  readonly wronglyRejectedPercent: number;
  readonly intervals: Readonly<Record<Figure, readonly [number, number] | null>>;
}

const figures: readonly Figure[] = [
  'mergedPerHour',
  'p50Minutes',
  'p95Minutes',
  'p99Minutes',
  'buildsPerLanding',
  'slotMinutesPerLanding',
  'wronglyRejected',
  'redMain',
  'leftInQueue',
];
const resamples = 1_000;
const outside = 0.025;

function meanOf(numbers: readonly number[]): number {
  return numbers.reduce((sum, number) => sum + number, 0) / numbers.length;
}

/** The bootstrap interval of a mean (scheduling.md §2); one number is its own interval. */
export function intervalOf(numbers: readonly number[]): readonly [number, number] {
  const { unit } = drawsOf(numbers.length, 'bootstrap');
  const draw = (): number => numbers[Math.floor(unit() * numbers.length)] ?? Number.NaN;
  const means = Array.from({ length: resamples }, () => meanOf(numbers.map(draw))).sort((one, other) => one - other);
  const at = (share: number): number => means[Math.round(share * (resamples - 1))] ?? Number.NaN;
  return [at(outside), at(1 - outside)];
}

/** One run of the same policy for each seed, with how many changes arrived in it. */
export function summarise(
  runs: readonly { readonly figures: PolicyFigures; readonly changes: number }[],
): PolicySummary {
  const [first] = runs;
  if (!first) throw new Error('there is no run to summarise');
  const of = (figure: Figure): readonly number[] => runs.flatMap((run) => run.figures[figure] ?? []);
  const means = figures.map((figure) => [figure, of(figure).length === 0 ? null : meanOf(of(figure))]);
  const intervals = figures.map((figure) => [figure, of(figure).length === 0 ? null : intervalOf(of(figure))]);
  const changes = runs.reduce((sum, run) => sum + run.changes, 0);
  const wrong = runs.reduce((sum, run) => sum + run.figures.wronglyRejected, 0);
  return {
    name: first.figures.name,
    ...(Object.fromEntries(means) as Omit<PolicyFigures, 'name'>),
    wronglyRejectedPercent: changes === 0 ? 0 : (100 * wrong) / changes,
    intervals: Object.fromEntries(intervals) as PolicySummary['intervals'],
  };
}
