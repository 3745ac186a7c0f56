/** The part of a Kubernetes Pod that we write; every executor takes the same one. */
export interface PodManifest {
  readonly apiVersion: 'v1';
  readonly kind: 'Pod';
  readonly metadata: {
    readonly name: string;
    readonly labels: Readonly<Record<string, string>>;
    readonly annotations: Readonly<Record<string, string>>;
  };
  readonly spec: PodSpec;
}

export interface PodSpec {
  readonly restartPolicy: 'Never';
  readonly activeDeadlineSeconds: number;
  readonly automountServiceAccountToken: false;
  readonly enableServiceLinks: false;
  readonly hostUsers?: boolean;
  readonly terminationGracePeriodSeconds: number;
  readonly nodeSelector?: Readonly<Record<string, string>>;
  readonly runtimeClassName?: string;
  readonly securityContext: { readonly fsGroup?: number };
  /** Run one after another before `containers`; the first that fails ends the pod. */
  readonly initContainers: readonly PodContainer[];
  readonly containers: readonly PodContainer[];
  readonly volumes: readonly PodVolume[];
}

export interface PodContainer {
  readonly name: string;
  readonly image: string;
  readonly imagePullPolicy?: 'IfNotPresent' | 'Never' | 'Always';
  readonly command?: readonly string[];
  readonly args?: readonly string[];
  readonly workingDir?: string;
  readonly env: readonly { readonly name: string; readonly value: string }[];
  readonly volumeMounts: readonly { readonly name: string; readonly mountPath: string; readonly readOnly?: boolean }[];
  readonly terminationMessagePath: string;
  readonly terminationMessagePolicy: 'File';
  readonly securityContext: ContainerSecurity;
  readonly resources: {
    readonly requests: Readonly<Record<string, string>>;
    readonly limits: Readonly<Record<string, string>>;
  };
  /** Of an init container that runs beside those after it, until the last of them has ended; left out: it runs before them. */
  readonly restartPolicy?: 'Always';
  /** What tells that it is ready for those after it. */
  readonly startupProbe?: {
    readonly exec: { readonly command: readonly string[] };
    readonly periodSeconds: number;
    readonly timeoutSeconds: number;
    readonly failureThreshold: number;
  };
}

export interface ContainerSecurity {
  readonly runAsUser: number;
  readonly runAsGroup: number;
  readonly runAsNonRoot?: boolean;
  readonly readOnlyRootFilesystem?: boolean;
  readonly allowPrivilegeEscalation: boolean;
  readonly seccompProfile: { readonly type: 'RuntimeDefault' | 'Unconfined' };
  /** Left out: what the runtime does by default. */
  readonly appArmorProfile?: { readonly type: 'Unconfined' };
  readonly procMount?: 'Unmasked';
  readonly capabilities: { readonly drop: readonly string[]; readonly add?: readonly string[] };
}

export interface PodVolume {
  readonly name: string;
  readonly emptyDir?: { readonly sizeLimit?: string };
  readonly secret?: { readonly secretName: string; readonly defaultMode: number };
}

/** What an executor sees of one of our pods now. */
export interface ObservedPod {
  readonly name: string;
  /** The runtime's own identity: another uid is another pod. */
  readonly uid: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  /** `pending` until the first container started; `succeeded` and `failed` are final. */
  readonly phase: 'pending' | 'running' | 'succeeded' | 'failed';
  /** Why the runtime says so, where it does: `Evicted`, `DeadlineExceeded`, `Unschedulable`, `StartError` … */
  readonly reason: string | null;
  readonly message: string | null;
  /** Where others reach it; left out: nowhere yet, or its executor gives pods no address. */
  readonly address?: string;
  readonly containers: readonly ObservedContainer[];
}

export interface ObservedContainer {
  readonly name: string;
  readonly init: boolean;
  readonly state:
    | { readonly kind: 'waiting'; readonly reason: string | null; readonly message: string | null }
    | { readonly kind: 'running'; readonly startedAt: number }
    | {
        readonly kind: 'terminated';
        readonly exitCode: number;
        /** `OOMKilled`, `Error`, `Completed` … as the runtime says. */
        readonly reason: string | null;
        /** What the container left in its termination message file, at most 4,096 bytes; data, never believed blindly. */
        readonly message: string;
        readonly startedAt: number | null;
        readonly finishedAt: number;
      };
}

export type StartOutcome =
  /** `created` now, or `exists`: the pod of this name is ours already (starting twice is starting once). */
  | { readonly kind: 'created' | 'exists' }
  /** `fault: 'change'`: what the repository asks for cannot be had; else it is ours. It will not start, whatever is tried again: the manifest is refused, or a foreign pod has the name. */
  | { readonly kind: 'refused'; readonly because: string; readonly fault?: 'change' }
  /** It could not be started now and may be later. */
  | { readonly kind: 'unavailable'; readonly because: string };

/** The labels and annotations by which a pod is found again. */
export const podKeys = {
  build: 'sluice.dev/build',
  owner: 'sluice.dev/owner',
  subject: 'sluice.dev/subject',
  commit: 'sluice.dev/commit',
  tree: 'sluice.dev/tree',
} as const;
