import type { BuildId } from '../../model/build.ts';
import type { ObservedPod } from '../../model/pod.ts';
import type { PodStore } from './pod-store.ts';

// A pod on a lost node changes only by time passing.
const lookMs = 5_000;

interface Known {
  readonly standing: string;
  readonly containers: ObservedPod['containers'];
  /** The same as text. */
  readonly text: string;
}

/** Calls back when a pod looks different from before, to whoever asks for it. Returns how to end it. */
export function watchChanges(
  store: PodStore,
  look: (name: string) => ObservedPod | null,
  onChange: (build: BuildId) => void,
): () => void {
  const known = new Map<string, Known>();

  function take(name: string): void {
    const pod = look(name);
    const before = known.get(name);
    if (pod === null) {
      if (known.delete(name)) onChange(name as BuildId);
      return;
    }
    const { uid, phase, reason, containers } = pod;
    const standing = [uid, phase, reason].join(' ');
    // The same containers, not only alike: the API server has told nothing since.
    if (before?.standing === standing && before.containers === containers) return;
    const text = JSON.stringify(containers);
    known.set(name, { standing, containers, text });
    if (before?.standing !== standing || before.text !== text) onChange(name as BuildId);
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
