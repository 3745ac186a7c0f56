import { Registry } from 'prom-client';
import type { Figures, Metrics } from '../../ports/metrics.ts';
import { createCounters } from './counters.ts';
import { createFigureGauges } from './figure-gauges.ts';
import { createProcessGauges } from './process-gauges.ts';

export interface PrometheusOptions {
  /** Rejects when Redis gives no answer in time; then the rest is told without it. */
  readonly figures: () => Promise<Figures>;
  /** The operator's pools, which may be named. */
  readonly pools: readonly string[];
  readonly version: string;
  readonly now: () => number;
}

export interface Prometheus {
  readonly metrics: Metrics;
  readonly contentType: string;
  /** Everything in Prometheus' text format. Holds numbers and words of ours only: no secret, and no name of anything on the forge. */
  scrape(): Promise<string>;
  /** Ends measuring. */
  close(): void;
}

/** A registry of its own, so that several servers in one process count apart. */
export function createPrometheus(options: PrometheusOptions): Prometheus {
  const registry = new Registry();
  const setFigures = createFigureGauges(registry, options.pools);
  const close = createProcessGauges(registry, options.version);
  return {
    metrics: createCounters(registry),
    contentType: registry.contentType,
    async scrape() {
      setFigures(await orNull(options.figures), options.now());
      return registry.metrics();
    },
    close,
  };
}

async function orNull(figures: () => Promise<Figures>): Promise<Figures | null> {
  try {
    return await figures();
  } catch {
    // Told by sluice_redis_up; the connection itself has said why in the log.
    return null;
  }
}
