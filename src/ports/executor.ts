import type { BuildId } from '../model/build.ts';
import type { ObservedPod, PodManifest, StartOutcome } from '../model/pod.ts';
import type { RunnerWish } from '../model/runner-pool.ts';

export type { StartOutcome };

/** Small files that only the named container may read, given as volume name → file name → content; never logged or kept. */
export type PodSecrets = Readonly<Record<string, Readonly<Record<string, string>>>>;

/** One piece of a container's output, in the order it was written. */
export interface LogChunk {
  readonly container: string;
  readonly text: string;
}

/** What of several places could be listed. */
export interface PodListing {
  readonly pods: readonly ObservedPod[];
  /** Places that could not be listed, and why; empty: all of them were. */
  readonly unseen: readonly { readonly place: string; readonly because: string }[];
  /** The place of such a pod, in words, where that could not be listed: nothing is known of what is there; null: it was. */
  readonly whyUnseen: (wish: RunnerWish) => string | null;
}

/** Starts, observes and stops Builds, each as one pod named by its Build id (design.md §4). */
export interface Executor {
  readonly kind: 'kubernetes' | 'podman' | 'process';
  /** What this executor can build images with, best first; empty when it can build none. */
  readonly builders: readonly ('kaniko' | 'buildkit' | 'buildah')[];
  start(manifest: PodManifest, secrets: PodSecrets): Promise<StartOutcome>;
  /**
   * All pods of ours (label `sluice.dev/owner`), those of an earlier worker included. Throws when they cannot be listed:
   * absence is only what a successful listing shows.
   */
  list(): Promise<readonly ObservedPod[]>;
  /** The same as far as it can be had; throws when nothing can. Left out: it is all or nothing, as `list` says. */
  readonly listSeen?: () => Promise<PodListing>;
  /** One of them, or null when it is not there. */
  observe(build: BuildId): Promise<ObservedPod | null>;
  /** Asks it to end (SIGTERM, after the grace period SIGKILL) and returns; a pod that is gone is success. */
  stop(build: BuildId): Promise<void>;
  /** Removes the pod and all it left; a running one is ended first, one that is gone is success. */
  remove(build: BuildId): Promise<void>;
  /**
   * Gives the whole output from the start, and goes on until every container has ended or `signal` aborts; then resolves.
   * Calling it again gives everything again. A pod that is gone gives nothing.
   */
  follow(build: BuildId, onChunk: (chunk: LogChunk) => void, signal: AbortSignal): Promise<void>;
  /** Calls back with the Build whose pod changed, soon after; a hint that may be lost. Returns how to end it. */
  watch(onChange: (build: BuildId) => void): () => void;
}
