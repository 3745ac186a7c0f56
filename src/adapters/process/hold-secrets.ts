import { readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { PodManifest } from '../../model/pod.ts';
import type { PodSecrets } from '../../ports/executor.ts';
import { isMissing, type pathsIn } from './record.ts';
import { writeSecrets } from './write-secrets.ts';

/**
 * Takes every container's secrets off the disk and gives a function that puts those of one back, for when it begins: nothing
 * else keeps a plain process from reading what is meant for a later one.
 */
export async function holdSecrets(
  { spec }: PodManifest,
  paths: Pick<ReturnType<typeof pathsIn>, 'secrets'>,
): Promise<(container: string) => Promise<void>> {
  const held = new Map<string, PodSecrets>();
  for (const { name } of [...spec.initContainers, ...spec.containers]) {
    held.set(name, await readSecrets(paths.secrets(name)));
    await rm(paths.secrets(name), { recursive: true, force: true });
  }
  return async (container) => {
    for (const [volume, files] of Object.entries(held.get(container) ?? {}))
      await writeSecrets(join(paths.secrets(container), volume), files);
    held.delete(container);
  };
}

async function readSecrets(folder: string): Promise<PodSecrets> {
  const volumes = await namesIn(folder);
  const entries = volumes.map(async (volume) => {
    const names = await namesIn(join(folder, volume));
    const files = names.map(async (name) => [name, await readFile(join(folder, volume, name), 'utf8')] as const);
    return [volume, Object.fromEntries(await Promise.all(files))] as const;
  });
  return Object.fromEntries(await Promise.all(entries));
}

async function namesIn(folder: string): Promise<readonly string[]> {
  try {
    return await readdir(folder);
  } catch (cause) {
    // A container without secrets has no folder of them.
    if (isMissing(cause)) return [];
    throw new Error(`cannot read the secrets in ${folder}`, { cause });
  }
}
