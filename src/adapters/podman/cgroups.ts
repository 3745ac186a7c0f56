import { readdir, readFile, rmdir } from 'node:fs/promises';
import { join } from 'node:path';

const root = '/sys/fs/cgroup';

/** Whether anything runs in the cgroups of this pod, podman's own processes included. */
export async function hasProcesses(podId: string): Promise<boolean> {
  for (const hierarchy of ['pids', 'unified', 'systemd', '.']) {
    if (await holdsProcesses(join(root, hierarchy, 'libpod_parent', podId))) return true;
  }
  return false;
}

async function holdsProcesses(folder: string): Promise<boolean> {
  if ((await readOrNothing(join(folder, 'cgroup.procs'))) !== '') return true;
  for (const child of await foldersIn(folder)) if (await holdsProcesses(join(folder, child))) return true;
  return false;
}

async function readOrNothing(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch {
    // No such cgroup: nothing is in it.
    return '';
  }
}

/** Removes the empty cgroups of a removed pod that podman leaves where cgroup v1 stands beside v2. */
export async function removePodCgroups(podId: string): Promise<void> {
  if (!/^[0-9a-f]{64}$/.test(podId)) return;
  for (const hierarchy of await foldersIn(root)) {
    await removeTree(join(root, hierarchy, 'libpod_parent', podId));
  }
}

async function removeTree(folder: string): Promise<void> {
  for (const child of await foldersIn(folder)) await removeTree(join(folder, child));
  try {
    await rmdir(folder);
  } catch {
    // Gone already, or a process of the pod is still in it: an empty cgroup that stays harms nothing.
    return;
  }
}

async function foldersIn(folder: string): Promise<readonly string[]> {
  try {
    const entries = await readdir(folder, { withFileTypes: true });
    return entries.filter((entry) => entry.isDirectory()).map((entry) => entry.name);
  } catch {
    // No such hierarchy or pod here.
    return [];
  }
}
