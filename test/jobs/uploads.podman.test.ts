import { homedir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { buildStepImage } from '../../jobs/step-image/build-step-image.ts';
import { createPodmanExecutor, type PodmanExecutor } from '../../src/adapters/podman/executor.ts';
import { loadImageArchive } from '../../src/adapters/podman/images.ts';
import { type BuildNetwork, createBuildNetwork } from '../../src/adapters/podman/network.ts';
import type { PoolSettings } from '../../src/model/order.ts';
import type { Sha } from '../../src/model/sha.ts';
import { makeTestStore, podmanAbsence, settingsFor, type TestStore } from '../adapters/podman/podman-subject.ts';
import { commandOrder, pool } from '../core/pod/order-fixture.ts';
import { type GuardedRegistry, startGuardedRegistry } from '../harness/guarded-registry.ts';
import { startOciRegistry, type TestRegistry } from '../harness/oci-registry.ts';
import { artifactStories } from './artifact-stories.ts';
import { type CheckoutStage, openCheckoutStage } from './checkout-stage.ts';
import { openGateway } from './gateway.ts';
import { commitOf, runOrder, type UploadSubject, upload, uploadStories } from './upload-stories.ts';

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
  let open: TestRegistry;
  let openImages: Awaited<ReturnType<typeof openGateway>>;

  beforeAll(async () => {
    made = await makeTestStore();
    const path = '/usr/local/bin:/usr/bin:/bin';
    const step = await buildStepImage({ cache: join(homedir(), '.cache/sluice/steps'), node: process.execPath, path });
    await loadImageArchive(made.store, step.archive);
    network = await createBuildNetwork(made.store, 'uploads');
    stage = await openCheckoutStage();
    registry = await startGuardedRegistry();
    repositories = await openGateway(network.gateway, stage.server.url);
    images = await openGateway(network.gateway, `http://${registry.host}`);
    host = new URL(images.url).host;
    open = await startOciRegistry();
    openImages = await openGateway(network.gateway, open.base);
    const insecureRegistries = [host, new URL(openImages.url).host];
    executor = createPodmanExecutor(settingsFor({ ...made.store, insecureRegistries }, network.name, pool.owner));
    const kanikoImage = 'localhost/kaniko:v1.24.0';
    settings = { ...pool, stepImage: step.image, kanikoImage, insecureRegistries };
  }, 180_000);

  afterAll(async () => {
    await executor?.close();
    repositories?.close();
    images?.close();
    openImages?.close();
    await open?.stop();
    await registry?.stop();
    await stage?.end();
    await network?.remove();
    await made?.end();
  });

  const subject = (): UploadSubject => ({
    executor,
    pool: settings,
    stage,
    cloneUrl: `${repositories.url}/acme/api.git`,
    registry,
    host,
  });

  uploadStories(subject);

  const command = (commit: Sha, image: string) =>
    commandOrder({
      job: { resources: { cpu: '1', memory: '1Gi', ephemeralStorage: '2Gi' }, timeoutSeconds: 120 },
      heads: [],
      parts: { commit, entry: image },
      content: { image, command: 'cat /look.sh | head -n 3; ls' },
    });

  it('a job runs in the image that was uploaded just before, named by its digest', async () => {
    const commit = commitOf(
      stage,
      'COPY busybox /bin/sh',
      'COPY busybox /bin/cat',
      'COPY busybox /bin/head',
      'COPY busybox /bin/ls',
    );
    const openHost = new URL(openImages.url).host;
    const uploaded = await upload({ ...subject(), host: openHost }, 'acme/staged', commit);
    expect(uploaded.judged, uploaded.log).toMatchObject({ result: 'success' });
    const image = `${openHost}/acme/staged@${uploaded.judged.image?.digest}`;
    const end = await runOrder(subject(), command(commit, image));
    expect(end.judged, end.log).toMatchObject({ result: 'success' });
    expect(end.log).toContain('B=/bin/busybox');
    expect(end.log).toContain('Dockerfile');
  });

  artifactStories(() => ({
    ...subject(),
    imageOf: async () => {
      const tools = ['sh', 'cat', 'mkdir', 'ln', 'true', 'grep', 'sed'].map((name) => `COPY busybox /bin/${name}`);
      const openHost = new URL(openImages.url).host;
      const uploaded = await upload({ ...subject(), host: openHost }, 'acme/tools', commitOf(stage, ...tools));
      return `${openHost}/acme/tools@${uploaded.judged.image?.digest}`;
    },
  }));

  it('one in an image of a registry that wants a password is told that jobs have none', async () => {
    const image = `${host}/acme/staged@sha256:${'a'.repeat(64)}`;
    const end = await runOrder(subject(), command(commitOf(stage), image));
    expect(end.judged, end.log).toMatchObject({
      result: 'failure',
      because: expect.stringContaining('jobs pull without a credential so far'),
    });
  });
});
