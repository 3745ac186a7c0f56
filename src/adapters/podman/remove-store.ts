import { execFile } from 'node:child_process';
import { access, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { runPodman } from './podman-command.ts';
import { recordedNames } from './record.ts';
import { removePod } from './remove-pod.ts';
import type { PodmanStore } from './settings.ts';
import { prepareStore, storePaths } from './store.ts';

const run = promisify(execFile);

/** Ends and removes every pod of a store, of any owner, and the store with all it holds; its networks must be removed before. */
export async function removeStore(store: PodmanStore): Promise<void> {
  if (await isThere(storePaths(store.folder).containersConf)) await removePods(store);
  await rm(store.folder, { recursive: true, force: true });
}

async function removePods(store: PodmanStore): Promise<void> {
  const paths = storePaths(store.folder);
  await prepareStore(store);
  for (const name of await recordedNames(paths.builds)) await removePod(store, name);
  const { code, words } = await runPodman(store, ['pod', 'rm', '--all', '--force', '--time=0']);
  if (code !== 0) throw new Error(`podman does not remove the pods of ${store.folder}: ${words}`);
  await unmount(join(paths.root, 'overlay'));
}

// Podman mounts this folder onto itself while it loads images or runs containers, and sometimes leaves it so.
async function unmount(path: string): Promise<void> {
  try {
    await run('umount', [path]);
  } catch (cause) {
    if (!/not mounted|no mount point|not found/.test(String(cause)))
      throw new Error(`cannot unmount ${path}`, { cause });
  }
}

async function isThere(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
