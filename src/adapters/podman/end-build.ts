import { setTimeout as sleep } from 'node:timers/promises';
import { type PodManifest, podKeys } from '../../model/pod.ts';
import { listContainers } from './containers.ts';
import { leavePodman } from './podman-command.ts';
import { killGroup } from './process-mark.ts';
import { noteEnd, readProgress, readRecord, readStarter, removeRecord } from './record.ts';
import { removePod } from './remove-pod.ts';
import type { PodmanSettings } from './settings.ts';
import { storePaths } from './store.ts';

/** Asks all containers to end and starts nothing more; returns at once. `reason` is what the pod will say. */
export async function endBuild(
  settings: PodmanSettings,
  name: string,
  reason: string,
  message: string | null,
): Promise<void> {
  const builds = storePaths(settings.store.folder).builds;
  const record = await readRecord(builds, name);
  if (record === null) return;
  await noteEnd(builds, name, reason, message);
  await endStarter(settings, record.manifest);
  const grace = record.manifest.spec.terminationGracePeriodSeconds;
  leavePodman(settings.store, ['pod', 'stop', '--ignore', `--time=${grace}`, name]);
}

/** Takes away the pod, its cgroups, network interface, volumes, secrets and record. */
export async function removeBuild(settings: PodmanSettings, name: string): Promise<void> {
  const builds = storePaths(settings.store.folder).builds;
  const record = await readRecord(builds, name);
  if (record === null) return;
  await noteEnd(builds, name, 'Removed', null);
  await endStarter(settings, record.manifest);
  await removePod(settings.store, name);
  await removeRecord(builds, name);
}

/**
 * Ends what is starting the pod, so that no further container begins. Only while an init container runs: podman waits then, and
 * leaves nothing half done; killed in between it leaves network namespaces and containers that belong to no pod.
 */
async function endStarter(settings: PodmanSettings, { metadata, spec }: PodManifest): Promise<void> {
  const builds = storePaths(settings.store.folder).builds;
  const inits = spec.initContainers.map((container) => `${metadata.name}-${container.name}`);
  for (let waited = 0; waited < 15_000; waited += 50) {
    const { starter, created } = await readProgress(builds, metadata.name, settings.now());
    if (starter !== 'alive') return;
    if (created !== null && inits.length > 0) {
      const listed = await listContainers(settings.store, `${podKeys.owner}=${settings.owner}`);
      if (inits.some((name) => listed.get(name)?.state === 'running')) break;
    }
    await sleep(50);
  }
  const mark = await readStarter(builds, metadata.name);
  if (mark !== null) await killGroup(mark);
}
