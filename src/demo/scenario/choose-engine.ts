import { access } from 'node:fs/promises';
import { join } from 'node:path';
import { buildStepImage } from '../../../jobs/step-image/build-step-image.ts';
import { loadImageArchive } from '../../adapters/podman/images.ts';
import { createBuildNetwork } from '../../adapters/podman/network.ts';
import { removeStore } from '../../adapters/podman/remove-store.ts';
import type { PodmanStore } from '../../adapters/podman/settings.ts';
import type { Executor } from '../../ports/executor.ts';
import { poolFor, remembering } from './engine-parts.ts';
import { type ExecutorRecipe, openExecutor } from './executor-recipe.ts';
import { findProgram } from './find-program.ts';
import { freePort } from './registry.ts';
import type { DemoDeps } from './sluice-port.ts';
import type { Engine } from './stage.ts';

/** Why podman with kaniko cannot be used here; null when it can. */
async function lacks(deps: DemoDeps): Promise<string | null> {
  if (!deps.root) return 'podman is used as root only';
  for (const program of ['podman', 'runc', 'catatonit', 'ip']) {
    if ((await findProgram(program, deps.path)) === null) return `${program} is not installed`;
  }
  for (const archive of ['kaniko.tar', 'busybox.tar', 'pause.tar']) {
    try {
      await access(join(deps.archives, archive));
    } catch {
      return `${join(deps.archives, archive)} is missing: \`test/cluster/cluster build kaniko\` makes it`;
    }
  }
  return null;
}

async function podmanEngine(deps: DemoDeps, folder: string): Promise<Engine> {
  const podman = (await findProgram('podman', deps.path)) ?? 'podman';
  const kept: PodmanStore = { folder: join(deps.cache, 'podman'), images: null, podman };
  const store: PodmanStore = { folder: join(folder, 'podman'), images: kept.folder, podman };
  const step = await buildStepImage({ cache: join(deps.cache, 'steps'), node: process.execPath, path: deps.path });
  for (const archive of ['pause.tar', 'busybox.tar', 'kaniko.tar'])
    await loadImageArchive(kept, join(deps.archives, archive));
  await loadImageArchive(kept, step.archive);
  const network = await createBuildNetwork(store, 'demo');
  const stagingPort = await freePort(network.gateway);
  const pulling = { ...store, insecureRegistries: [`${network.gateway}:${stagingPort}`] };
  const recipe: ExecutorRecipe = { kind: 'podman', store: pulling, network: network.name };
  const executor = remembering(await openExecutor(recipe));
  return {
    executor,
    recipe,
    manifests: executor.manifests,
    pool: poolFor('kaniko', step.image, []),
    host: network.gateway,
    description: "kaniko v1.24.0 in podman pods, on a network from which this machine's loopback is out of reach",
    testImage: 'localhost/busybox:1',
    stagingPort,
    entersImages: true,
    async close() {
      for (const pod of await executor.list()) await executor.remove(pod.name as Parameters<Executor['remove']>[0]);
      await executor.close();
      await network.remove();
      await removeStore(store);
    },
  };
}

async function processEngine(deps: DemoDeps, folder: string, because: string): Promise<Engine> {
  const step = join(deps.jobsFolder, 'steps', 'step.ts');
  const recipe: ExecutorRecipe = {
    kind: 'process',
    folder: join(folder, 'builds'),
    step,
    searchPath: deps.path,
  };
  const executor = remembering(await openExecutor(recipe));
  return {
    executor,
    recipe,
    manifests: executor.manifests,
    pool: poolFor('buildah', 'localhost/sluice-steps:none', []),
    host: '127.0.0.1',
    description: `buildah as plain processes, because ${because}`,
    testImage: 'localhost/busybox:1',
    stagingPort: 0,
    entersImages: false,
    async close() {
      for (const pod of await executor.list()) await executor.remove(pod.name as Parameters<Executor['remove']>[0]);
      await executor.close();
    },
  };
}

/** The best builder that is present, or the one that was asked for; throws where that one cannot be had. */
export async function chooseEngine(
  deps: DemoDeps,
  wanted: 'kubernetes' | 'podman' | 'process' | null,
  folder: string,
): Promise<Engine> {
  // Lazily: the client takes half a second to load.
  if (wanted === 'kubernetes') return (await import('./kubernetes-engine.ts')).kubernetesEngine(deps);
  const missing = await lacks(deps);
  if (wanted === 'process') return processEngine(deps, folder, 'that was asked for');
  if (missing === null) return podmanEngine(deps, folder);
  if (wanted === 'podman') throw new Error(`podman cannot be used: ${missing}`);
  // Where kaniko could have been made, building with something less would show another product.
  if (deps.root && (await findProgram('go', deps.path)) !== null)
    throw new Error(`kaniko in podman is possible on this machine and missing: ${missing}`);
  return processEngine(deps, folder, missing);
}
