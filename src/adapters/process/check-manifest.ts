import { type PodContainer, type PodManifest, podKeys } from '../../model/pod.ts';
import type { PodSecrets } from '../../ports/executor.ts';
import { isPodName } from './record.ts';
import type { ProcessSettings } from './settings.ts';

const trustKey = 'sluice.dev/trust';

/** Why this manifest must not, or cannot, be run as plain processes; null when it can. */
export function flawOf(settings: ProcessSettings, manifest: PodManifest, secrets: PodSecrets): string | null {
  const { metadata, spec } = manifest;
  if (!isPodName(metadata.name))
    return `${JSON.stringify(metadata.name)} is not a pod name: up to 63 of a-z, 0-9 and -`;
  if (metadata.labels[podKeys.owner] !== settings.owner)
    return `the label ${podKeys.owner} must be ${JSON.stringify(settings.owner)}`;
  const trust = [metadata.labels[trustKey], metadata.annotations[trustKey]];
  if (trust.includes('untrusted') && !settings.acceptUntrusted) {
    return 'untrusted code is not run as plain processes, which nothing isolates: use podman or Kubernetes for it';
  }
  if (spec.containers.length === 0) return 'a pod without containers';
  return secretFlaw(spec.volumes, secrets) ?? containersFlaw(manifest);
}

function secretFlaw(volumes: PodManifest['spec']['volumes'], secrets: PodSecrets): string | null {
  for (const volume of volumes) {
    if (volume.secret !== undefined && secrets[volume.name] === undefined)
      return `no content was given for the secret volume ${volume.name}`;
  }
  for (const [volume, files] of Object.entries(secrets)) {
    const bad = Object.keys(files).find((file) => !/^[A-Za-z0-9._-]+$/.test(file) || /^\.+$/.test(file));
    if (bad !== undefined) return `${JSON.stringify(bad)} cannot be a file of the secret volume ${volume}`;
  }
  return null;
}

function containersFlaw({ spec }: PodManifest): string | null {
  const names = new Set<string>();
  const volume = spec.volumes.find(({ name }) => !isPodName(name));
  if (volume !== undefined) return `${JSON.stringify(volume.name)} is not a volume name`;
  for (const container of [...spec.initContainers, ...spec.containers]) {
    if (names.has(container.name)) return `two containers are called ${container.name}`;
    names.add(container.name);
    const flaw = containerFlaw(container, spec.volumes);
    if (flaw !== null) return flaw;
  }
  return null;
}

function containerFlaw(container: PodContainer, volumes: PodManifest['spec']['volumes']): string | null {
  const { name, command, volumeMounts, image } = container;
  if (!isPodName(name)) return `${JSON.stringify(name)} is not a container name`;
  const lost = volumeMounts.find((mount) => !volumes.some((volume) => volume.name === mount.name));
  if (lost !== undefined) return `container ${name} mounts the volume ${lost.name}, which the pod does not have`;
  if (command !== undefined && command.length > 0) return null;
  return `container ${name} names no command, and as plain processes there is no image ${image} whose entry point it could be`;
}
