import type { Executor } from '../../src/ports/executor.ts';

/** How long pods on simulated nodes run: all the same, but for the first, which end as if others had run before them. */
export interface RunFor {
  readonly ms: number;
  /** How many run at once: so many at first end evenly spread over the time of one. */
  readonly atOnce: number;
}

/** Writes it where a simulated node reads it (cluster.d/simulated-completion.yaml). */
export function runForSoLong(executor: Executor, runFor: RunFor | undefined): Executor {
  if (runFor === undefined) return executor;
  let started = 0;
  return {
    ...executor,
    start(manifest, secrets) {
      started += 1;
      const ms = Math.round(runFor.ms * Math.min(1, started / runFor.atOnce));
      const annotations = { ...manifest.metadata.annotations, 'sim.sluice.dev/run-for': `${ms}ms` };
      return executor.start({ ...manifest, metadata: { ...manifest.metadata, annotations } }, secrets);
    },
  };
}
