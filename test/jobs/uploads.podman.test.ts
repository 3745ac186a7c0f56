import { homedir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe } from 'vitest';
import { buildStepImage } from '../../jobs/step-image/build-step-image.ts';
import { createPodmanExecutor, type PodmanExecutor } from '../../src/adapters/podman/executor.ts';
import { loadImageArchive } from '../../src/adapters/podman/images.ts';
import { type BuildNetwork, createBuildNetwork } from '../../src/adapters/podman/network.ts';
import type { PoolSettings } from '../../src/model/order.ts';
import { makeTestStore, podmanAbsence, settingsFor, type TestStore } from '../adapters/podman/podman-subject.ts';
import { pool } from '../core/pod/order-fixture.ts';
import { type GuardedRegistry, startGuardedRegistry } from '../harness/guarded-registry.ts';
import { type CheckoutStage, openCheckoutStage } from './checkout-stage.ts';
import { openGateway } from './gateway.ts';
import { uploadStories } from './upload-stories.ts';

const absence = await podmanAbsence();

describe.skipIf(absence !== null)(`uploads with podman and kaniko ${absence ?? ''}`, { timeout: 180_000 }, () => {
  let made: TestStore;
  let executor: PodmanExecutor;
  let stage: CheckoutStage;
  let registry: GuardedRegistry;
  let settings: PoolSettings;
  let network: BuildNetwork;
  let repositories: Awaited<ReturnType<typeof openGateway>>;
  let images: Awaited<ReturnType<typeof openGateway>>;
  let host: string;

  beforeAll(async () => {
    made = await makeTestStore();
    const path = '/usr/local/bin:/usr/bin:/bin';
    const step = await buildStepImage({ cache: join(homedir(), '.cache/sluice/steps'), node: process.execPath, path });
    await loadImageArchive(made.store, step.archive);
    network = await createBuildNetwork(made.store, 'uploads');
    executor = createPodmanExecutor(settingsFor(made.store, network.name, pool.owner));
    stage = await openCheckoutStage();
    registry = await startGuardedRegistry();
    repositories = await openGateway(network.gateway, stage.server.url);
    images = await openGateway(network.gateway, `http://${registry.host}`);
    host = new URL(images.url).host;
    const kanikoImage = 'localhost/kaniko:v1.24.0';
    settings = { ...pool, stepImage: step.image, kanikoImage, insecureRegistries: [host] };
  }, 180_000);

  afterAll(async () => {
    await executor?.close();
    repositories?.close();
    images?.close();
    await registry?.stop();
    await stage?.end();
    await network?.remove();
    await made?.end();
  });

  uploadStories(() => ({
    executor,
    pool: settings,
    stage,
    cloneUrl: `${repositories.url}/acme/api.git`,
    registry,
    host,
  }));
});
