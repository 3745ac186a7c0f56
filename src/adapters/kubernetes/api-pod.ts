/** What we read of a pod as the API server writes it. */
export interface ApiPod {
  readonly metadata: {
    readonly name: string;
    readonly uid: string;
    readonly resourceVersion: string;
    readonly creationTimestamp?: string;
    /** When it will be gone at the latest; set: it is being deleted. */
    readonly deletionTimestamp?: string;
    readonly deletionGracePeriodSeconds?: number;
    readonly labels?: Readonly<Record<string, string>>;
    readonly annotations?: Readonly<Record<string, string>>;
    readonly finalizers?: readonly string[];
    readonly managedFields?: readonly { readonly manager?: string }[];
  };
  readonly spec: {
    readonly nodeName?: string;
    readonly schedulingGates?: readonly { readonly name: string }[];
    readonly initContainers?: readonly { readonly name: string }[];
    readonly containers: readonly { readonly name: string }[];
    readonly volumes?: readonly { readonly secret?: { readonly secretName?: string } }[];
  };
  readonly status?: {
    readonly phase?: string;
    readonly reason?: string;
    readonly message?: string;
    readonly podIP?: string;
    readonly conditions?: readonly ApiCondition[];
    readonly initContainerStatuses?: readonly ApiContainerStatus[];
    readonly containerStatuses?: readonly ApiContainerStatus[];
  };
}

export interface ApiCondition {
  readonly type: string;
  readonly status: string;
  readonly reason?: string;
  readonly message?: string;
}

export interface ApiContainerStatus {
  readonly name: string;
  readonly state?: {
    readonly waiting?: { readonly reason?: string; readonly message?: string };
    readonly running?: { readonly startedAt?: string };
    readonly terminated?: ApiTerminated;
  };
  /** How it ended before it was started again. */
  readonly lastState?: { readonly terminated?: ApiTerminated };
}

export interface ApiTerminated {
  readonly exitCode: number;
  readonly reason?: string;
  readonly message?: string;
  readonly startedAt?: string;
  readonly finishedAt?: string;
}

/** Throws on what is no pod; the API server is believed about the rest. */
export function readPod(value: unknown): ApiPod {
  const pod = value as Partial<ApiPod> | null;
  if (typeof pod?.metadata?.name !== 'string' || typeof pod.metadata.uid !== 'string' || pod.spec === undefined)
    throw new Error('the API server gave something that is no pod');
  return pod as ApiPod;
}

export function isOver(pod: ApiPod): boolean {
  return pod.status?.phase === 'Succeeded' || pod.status?.phase === 'Failed';
}

/** Whether `a` is a later version of the cluster's state than `b`. They are decimal numbers that may not fit into one of ours. */
export function isLater(a: string, b: string): boolean {
  return a.length === b.length ? a > b : a.length > b.length;
}

/** The secrets that a pod mounts. */
export function secretsOf(pod: ApiPod): readonly string[] {
  return (pod.spec.volumes ?? []).flatMap(({ secret }) => secret?.secretName ?? []);
}
