import type { PolicySummary } from '../core/simulate/summarise.ts';
import { policyHeads } from './draw-simulation.ts';
import type { SeriesResult } from './play-series.ts';
import { formatTable } from './table.ts';

function rowOf(policy: PolicySummary): readonly string[] {
  const { intervals } = policy;
  const figure = (name: keyof PolicySummary['intervals'], digits: number): string => {
    const value = policy[name];
    const interval = intervals[name];
    if (value === null || interval === null) return '–';
    const [low, high] = interval;
    return `${value.toFixed(digits)} (${low.toFixed(digits)}–${high.toFixed(digits)})`;
  };
  return [
    policy.name,
    figure('mergedPerHour', 1),
    figure('p50Minutes', 0),
    figure('p95Minutes', 0),
    figure('p99Minutes', 0),
    figure('buildsPerLanding', 2),
    figure('slotMinutesPerLanding', 1),
    policy.wronglyRejectedPercent.toFixed(2),
    policy.redMain.toFixed(1),
    policy.leftInQueue.toFixed(1),
  ];
}

function seedsIn(seeds: readonly number[]): string {
  return seeds.length === 1 ? `seed ${seeds[0]}` : `seeds ${seeds[0]} to ${seeds.at(-1)}`;
}

/** One table for each load: means, and in brackets where 95 of 100 means of such seeds lie. */
export function seriesTables(results: readonly SeriesResult[]): string {
  return results
    .map(({ name, about, seeds, policies }) => {
      const head = `${[name, about].filter((words) => words !== '').join(': ')} (${seedsIn(seeds)})`;
      return `${head}\n${formatTable(policyHeads(' %'), policies.map(rowOf))}`;
    })
    .join('\n');
}
