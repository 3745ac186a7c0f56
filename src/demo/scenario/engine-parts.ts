import type { PoolSettings } from '../../model/order.ts';
import type { PodManifest } from '../../model/pod.ts';
import type { Executor } from '../../ports/executor.ts';

const kaniko = 'localhost/kaniko:v1.24.0';

/** The demo's own label on its pods. */
export const owner = 'sluice-demo';

export function poolFor(builder: 'kaniko' | 'buildah', stepImage: string, insecure: readonly string[]): PoolSettings {
  return {
    stepImage,
    kanikoImage: kaniko,
    builder,
    owner,
    hostUsers: null,
    runtimeClassName: null,
    nodeSelector: {},
    registryMaps: [],
    insecureRegistries: insecure,
  };
}

/** Remembers every manifest that is started, for the story to look into. */
export function remembering<E extends Executor>(executor: E): E & { readonly manifests: () => readonly PodManifest[] } {
  const manifests: PodManifest[] = [];
  return {
    ...executor,
    manifests: () => manifests,
    start(manifest, secrets) {
      manifests.push(manifest);
      return executor.start(manifest, secrets);
    },
  };
}
