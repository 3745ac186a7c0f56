import type { SeenBuild } from './observe-builds.ts';

// When the order to end was lost with whoever gave it.
const againMs = 60_000;

export interface Deadlines {
  /** Sets or clears the timer of each build that was seen. */
  readonly keep: (seen: Iterable<SeenBuild>) => void;
  readonly close: () => void;
}

/**
 * Podman ignores `activeDeadlineSeconds`: this ends what is over time. The time of creation is on record, so a worker that
 * comes back keeps the same deadlines as soon as it looks; nobody does while no worker lives.
 */
export function createDeadlines(
  now: () => number,
  onOver: (name: string, seconds: number) => Promise<void>,
): Deadlines {
  const timers = new Map<string, NodeJS.Timeout>();

  function clear(name: string): void {
    clearTimeout(timers.get(name));
    timers.delete(name);
  }

  function arm(name: string, seconds: number, delay: number): void {
    const fire = () => {
      arm(name, seconds, againMs);
      // Fails when the disk or podman does: then the next time does it.
      onOver(name, seconds).catch(() => timers.get(name)?.refresh());
    };
    timers.set(name, setTimeout(fire, Math.min(Math.max(delay, 0), 2 ** 31 - 1)).unref());
  }

  function keepOne({ record, pod }: SeenBuild): void {
    const seconds = record.manifest.spec.activeDeadlineSeconds;
    if (pod.phase === 'succeeded' || pod.phase === 'failed') clear(pod.name);
    else if (!timers.has(pod.name)) arm(pod.name, seconds, record.createdAt + seconds * 1000 - now());
  }

  return {
    keep: (seen) => {
      for (const build of seen) keepOne(build);
    },
    close: () => {
      for (const name of [...timers.keys()]) clear(name);
    },
  };
}
