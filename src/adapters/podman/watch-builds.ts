import { stat } from 'node:fs/promises';
import type { BuildId } from '../../model/build.ts';
import type { ObservedPod } from '../../model/pod.ts';

const tickMs = 250;
// The starter's notes and our deadlines are in no event of podman's.
const ticksPerLook = 8;

/**
 * Tells of each pod that looks different from before: it looks when podman's event file has changed, and every two seconds.
 * Returns how to end it.
 */
export function watchBuilds(
  events: string,
  look: () => Promise<readonly ObservedPod[]>,
  onChange: (build: BuildId) => void,
): () => void {
  const known = new Map<string, string>();
  let version = '';
  let ticks = 0;
  let looking = false;
  let ended = false;

  async function tick(): Promise<void> {
    const now = await versionOf(events);
    if (now === version && ticks++ % ticksPerLook !== 0) return;
    version = now;
    const pods = await look();
    if (!ended) tellChanges(known, pods, onChange);
  }

  const timer = setInterval(() => {
    if (looking) return;
    looking = true;
    tick()
      // A listing that fails now is made again at the next tick: notices are hints.
      .catch(() => (version = ''))
      .finally(() => (looking = false));
  }, tickMs);
  return () => {
    ended = true;
    clearInterval(timer);
  };
}

function tellChanges(
  known: Map<string, string>,
  pods: readonly ObservedPod[],
  onChange: (build: BuildId) => void,
): void {
  const gone = new Set(known.keys());
  for (const pod of pods) {
    gone.delete(pod.name);
    const look = JSON.stringify([pod.uid, pod.phase, pod.reason, pod.containers]);
    if (known.get(pod.name) === look) continue;
    known.set(pod.name, look);
    onChange(pod.name as BuildId);
  }
  for (const name of gone) {
    known.delete(name);
    onChange(name as BuildId);
  }
}

async function versionOf(path: string): Promise<string> {
  try {
    const { ino, size } = await stat(path);
    return `${ino} ${size}`;
  } catch {
    // No event yet.
    return 'none';
  }
}
