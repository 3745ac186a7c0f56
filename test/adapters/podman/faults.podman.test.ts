import { access, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { removePodCgroups } from '../../../src/adapters/podman/cgroups.ts';
import { createPodmanExecutor, type PodmanExecutor } from '../../../src/adapters/podman/executor.ts';
import { demandPodman, runPodman } from '../../../src/adapters/podman/podman-command.ts';
import { podmanDefaults } from '../../../src/adapters/podman/settings.ts';
import { type BuildId, toBuildId } from '../../../src/model/build.ts';
import { podOf, shell } from '../../contract/pod-manifest.ts';
import { makeTestStore, podmanAbsence, type TestStore } from './podman-subject.ts';
import { createStory, isOver, type Story } from './story.ts';

const absence = await podmanAbsence();

describe.skipIf(absence !== null)(`podman, when things go wrong ${absence ?? ''}`, { timeout: 60_000 }, () => {
  const owner = 'faults';
  let made: TestStore;
  let executor: PodmanExecutor;
  let story: Story;

  beforeAll(async () => {
    made = await makeTestStore();
    executor = createPodmanExecutor({ ...podmanDefaults, store: made.store, owner, network: 'host', now: Date.now });
    story = createStory(executor, owner);
  }, 120_000);

  afterEach(() => story.removeAll());

  afterAll(async () => {
    await executor?.close();
    await made?.end();
  });

  const folderOf = (build: BuildId) => join(made.store.folder, 'builds', build);

  it('calls a pod failed whose starter was killed between its init and its main container', async () => {
    const build = await story.start({ init: [shell('first', 'sleep 1')], main: [shell('main', 'echo never')] });
    await story.until(build, (pod) => pod.phase === 'running');
    const pid = Number((await readFile(join(folderOf(build), 'starter'), 'utf8')).split(' ')[0]);
    process.kill(-pid, 'SIGKILL');
    const pod = await story.until(build, isOver);
    expect(pod).toMatchObject({ phase: 'failed', reason: 'StartError' });
    expect(pod.containers.map(({ state }) => state.kind)).toEqual(['terminated', 'waiting']);
  });

  it('calls a pod failed whose starter was killed before podman had made it, and makes it anew after a removal', async () => {
    const name = toBuildId(`b-faults-${'f'.repeat(24)}`);
    const manifest = podOf({ owner, name, main: [shell('main', 'echo here')] });
    const starting = executor.start(manifest, {});
    for (
      let tries = 0;
      tries < 500 &&
      !(await access(join(folderOf(name), 'starter')).then(
        () => true,
        () => false,
      ));
      tries++
    )
      await sleep(1);
    process.kill(-Number((await readFile(join(folderOf(name), 'starter'), 'utf8')).split(' ')[0]), 'SIGKILL');
    try {
      await starting;
      expect(await story.until(name, isOver)).toMatchObject({ phase: 'failed', reason: 'StartError' });
      await executor.remove(name);
      expect(await executor.start(manifest, {})).toEqual({ kind: 'created' });
      expect(await story.until(name, isOver)).toMatchObject({ phase: 'succeeded' });
    } finally {
      await executor.remove(name);
    }
  });

  it('says which image is not there, without asking a network for it', async () => {
    const build = await story.start({
      main: [shell('main', 'true', { image: 'localhost/nowhere:1', imagePullPolicy: 'IfNotPresent' })],
    });
    expect(await executor.observe(build)).toMatchObject({
      phase: 'failed',
      reason: 'ErrImageNeverPull',
      message: expect.stringContaining('localhost/nowhere:1'),
    });
  });

  it('refuses, in podman’s words and without a trace, a manifest that podman does not take', async () => {
    const name = toBuildId(`b-faults-${'a'.repeat(24)}`);
    const main = shell('main', 'true', { resources: { requests: {}, limits: { memory: 'lots' } } });
    const outcome = await executor.start(podOf({ owner, name, main: [main] }), {});
    expect(outcome).toMatchObject({ kind: 'refused', because: expect.stringMatching(/quantit|must match/) });
    expect(await executor.observe(name)).toBeNull();
    expect(await made.leftovers()).toEqual([]);
  });

  it('leaves a pod alone that somebody else made by hand under the name', async () => {
    const name = toBuildId(`b-faults-${'b'.repeat(24)}`);
    await demandPodman(made.store, ['pod', 'create', '--name', name, '--network', 'none']);
    try {
      const outcome = await executor.start(podOf({ owner, name, main: [shell('main', 'true')] }), {});
      expect(outcome).toMatchObject({ kind: 'refused', because: expect.stringContaining('not ours') });
      expect((await runPodman(made.store, ['pod', 'exists', name])).code).toBe(0);
      await executor.remove(name);
      expect((await runPodman(made.store, ['pod', 'exists', name])).code).toBe(0);
    } finally {
      const { stdout } = await runPodman(made.store, ['pod', 'rm', '--force', name]);
      await removePodCgroups(stdout.trim());
    }
  });

  it.each`
    isolation                   | change
    ${'a runtime class'}        | ${{ runtimeClassName: 'gvisor' }}
    ${'user namespaces'}        | ${{ hostUsers: false }}
    ${'another processor type'} | ${{ nodeSelector: { 'kubernetes.io/arch': 's390x' } }}
  `('refuses what asks for $isolation, which podman would ignore', async ({ change }) => {
    const manifest = podOf({ owner, name: toBuildId(`b-faults-${'c'.repeat(24)}`), main: [shell('main', 'true')] });
    const outcome = await executor.start({ ...manifest, spec: { ...manifest.spec, ...change } }, {});
    expect(outcome.kind).toBe('refused');
  });

  it('is unavailable, for now, while its network is not there', async () => {
    const lost = createPodmanExecutor({
      ...podmanDefaults,
      store: made.store,
      owner,
      network: { name: 'lost' },
      now: Date.now,
    });
    const name = toBuildId(`b-faults-${'d'.repeat(24)}`);
    expect(await lost.start(podOf({ owner, name, main: [shell('main', 'true')] }), {})).toMatchObject({
      kind: 'unavailable',
      because: expect.stringContaining('lost'),
    });
    await lost.close();
  });

  it('removes the secrets of init containers from the disk once the main one runs', async () => {
    const volumeMounts = [{ name: 'git', mountPath: '/.sluice/git' }];
    const volumes = [{ name: 'git', secret: { secretName: 'git', defaultMode: 0o440 } }];
    const build = await story.start(
      {
        init: [shell('first', 'cat /.sluice/git/token', { volumeMounts })],
        main: [shell('main', 'sleep 30')],
        volumes,
        grace: 1,
      },
      { git: { token: 'canary' } },
    );
    await story.until(build, (pod) => pod.containers[1]?.state.kind === 'running');
    await sleep(500);
    expect(await readdir(join(folderOf(build), 'secrets', 'git'))).toEqual([]);
  });

  it('removes all secrets from the disk when the pod is over', async () => {
    const volumeMounts = [{ name: 'git', mountPath: '/.sluice/git' }];
    const volumes = [{ name: 'git', secret: { secretName: 'git', defaultMode: 0o440 } }];
    const build = await story.start(
      { main: [shell('main', 'cat /.sluice/git/token', { volumeMounts })], volumes },
      { git: { token: 'canary' } },
    );
    await story.until(build, isOver);
    await expect(readdir(join(folderOf(build), 'secrets'))).rejects.toThrow(/ENOENT/);
  });
});
