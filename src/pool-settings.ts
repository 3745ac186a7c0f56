import type { Machine } from './machine.ts';
import type { PoolSettings } from './model/order.ts';

/** The kaniko that `test/cluster/cluster build kaniko` leaves. */
export const ownKaniko = 'localhost/kaniko:v1.24.0';

/** What the operator has images built with; where that is not said, and for what is no builder, kaniko. */
export function wantedBuilder({ server }: Pick<Machine, 'server'>): PoolSettings['builder'] {
  return server.builder === 'buildkit' || server.builder === 'buildah' ? server.builder : 'kaniko';
}

/** The pool of this machine: what the operator named, else our own images. */
export function poolSettings(
  machine: Machine,
  builder: PoolSettings['builder'],
  stepImage: string,
  owner: string,
): PoolSettings {
  const { kanikoImage, insecureRegistries, registryMaps } = machine.server;
  return {
    stepImage: machine.server.stepImage ?? stepImage,
    kanikoImage: kanikoImage ?? ownKaniko,
    builder,
    owner,
    hostUsers: null,
    runtimeClassName: null,
    nodeSelector: {},
    registryMaps,
    insecureRegistries,
  };
}
