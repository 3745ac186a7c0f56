import { access, constants } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { createPodmanExecutor } from './adapters/podman/executor.ts';
import { loadImageArchive } from './adapters/podman/images.ts';
import { createBuildNetwork } from './adapters/podman/network.ts';
import { type PodmanStore, podmanDefaults } from './adapters/podman/settings.ts';
import { createProcessExecutor } from './adapters/process/executor.ts';
import type { ExecutorChoice } from './cli/deps.ts';
import { cliError } from './cli/exit-codes.ts';
import type { Machine } from './machine.ts';
import type { BuildId } from './model/build.ts';
import type { PoolSettings } from './model/order.ts';
import type { RunnerPool } from './model/runner-pool.ts';
import { poolSettings } from './pool-settings.ts';
import type { Executor } from './ports/executor.ts';

/** What builds on this machine. */
export interface LocalEngine {
  readonly executor: Executor;
  readonly pool: PoolSettings;
  /** One clause for people: which builder, in what. */
  readonly description: string;
  /** Where a cluster's pods are made; left out: there is no cluster. */
  readonly namespace?: string;
  /** Pools of it, in which pods are made by their trust; left out: there is one place for all. */
  readonly runners?: readonly RunnerPool[];
  /** Ends our own timers and readers; builds go on. */
  close(): Promise<void>;
  /** Ends and removes every build, and then closes. */
  clear(): Promise<void>;
}

export interface EngineWishes {
  /** Where builds and their stores lie. */
  readonly folder: string;
  readonly owner: string;
  /** Whether the process executor takes code that nobody approved. */
  readonly acceptUntrusted: boolean;
  /** What podman's pods reach: `host` everything that this machine does, its loopback included; `closed` its gateway alone. */
  readonly network: 'host' | 'closed';
}

async function isProgram(name: string, path: string): Promise<boolean> {
  for (const folder of path.split(delimiter).filter((each) => each !== '')) {
    const outcome = await access(join(folder, name), constants.X_OK).then(
      () => true,
      () => false,
    );
    if (outcome) return true;
  }
  return false;
}

async function isThere(file: string): Promise<boolean> {
  return access(file).then(
    () => true,
    () => false,
  );
}

/** Why podman with kaniko cannot be used here; null when it can. */
export async function whyNotPodman(machine: Machine): Promise<string | null> {
  if (!machine.isRoot) return 'podman is used as root only';
  for (const program of ['podman', 'runc', 'catatonit', 'ip']) {
    if (!(await isProgram(program, machine.path))) return `${program} is not installed`;
  }
  const archives = ['pause.tar', ...(machine.server.kanikoImage === null ? ['kaniko.tar'] : [])];
  for (const name of archives) {
    const file = join(machine.archives, name);
    if (!(await isThere(file))) return `${file} is missing: \`test/cluster/cluster build kaniko\` makes it`;
  }
  if (machine.server.stepImage === null && !(await isProgram('buildah', machine.path)))
    return 'buildah, which makes the image of our steps, is not installed';
  return null;
}

async function clear(executor: Executor): Promise<void> {
  for (const pod of await executor.list()) await executor.remove(pod.name as BuildId);
}

/** Puts the images that builds need into the store that all of this machine's stores read; gives the name of our steps' image. */
async function loadImages(machine: Machine, kept: PodmanStore): Promise<string> {
  const { kanikoImage, stepImage } = machine.server;
  const archives = ['pause.tar', 'busybox.tar', ...(kanikoImage === null ? ['kaniko.tar'] : [])];
  for (const name of archives) {
    const file = join(machine.archives, name);
    if (await isThere(file)) await loadImageArchive(kept, file);
  }
  if (stepImage !== null) return stepImage;
  const { buildStepImage } = await import('../jobs/step-image/build-step-image.ts');
  const step = await buildStepImage({
    cache: join(machine.cache, 'steps'),
    node: process.execPath,
    path: machine.path,
  });
  await loadImageArchive(kept, step.archive);
  return step.image;
}

async function podmanEngine(machine: Machine, wishes: EngineWishes): Promise<LocalEngine> {
  const kept: PodmanStore = { folder: join(machine.cache, 'podman'), images: null, podman: 'podman' };
  const { insecureRegistries } = machine.server;
  const store: PodmanStore = {
    folder: join(wishes.folder, 'podman'),
    images: kept.folder,
    podman: 'podman',
    insecureRegistries,
  };
  const stepImage = await loadImages(machine, kept);
  const pool = poolSettings(machine, 'kaniko', stepImage, wishes.owner);
  const closed = wishes.network === 'closed' ? await createBuildNetwork(store, wishes.owner) : null;
  const network = closed === null ? 'host' : { name: closed.name };
  const executor = createPodmanExecutor({
    ...podmanDefaults,
    store,
    owner: wishes.owner,
    network,
    now: machine.clock.now,
  });
  const reach = closed === null ? "on this machine's own network" : `on a network that reaches ${closed.gateway} alone`;
  return {
    executor,
    pool,
    description: `kaniko (${pool.kanikoImage}) in podman pods, ${reach}`,
    close: executor.close,
    clear: () => clear(executor).finally(executor.close),
  };
}

/** Plain processes of this user; starts nothing before the first build. */
export function processEngine(machine: Machine, wishes: EngineWishes, because: string): LocalEngine {
  const executor = createProcessExecutor({
    folder: join(wishes.folder, 'builds'),
    owner: wishes.owner,
    stepCommand: [process.execPath, join(machine.jobsFolder, 'steps', 'step.ts')],
    allowed: 'trusted-only',
    acceptUntrusted: wishes.acceptUntrusted,
    node: process.execPath,
    searchPath: machine.path,
    logLimit: 16 * 1024 * 1024,
    now: machine.clock.now,
  });
  return {
    executor,
    pool: poolSettings(machine, 'buildah', 'localhost/sluice-steps:none', wishes.owner),
    description: `buildah and commands as plain processes of this user, because ${because}`,
    close: executor.close,
    clear: () => clear(executor).finally(executor.close),
  };
}

/** The best that is present, or what was asked for; throws `unreachable` where that cannot be had. */
export async function chooseExecutor(
  machine: Machine,
  wanted: ExecutorChoice | null,
  wishes: EngineWishes,
): Promise<LocalEngine> {
  // Lazily: the client takes half a second to load.
  if (wanted === 'kubernetes') return (await import('./kubernetes-engine.ts')).kubernetesEngine(machine, wishes);
  if (wanted === 'process') return processEngine(machine, wishes, 'that was asked for');
  const missing = await whyNotPodman(machine);
  if (missing === null) return podmanEngine(machine, wishes);
  if (wanted === 'podman') throw cliError('unreachable', `podman cannot be used: ${missing}`);
  return processEngine(machine, wishes, missing);
}
