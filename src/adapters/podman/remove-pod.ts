import { setTimeout as sleep } from 'node:timers/promises';
import { hasProcesses, removePodCgroups } from './cgroups.ts';
import { runPodman } from './podman-command.ts';
import { readPodId } from './record.ts';
import type { PodmanStore } from './settings.ts';
import { storePaths } from './store.ts';

/** Takes away what podman has of a build that nobody is starting any more. */
export async function removePod(store: PodmanStore, name: string): Promise<void> {
  const podId = await readPodId(storePaths(store.folder).builds, name);
  if (podId !== null) await endProcesses(store, name, podId);
  const { code, stdout, words } = await runPodman(store, ['pod', 'rm', '--force', '--ignore', '--time=0', name]);
  if (code !== 0 && !/no such pod|not found/i.test(words))
    throw new Error(`podman does not remove pod ${name}: ${words}`);
  await removePodCgroups(podId ?? stdout.trim());
}

// Podman that removes a pod whose cgroups are not empty yet spends three seconds on trying: its own clean-up calls are in them.
async function endProcesses(store: PodmanStore, name: string, podId: string): Promise<void> {
  if (!(await hasProcesses(podId))) return;
  await runPodman(store, ['pod', 'stop', '--ignore', '--time=0', name]);
  for (let waited = 0; waited < 1500 && (await hasProcesses(podId)); waited += 25) await sleep(25);
}
