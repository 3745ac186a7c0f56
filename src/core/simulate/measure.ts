import type { Trace } from './arrival.ts';
import type { RunRecord } from './run-policy.ts';

/** One row of the table; null: nothing landed of which it could be told. */
export interface PolicyFigures {
  readonly name: string;
  readonly mergedPerHour: number;
  readonly p50Minutes: number | null;
  readonly p95Minutes: number | null;
  readonly p99Minutes: number | null;
  readonly buildsPerLanding: number | null;
  readonly slotMinutesPerLanding: number | null;
  /** How many good changes were turned away. */
  readonly wronglyRejected: number;
  /** How many landings left `main` in a state that fails. */
  readonly redMain: number;
  readonly leftInQueue: number;
}

/** What is counted: landings in this span, and turnarounds of what arrived in it. */
export interface Span {
  readonly from: number;
  readonly to: number;
  /** When the run ended: whoever still waits then has waited so long. */
  readonly end: number;
}

/** Of sorted numbers, the nearest rank; null: there are none. */
export function percentile(sorted: readonly number[], share: number): number | null {
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? null;
}

/** From arrival to landing, or to the end for who still waits, sorted. Rejected ones have none. */
export function turnaroundsOf({ changes }: Trace, { outcomes }: RunRecord, { from, to, end }: Span): readonly number[] {
  return changes
    .flatMap(({ atMinute, number }) => {
      const outcome = outcomes[number - 1];
      if (!outcome || outcome.rejectedAt !== null || atMinute < from || atMinute >= to) return [];
      return [(outcome.landedAt ?? end) - atMinute];
    })
    .sort((one, other) => one - other);
}

export function figuresOf(trace: Trace, run: RunRecord, span: Span): PolicyFigures {
  const landed = run.outcomes.flatMap(({ landedAt }) => landedAt ?? []);
  const inSpan = landed.filter((at) => at >= span.from && at <= span.to).length;
  const turnarounds = turnaroundsOf(trace, run, span);
  const each = (sum: number): number | null => (landed.length === 0 ? null : sum / landed.length);
  const left = run.outcomes.filter(({ landedAt, rejectedAt }) => landedAt === null && rejectedAt === null).length;
  return {
    name: run.policy.name,
    mergedPerHour: span.to > span.from ? (inSpan * 60) / (span.to - span.from) : 0,
    p50Minutes: percentile(turnarounds, 0.5),
    p95Minutes: percentile(turnarounds, 0.95),
    p99Minutes: percentile(turnarounds, 0.99),
    buildsPerLanding: each(run.builds),
    slotMinutesPerLanding: each(run.slotMinutes),
    wronglyRejected: run.wronglyRejected.length,
    redMain: run.redMain,
    leftInQueue: left,
  };
}
