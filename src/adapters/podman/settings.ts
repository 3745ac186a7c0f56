/** One podman store of ours: images, containers, configuration and networks, all below `folder`. */
export interface PodmanStore {
  /** Absolute; made on first use, mode 0700. Nothing of ours lies outside it but the pods' cgroups and network interfaces. */
  readonly folder: string;
  /** The folder of another such store whose images are used read-only, so that they are loaded once per machine; or null. */
  readonly images: string | null;
  /** Path of the podman program. */
  readonly podman: string;
  /** `host[:port]` of registries that images are pulled from without TLS; left out: none. */
  readonly insecureRegistries?: readonly string[];
}

export interface PodmanSettings {
  readonly store: PodmanStore;
  /** Value of the label `sluice.dev/owner`; pods with another one are not ours. */
  readonly owner: string;
  /** `host` lets a build reach whatever listens on the host's loopback: for trusted use only. Else one of `createBuildNetwork`. */
  readonly network: 'host' | { readonly name: string };
  /** What the store's images can build with, best first. */
  readonly builders: readonly ('kaniko' | 'buildkit' | 'buildah')[];
  /** Processes that one pod may have. */
  readonly pidsLimit: number;
  /** Bytes of one container's log; what is older is dropped beyond it. */
  readonly logLimit: number;
  /** Epoch milliseconds. */
  readonly now: () => number;
}

/** What most callers want for the rest of `PodmanSettings`. */
export const podmanDefaults = { builders: ['kaniko'], pidsLimit: 4096, logLimit: 64 * 1024 * 1024 } as const;
