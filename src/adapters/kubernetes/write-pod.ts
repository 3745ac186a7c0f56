import { type PodContainer, type PodManifest, podKeys } from '../../model/pod.ts';
import type { Toleration } from '../../model/runner-pool.ts';
import type { PodSecrets } from '../../ports/executor.ts';
import type { KubernetesSettings } from './settings.ts';

/** Holds a pod back from the scheduler until its secrets are there. */
export const secretsGate = 'sluice.dev/secrets';

/** The annotation that tells a pod we ended from one that took too long. */
export const stoppedKey = 'sluice.dev/stopped';

/** Who has written the fields of an object, as the API server keeps it. */
export const fieldManager = 'sluice';

/** Name of the secret behind a volume: with the Build's own in it, so that it is nobody else's. */
export function secretName(pod: string, volume: string): string {
  return `${pod}-${volume}`;
}

/** Why the cluster need not be asked about this manifest, or null; the rest of it is for the API server to judge. */
export function flawOf(manifest: PodManifest, secrets: PodSecrets, owner: string): string | null {
  const { metadata, spec } = manifest;
  if (metadata.labels[podKeys.owner] !== owner) return `the label ${podKeys.owner} must be ${JSON.stringify(owner)}`;
  if (metadata.labels[podKeys.build] !== metadata.name)
    return `the label ${podKeys.build} must be ${JSON.stringify(metadata.name)}`;
  for (const { name, secret } of spec.volumes) {
    if (secret !== undefined && secrets[name] === undefined)
      return `no content was given for the secret volume ${name}`;
  }
  for (const [volume, files] of Object.entries(secrets)) {
    const bad = Object.keys(files).find((file) => !/^[-._A-Za-z0-9]{1,253}$/.test(file) || file.startsWith('..'));
    if (bad !== undefined) return `${JSON.stringify(bad)} cannot be a file of the secret volume ${volume}`;
  }
  return null;
}

/** The pod as it is created: the manifest, with what only this cluster wants and nothing taken away. */
export function writePod(
  manifest: PodManifest,
  settings: Omit<KubernetesSettings, 'cluster' | 'namespace' | 'owner' | 'pace' | 'now'>,
): object {
  const { metadata, spec } = manifest;
  const nodeSelector = { ...spec.nodeSelector, ...settings.nodeSelector };
  const needsSecrets = spec.volumes.some(({ secret }) => secret !== undefined);
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata,
    spec: {
      ...spec,
      ...ofPool(spec, settings),
      nodeSelector,
      tolerations: [...settings.tolerations, ...lostNode(settings.lostNodeSeconds)],
      ...(needsSecrets ? { schedulingGates: [{ name: secretsGate }] } : {}),
      initContainers: spec.initContainers.map(literal),
      containers: spec.containers.map(literal),
      volumes: spec.volumes.map((volume) =>
        volume.secret === undefined
          ? volume
          : { ...volume, secret: { ...volume.secret, secretName: secretName(metadata.name, volume.name) } },
      ),
    },
  };
}

/** What the pool says above the manifest. */
function ofPool(
  { hostUsers }: PodManifest['spec'],
  settings: Pick<KubernetesSettings, 'runtimeClass' | 'priorityClass' | 'hostUsers'>,
): object {
  const users = hostUsers === false ? null : settings.hostUsers;
  return {
    ...(settings.runtimeClass === null ? {} : { runtimeClassName: settings.runtimeClass }),
    ...(settings.priorityClass === null ? {} : { priorityClassName: settings.priorityClass }),
    ...(users === null ? {} : { hostUsers: users }),
  };
}

function lostNode(tolerationSeconds: number): readonly Toleration[] {
  return ['not-ready', 'unreachable'].map((taint) => ({
    key: `node.kubernetes.io/${taint}`,
    operator: 'Exists',
    effect: 'NoExecute',
    tolerationSeconds,
  }));
}

/** Kubernetes replaces `$(NAME)` in these texts, and takes `$$` for one `$`. */
function literal(container: PodContainer): object {
  const { command, args, env } = container;
  return {
    ...container,
    ...(command === undefined ? {} : { command: command.map(double) }),
    ...(args === undefined ? {} : { args: args.map(double) }),
    env: env.map(({ name, value }) => ({ name, value: double(value) })),
  };
}

function double(text: string): string {
  return text.replaceAll('$', '$$$$');
}
