import type { BuildId } from '../../src/model/build.ts';
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
    follow: (build, onChunk, signal) => untilOver(executor, build, signal).then(() => onChunk(said)),
  };
}

const said = { container: 'unit', text: 'made\n' };

/** A simulated node keeps no log, and would be asked for it again and again: what is one stream in a cluster is none here. */
function untilOver(executor: Executor, build: BuildId, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const look = async (): Promise<void> => {
      const pod = await executor.observe(build).catch(() => undefined);
      if (pod === undefined || pod?.phase === 'pending' || pod?.phase === 'running') return;
      end();
    };
    const unwatch = executor.watch((changed) => void (changed === build && look()));
    const end = (): void => {
      unwatch();
      resolve();
    };
    signal.addEventListener('abort', end, { once: true });
    void look();
  });
}
