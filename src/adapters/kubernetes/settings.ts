import type { Toleration } from '../../model/runner-pool.ts';
import type { ClusterAccess } from './cluster-access.ts';

export interface KubernetesSettings {
  readonly cluster: ClusterAccess;
  /** Where all pods of this executor are; nothing outside it is touched. */
  readonly namespace: string;
  /** Value of the label `sluice.dev/owner`: pods without it are not seen. */
  readonly owner: string;
  /** Added to every pod. */
  readonly tolerations: readonly Toleration[];
  /** Added to every pod, above what its manifest says. */
  readonly nodeSelector: Readonly<Record<string, string>>;
  /** Of every pod; null: what its manifest says, else the cluster's own. */
  readonly runtimeClass: string | null;
  readonly priorityClass: string | null;
  /** The same; a pod that has a user namespace of its own keeps it. */
  readonly hostUsers: boolean | null;
  /** How long a pod stays on a node that does not answer before the cluster gives it up; Kubernetes' own default is 300. */
  readonly lostNodeSeconds: number;
  readonly pace: WatchPace;
  readonly now: () => number;
}

/** How long a watch of the cluster is believed, in milliseconds. */
export interface WatchPace {
  /** After so long everything is listed anew, whatever the watch says. */
  readonly relistMs: number;
  /** The same when it says nothing while builds run: the end of one of them may have been missed. */
  readonly silenceMs: number;
  /** Within so long it must tell of what we wrote ourselves. */
  readonly echoMs: number;
}

export const kubernetesDefaults = {
  tolerations: [],
  nodeSelector: {},
  runtimeClass: null,
  priorityClass: null,
  hostUsers: null,
  lostNodeSeconds: 60,
  pace: { relistMs: 60_000, silenceMs: 20_000, echoMs: 5_000 },
} as const;
