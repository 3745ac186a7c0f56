import type { BuildId } from '../../model/build.ts';
import type { ObservedPod } from '../../model/pod.ts';
import type { PodStore } from './pod-store.ts';

// A pod on a lost node changes only by time passing.
const lookMs = 5_000;

/** Calls back when a pod looks different from before, to whoever asks for it. Returns how to end it. */
export function watchChanges(
  store: PodStore,
  look: (name: string) => ObservedPod | null,
  onChange: (build: BuildId) => void,
): () => void {
  const known = new Map<string, string>();

  function take(name: string): void {
    const pod = look(name);
    const before = known.get(name);
    const now = pod === null ? undefined : JSON.stringify([pod.uid, pod.phase, pod.reason, pod.containers]);
    if (before === now) return;
    if (now === undefined) known.delete(name);
    else known.set(name, now);
    onChange(name as BuildId);
  }

  const unsubscribe = store.subscribe(take);
  const timer = setInterval(() => {
    for (const name of [...known.keys()]) take(name);
  }, lookMs).unref();
  return () => {
    clearInterval(timer);
    unsubscribe();
  };
}
