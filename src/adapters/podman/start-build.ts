import { createHash } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { type PodManifest, podKeys } from '../../model/pod.ts';
import type { PodSecrets, StartOutcome } from '../../ports/executor.ts';
import { hasImage } from './images.ts';
import { isPullFailure } from './observe-pod.ts';
import { runPodman, wordsOf } from './podman-command.ts';
import { fillFolder } from './prepare-folder.ts';
import {
  appear,
  type BuildRecord,
  buildPaths,
  isPodName,
  noteEnd,
  readProgress,
  readRecord,
  removeRecord,
} from './record.ts';
import { removePod } from './remove-pod.ts';
import type { PodmanSettings } from './settings.ts';
import { launchStarter } from './starter.ts';
import { prepareStore, storePaths } from './store.ts';
import { flawOf, pullPolicy } from './translate-manifest.ts';

// A pull may take minutes: then the pod is there, pending, and its end is seen by looking.
const patience = 20_000;
const architectures: Readonly<Record<string, string>> = { x64: 'amd64' };

/** Starts a build once: record, then starter, then podman's answer. Another caller, before or after a crash, joins at any point. */
export async function startBuild(
  settings: PodmanSettings,
  manifest: PodManifest,
  secrets: PodSecrets,
): Promise<StartOutcome> {
  const name = manifest.metadata.name;
  if (!isPodName(name)) return refused(`${JSON.stringify(name)} is not a pod name: up to 63 of a-z, 0-9 and -`);
  const flaw = flawOf(manifest, secrets, settings, architectures[process.arch] ?? process.arch);
  if (flaw !== null) return refused(flaw);
  await prepareStore(settings.store);
  const builds = storePaths(settings.store.folder).builds;
  const fresh = await record(settings, manifest, secrets);
  const owner = (await readRecord(builds, name))?.manifest.metadata.labels[podKeys.owner];
  if (owner !== settings.owner) return refused(`a build of ${owner ?? 'nobody'} has the name ${name}`);
  const outcome = (await begin(settings, manifest)) ?? (await failureOf(settings, name));
  return outcome ?? { kind: fresh ? 'created' : 'exists' };
}

function refused(because: string): StartOutcome {
  return { kind: 'refused', because };
}

async function record(settings: PodmanSettings, manifest: PodManifest, secrets: PodSecrets): Promise<boolean> {
  const builds = storePaths(settings.store.folder).builds;
  const { name } = manifest.metadata;
  if ((await readRecord(builds, name)) !== null) return false;
  const createdAt = settings.now();
  const uid = createHash('sha256').update(`${name} ${createdAt}`).digest('hex').slice(0, 32);
  const entry: BuildRecord = { manifest, createdAt, uid };
  return appear(builds, name, (folder) => fillFolder(folder, buildPaths(builds, name).folder, entry, secrets));
}

/** Launches a starter unless somebody has; not null when that cannot be. */
async function begin(settings: PodmanSettings, manifest: PodManifest): Promise<StartOutcome | null> {
  const builds = storePaths(settings.store.folder).builds;
  const { name } = manifest.metadata;
  const isUnclaimed = async () => (await readProgress(builds, name, settings.now())).starter === 'none';
  if (!(await isUnclaimed())) return null;
  const taken = (await runPodman(settings.store, ['pod', 'exists', name])).code === 0;
  // Asked again: a pod that another worker's starter has just made was claimed before.
  if (taken && (await isUnclaimed())) {
    await removeRecord(builds, name);
    return refused(`a pod that is not ours has the name ${name}`);
  }
  const missing = await missingImage(settings, manifest);
  if (missing === null) launchStarter(settings, manifest);
  else
    await noteEnd(builds, name, 'ErrImageNeverPull', `image ${missing} is not in the store ${settings.store.folder}`);
  return null;
}

async function missingImage({ store }: PodmanSettings, { spec }: PodManifest): Promise<string | null> {
  const local = [...spec.initContainers, ...spec.containers].filter((container) => pullPolicy(container) === 'Never');
  for (const image of new Set(local.map((container) => container.image))) {
    if (!(await hasImage(store, image))) return image;
  }
  return null;
}

/** Waits for podman's answer to the manifest; null when it took it, or is still at it. A refused build leaves nothing. */
async function failureOf(settings: PodmanSettings, name: string): Promise<StartOutcome | null> {
  const builds = storePaths(settings.store.folder).builds;
  const since = settings.now();
  for (;;) {
    const { starter, created, ended } = await readProgress(builds, name, settings.now());
    if (created?.code === 0 || ended !== null) return null;
    if (created !== null) return classify(settings, name, created.output);
    if (starter === 'gone') return null;
    if (starter === 'none' && (await readRecord(builds, name)) === null) {
      return { kind: 'unavailable', because: 'another worker that was starting this build has just taken it away' };
    }
    if (settings.now() - since > patience) {
      return starter === 'alive'
        ? null
        : { kind: 'unavailable', because: 'the shell that starts the pod did not begin' };
    }
    await sleep(20);
  }
}

async function classify(settings: PodmanSettings, name: string, output: string): Promise<StartOutcome | null> {
  // As in Kubernetes, a pod whose image cannot be had is there and says so.
  if (isPullFailure(output)) return null;
  const because = wordsOf(output);
  const builds = storePaths(settings.store.folder).builds;
  if (/already (exists|in use)|is in use/i.test(because)) {
    await removeRecord(builds, name);
    return refused(`a pod that is not ours has the name ${name}: ${because}`);
  }
  await removePod(settings.store, name);
  await removeRecord(builds, name);
  return { kind: transient.test(because) ? 'unavailable' : 'refused', because };
}

const transient =
  /no space left|disk quota|is locked|timed? ?out|temporarily unavailable|too many open files|cannot allocate memory|network .*not found/i;
