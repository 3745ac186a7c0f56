import type { BuildId } from '../../model/build.ts';
import type { ObservedPod } from '../../model/pod.ts';

const tickMs = 300;

/** Tells of each build that looks different from before; a look costs a few small files. Returns how to end it. */
export function watchBuilds(
  look: () => Promise<readonly ObservedPod[]>,
  onChange: (build: BuildId) => void,
): () => void {
  let known = new Map<string, string>();
  let looking = false;
  let ended = false;

  async function tick(): Promise<void> {
    const pods = await look();
    if (ended) return;
    const now = new Map(
      pods.map((pod) => [pod.name, JSON.stringify([pod.uid, pod.phase, pod.reason, pod.containers])]),
    );
    const changed = [...new Set([...known.keys(), ...now.keys()])].filter((name) => known.get(name) !== now.get(name));
    known = now;
    for (const name of changed) onChange(name as BuildId);
  }

  const timer = setInterval(() => {
    if (looking) return;
    looking = true;
    tick()
      // A look that fails now is made again at the next tick: notices are hints.
      .catch(() => (looking = false))
      .finally(() => (looking = false));
  }, tickMs);
  return () => {
    ended = true;
    clearInterval(timer);
  };
}
