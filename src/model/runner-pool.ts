import type { TrustClass } from './trust.ts';

/** A taint of nodes that a pool's pods put up with, as Kubernetes has it. */
export interface Toleration {
  readonly key: string;
  readonly operator: 'Equal' | 'Exists';
  readonly value?: string;
  readonly effect?: 'NoSchedule' | 'PreferNoSchedule' | 'NoExecute';
  readonly tolerationSeconds?: number;
}

/** What of a pod decides where it is made. */
export interface RunnerWish {
  readonly trust: TrustClass;
  /** Null: it runs on any. */
  readonly architecture: string | null;
  /** Which its job names; null: none. */
  readonly pool: string | null;
}

/** Where pods of some classes of trust are made: one namespace of one cluster, and what is added to every pod there. */
export interface RunnerPool {
  readonly name: string;
  readonly trust: readonly TrustClass[];
  /** Of its nodes, as `amd64`; null: builds of any. */
  readonly architectures: readonly string[] | null;
  /** Null: the one that the server itself is given. */
  readonly kubeconfig: string | null;
  /** Of that kubeconfig; null: the current one. */
  readonly context: string | null;
  readonly namespace: string;
  readonly nodeSelector: Readonly<Record<string, string>>;
  readonly tolerations: readonly Toleration[];
  readonly runtimeClass: string | null;
  /** `false`: pods have a user namespace of their own; null: as the cluster does it. */
  readonly hostUsers: boolean | null;
  readonly priorityClass: string | null;
  /** Only jobs that name it are there. */
  readonly byName: boolean;
  /** How many builds there at once; null: as many as of all others. */
  readonly atOnce: number | null;
}
