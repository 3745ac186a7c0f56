import { join } from 'node:path';
import { type PodContainer, type PodManifest, podKeys } from '../../model/pod.ts';
import type { PodSecrets } from '../../ports/executor.ts';
import type { PodmanSettings } from './settings.ts';

const trustKey = 'sluice.dev/trust';

/**
 * Why podman must not be given this manifest, or null. What podman would silently ignore although somebody's safety
 * hangs on it is refused here.
 */
export function flawOf(
  manifest: PodManifest,
  secrets: PodSecrets,
  { owner, network }: Pick<PodmanSettings, 'owner' | 'network'>,
  architecture: string,
): string | null {
  const { spec, metadata } = manifest;
  if (metadata.labels[podKeys.owner] !== owner) return `the label ${podKeys.owner} must be ${JSON.stringify(owner)}`;
  if (network === 'host' && [metadata.labels[trustKey], metadata.annotations[trustKey]].includes('untrusted')) {
    return 'untrusted code is not run in the network of the host: give the executor a build network';
  }
  if (spec.containers.length === 0) return 'a pod without containers';
  return isolationFlaw(manifest, architecture) ?? secretFlaw(manifest, secrets) ?? containerFlaw(manifest);
}

function isolationFlaw({ spec }: PodManifest, architecture: string): string | null {
  const leaveOut = 'leave it out of the settings of the pool';
  if (spec.runtimeClassName !== undefined)
    return `podman has no runtimeClassName (${spec.runtimeClassName}): ${leaveOut}`;
  if (spec.hostUsers === false) return `podman gives this pod no user namespace (hostUsers: false): ${leaveOut}`;
  const wanted = spec.nodeSelector?.['kubernetes.io/arch'];
  return wanted === undefined || wanted === architecture
    ? null
    : `this machine is ${architecture}, the pod wants ${wanted}`;
}

function secretFlaw({ spec }: PodManifest, secrets: PodSecrets): string | null {
  for (const volume of spec.volumes) {
    if (volume.secret !== undefined && secrets[volume.name] === undefined)
      return `no content was given for the secret volume ${volume.name}`;
  }
  for (const [volume, files] of Object.entries(secrets)) {
    const bad = Object.keys(files).find(
      (file) => !/^[A-Za-z0-9_][A-Za-z0-9._-]*$/.test(file) && file !== '.dockerconfigjson',
    );
    if (bad !== undefined) return `${JSON.stringify(bad)} cannot be a file of the secret volume ${volume}`;
  }
  return null;
}

function containerFlaw({ spec }: PodManifest): string | null {
  const all = [...spec.initContainers, ...spec.containers];
  for (const container of all) {
    const { name, securityContext, volumeMounts } = container;
    if (!/^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/.test(name)) return `${JSON.stringify(name)} is not a container name`;
    if (all.filter((other) => other.name === name).length > 1) return `two containers are called ${name}`;
    if (securityContext.runAsNonRoot === true && securityContext.runAsUser === 0)
      return `container ${name} must not run as root, and is to run as user 0`;
    const lost = volumeMounts.find((mount) => !spec.volumes.some((volume) => volume.name === mount.name));
    if (lost !== undefined) return `container ${name} mounts the volume ${lost.name}, which the pod does not have`;
  }
  return null;
}

/** Where one container's copy of a secret volume lies: a copy each, because each may run as another user. */
export function secretFolder(folder: string, volume: string, container: string): string {
  return join(folder, 'secrets', volume, container);
}

/** Secret folders that only init containers mount: not needed any more once the main containers run. */
export function earlySecrets(manifest: PodManifest, folder: string): readonly string[] {
  const secret = new Set(
    manifest.spec.volumes.filter((volume) => volume.secret !== undefined).map((volume) => volume.name),
  );
  return manifest.spec.initContainers.flatMap((container) =>
    container.volumeMounts
      .filter((mount) => secret.has(mount.name))
      .map((mount) => secretFolder(folder, mount.name, container.name)),
  );
}

/**
 * The same pod in the words of `podman kube play` 4.3.1. It differs in three things: every volume is a folder of this build
 * (podman's `emptyDir` is one named volume for all pods, and it has no secret content), the termination message file is one of ours
 * (podman keeps none), and init containers stay after their end. Podman takes from `resources` the memory and CPU limits; it knows
 * nothing of ephemeral-storage, sizeLimit, nodeSelector, activeDeadlineSeconds and fsGroup (the files get the right owner instead).
 */
export function translateManifest(manifest: PodManifest, folder: string): object {
  const { metadata, spec } = manifest;
  const volumes: object[] = spec.volumes
    .filter((volume) => volume.secret === undefined)
    .map((volume) => ({
      name: `e-${volume.name}`,
      hostPath: { path: join(folder, 'volumes', volume.name), type: 'Directory' },
    }));
  const translate = (container: PodContainer) => {
    const mounts = container.volumeMounts.map((mount) => {
      if (spec.volumes.find((volume) => volume.name === mount.name)?.secret === undefined)
        return { ...mount, name: `e-${mount.name}` };
      const name = `s-${container.name}-${mount.name}`;
      volumes.push({ name, hostPath: { path: secretFolder(folder, mount.name, container.name), type: 'Directory' } });
      return { ...mount, name, readOnly: true };
    });
    const result = {
      name: `r-${container.name}`,
      hostPath: { path: join(folder, 'results', container.name), type: 'File' },
    };
    volumes.push(result);
    mounts.push({ name: result.name, mountPath: container.terminationMessagePath });
    return { ...container, imagePullPolicy: pullPolicy(container), volumeMounts: mounts };
  };
  const initContainers = spec.initContainers.map(translate);
  const containers = spec.containers.map(translate);
  const { name, labels } = metadata;
  // Podman refuses annotations over 63 characters; ours are kept in the record.
  const annotations = { 'io.podman.annotations.init.container.type': 'always' };
  const rest = { restartPolicy: spec.restartPolicy, terminationGracePeriodSeconds: spec.terminationGracePeriodSeconds };
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, labels, annotations },
    spec: { ...rest, initContainers, containers, volumes },
  };
}

/** An image of `localhost/` is on this machine or nowhere. */
export function pullPolicy(container: PodContainer): 'IfNotPresent' | 'Never' | 'Always' {
  return container.image.startsWith('localhost/') ? 'Never' : (container.imagePullPolicy ?? 'IfNotPresent');
}
