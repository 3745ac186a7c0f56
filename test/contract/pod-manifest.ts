import type { BuildId } from '../../src/model/build.ts';
import { type PodContainer, type PodManifest, type PodVolume, podKeys } from '../../src/model/pod.ts';

/** A container of the suite's manifests: a shell line in busybox. */
export function shell(name: string, script: string, more: Partial<PodContainer> = {}): PodContainer {
  return {
    name,
    image: 'localhost/busybox:1',
    imagePullPolicy: 'Never',
    command: ['/bin/sh', '-c', script],
    env: [],
    volumeMounts: [],
    terminationMessagePath: '/.sluice/result',
    terminationMessagePolicy: 'File',
    securityContext: {
      runAsUser: 0,
      runAsGroup: 0,
      allowPrivilegeEscalation: false,
      seccompProfile: { type: 'RuntimeDefault' },
      capabilities: { drop: ['ALL'] },
    },
    resources: { requests: { cpu: '10m', memory: '8Mi' }, limits: { memory: '128Mi' } },
    ...more,
  };
}

export interface PodParts {
  readonly owner: string;
  readonly name: BuildId;
  readonly init?: readonly PodContainer[];
  readonly main: readonly PodContainer[];
  readonly volumes?: readonly PodVolume[];
  readonly deadline?: number;
  readonly grace?: number;
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
}

export function podOf(parts: PodParts): PodManifest {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name: parts.name,
      labels: { [podKeys.owner]: parts.owner, [podKeys.build]: parts.name, ...parts.labels },
      annotations: { ...parts.annotations },
    },
    spec: {
      restartPolicy: 'Never',
      activeDeadlineSeconds: parts.deadline ?? 120,
      automountServiceAccountToken: false,
      enableServiceLinks: false,
      terminationGracePeriodSeconds: parts.grace ?? 2,
      // As core/pod/render-pod.ts has it: what lets a container that is not root read its secrets.
      securityContext: parts.volumes?.some(({ secret }) => secret) ? { fsGroup: 65532 } : {},
      initContainers: parts.init ?? [],
      containers: parts.main,
      volumes: parts.volumes ?? [],
    },
  };
}
