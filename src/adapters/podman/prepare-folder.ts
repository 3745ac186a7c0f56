import { chmod, chown, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { PodContainer, PodManifest, PodVolume } from '../../model/pod.ts';
import type { PodSecrets } from '../../ports/executor.ts';
import type { BuildRecord } from './record.ts';
import { secretFolder, translateManifest } from './translate-manifest.ts';

/**
 * Fills the folder of a build: record, translated manifest, volumes, result files and secrets. `place` is where the folder
 * will lie in the end; the folders above it are closed to everybody else (0700).
 */
export async function fillFolder(
  folder: string,
  place: string,
  record: BuildRecord,
  secrets: PodSecrets,
): Promise<void> {
  const { manifest } = record;
  const group = manifest.spec.securityContext.fsGroup;
  await writeFile(join(folder, 'record.json'), JSON.stringify(record), { mode: 0o600 });
  await writeFile(join(folder, 'pod.json'), JSON.stringify(translateManifest(manifest, place)), { mode: 0o600 });
  for (const part of ['volumes', 'secrets', 'results']) await mkdir(join(folder, part), { mode: 0o711 });
  for (const volume of manifest.spec.volumes.filter((one) => one.secret === undefined)) {
    await makeVolume(join(folder, 'volumes', volume.name), group);
  }
  for (const container of [...manifest.spec.initContainers, ...manifest.spec.containers]) {
    const result = join(folder, 'results', container.name);
    await writeFile(result, '');
    await chmod(result, 0o666);
    await writeSecrets(folder, manifest, container, secrets);
  }
}

// As the kubelet makes an emptyDir: open to all users of the pod, files of the group that the pod names.
async function makeVolume(path: string, group: number | undefined): Promise<void> {
  await mkdir(path);
  if (group !== undefined) await chown(path, 0, group);
  await chmod(path, group === undefined ? 0o777 : 0o2777);
}

async function writeSecrets(
  folder: string,
  manifest: PodManifest,
  container: PodContainer,
  secrets: PodSecrets,
): Promise<void> {
  for (const mount of container.volumeMounts) {
    const volume = manifest.spec.volumes.find((one) => one.name === mount.name);
    const files = secrets[mount.name];
    if (volume?.secret === undefined || files === undefined) continue;
    await writeSecretFiles(secretFolder(folder, mount.name, container.name), files, volume.secret, container);
  }
}

async function writeSecretFiles(
  path: string,
  files: Readonly<Record<string, string>>,
  { defaultMode }: NonNullable<PodVolume['secret']>,
  { securityContext }: PodContainer,
): Promise<void> {
  const { runAsUser, runAsGroup } = securityContext;
  await mkdir(path, { recursive: true, mode: 0o711 });
  for (const [name, content] of Object.entries(files)) {
    const file = join(path, name);
    await writeFile(file, content, { mode: 0o600 });
    await chown(file, runAsUser, runAsGroup);
    await chmod(file, defaultMode);
  }
  await chown(path, runAsUser, runAsGroup);
  await chmod(path, 0o500);
}
