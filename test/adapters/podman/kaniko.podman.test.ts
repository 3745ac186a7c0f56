import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createPodmanExecutor, type PodmanExecutor } from '../../../src/adapters/podman/executor.ts';
import { type BuildNetwork, createBuildNetwork } from '../../../src/adapters/podman/network.ts';
import { shell } from '../../contract/pod-manifest.ts';
import { makeTestStore, podmanAbsence, settingsFor, type TestStore } from './podman-subject.ts';
import { createStory, type Story } from './story.ts';

const absence = await podmanAbsence();

describe.skipIf(absence !== null)(`kaniko in a podman build ${absence ?? ''}`, { timeout: 120_000 }, () => {
  let made: TestStore;
  let network: BuildNetwork;
  let executor: PodmanExecutor;
  let story: Story;

  beforeAll(async () => {
    made = await makeTestStore();
    network = await createBuildNetwork(made.store, 'kaniko');
    executor = createPodmanExecutor(settingsFor(made.store, network.name, 'kaniko'));
    story = createStory(executor, 'kaniko');
  }, 120_000);

  afterAll(async () => {
    await story?.removeAll();
    await executor?.close();
    await network?.remove();
    await made?.end();
  });

  const volumes = [
    { name: 'src', emptyDir: {} },
    { name: 'out', emptyDir: {} },
  ];
  const volumeMounts = [
    { name: 'src', mountPath: '/.sluice/src' },
    { name: 'out', mountPath: '/.sluice/out' },
  ];

  // Two stages, the base taken from the context: no registry is needed.
  const dockerfile = (runLine: string) =>
    [
      'FROM scratch AS base',
      'COPY busybox /bin/busybox',
      `RUN ["/bin/busybox", "sh", "-c", "${runLine}"]`,
      'FROM base',
      'COPY note /note',
    ].join('\\n');

  function parts(runLine: string) {
    const checkout = `cp /bin/busybox /.sluice/src/busybox; echo note >/.sluice/src/note; printf '%b' '${dockerfile(runLine)}' >/.sluice/src/Dockerfile`;
    const kaniko = shell('build', '', {
      image: 'localhost/kaniko:v1.24.0',
      args: [
        '--context=dir:///.sluice/src',
        '--dockerfile=Dockerfile',
        '--no-push',
        '--oci-layout-path=/.sluice/out/image',
        '--digest-file=/dev/termination-log',
        '--snapshot-mode=redo',
        '--ignore-path=/product_uuid',
      ],
      volumeMounts,
      terminationMessagePath: '/dev/termination-log',
      securityContext: {
        ...shell('x', '').securityContext,
        capabilities: {
          drop: ['ALL'],
          add: ['CHOWN', 'DAC_OVERRIDE', 'FOWNER', 'SETGID', 'SETUID', 'SETFCAP', 'KILL'],
        },
      },
      resources: { requests: {}, limits: { memory: '2Gi' } },
    });
    const { command: _, ...build } = kaniko;
    const measure = shell('measure', 'cat /.sluice/out/image/index.json', { volumeMounts });
    return { init: [shell('checkout', checkout, { volumeMounts }), build], main: [measure], volumes };
  }

  it('builds two stages with the least rights, and the digest it reports is that of the layout it left', async () => {
    const before = performance.now();
    const { pod, log } = await story.run(parts('echo built >/made'));
    process.stderr.write(`kaniko, two stages, as a podman pod: ${Math.round(performance.now() - before)} ms\n`);
    expect(pod.phase, log).toBe('succeeded');
    const state = pod.containers.find(({ name }) => name === 'build')?.state;
    const digest = state?.kind === 'terminated' ? state.message : '';
    expect(digest).toMatch(/^sha256:[0-9a-f]{64}$/);
    const manifest = await readFile(
      join(made.store.folder, 'builds', pod.name, 'volumes/out/image/blobs/sha256', digest.slice(7)),
    );
    expect(`sha256:${createHash('sha256').update(manifest).digest('hex')}`).toBe(digest);
    expect(log).toContain(digest);
  });

  it('fails with the exit code of the command that failed in the Dockerfile', async () => {
    const { pod } = await story.run(parts('exit 9'));
    expect(pod.phase).toBe('failed');
    expect(pod.containers.find(({ name }) => name === 'build')?.state).toMatchObject({
      kind: 'terminated',
      exitCode: 9,
    });
  });
});
