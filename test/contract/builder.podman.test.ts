import { homedir } from 'node:os';
import { join } from 'node:path';
import { describe } from 'vitest';
import { buildStepImage } from '../../jobs/step-image/build-step-image.ts';
import { createPodmanExecutor } from '../../src/adapters/podman/executor.ts';
import { loadImageArchive } from '../../src/adapters/podman/images.ts';
import { type BuildNetwork, createBuildNetwork } from '../../src/adapters/podman/network.ts';
import { makeTestStore, podmanAbsence, settingsFor, type TestStore } from '../adapters/podman/podman-subject.ts';
import { pool } from '../core/pod/order-fixture.ts';
import { builderContract } from './builder.ts';

const absence = await podmanAbsence();

describe.skipIf(absence !== null)(`in podman pods ${absence ?? ''}`, () => {
  let made: TestStore;
  let network: BuildNetwork;
  builderContract(
    'kaniko',
    async () => {
      made = await makeTestStore();
      network = await createBuildNetwork(made.store, 'builder');
      return network.gateway;
    },
    async ({ front }) => {
      const path = '/usr/local/bin:/usr/bin:/bin';
      const cache = join(homedir(), '.cache/sluice/steps');
      const step = await buildStepImage({ cache, node: process.execPath, path });
      await loadImageArchive(made.store, step.archive);
      const executor = createPodmanExecutor(settingsFor(made.store, network.name, pool.owner));
      const kanikoImage = 'localhost/kaniko:v1.24.0';
      return {
        executor,
        pool: { ...pool, stepImage: step.image, kanikoImage, insecureRegistries: [front.host] },
        end: async () => {
          await executor.close();
          await network.remove();
          await made.end();
        },
      };
    },
  );
});
