import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { createPodmanExecutor, type PodmanExecutor } from '../../../src/adapters/podman/executor.ts';
import { type BuildNetwork, createBuildNetwork } from '../../../src/adapters/podman/network.ts';
import type { PodContainer } from '../../../src/model/pod.ts';
import { shell } from '../../contract/pod-manifest.ts';
import { makeTestStore, podmanAbsence, settingsFor, type TestStore } from './podman-subject.ts';
import { createStory, type Story } from './story.ts';

const absence = await podmanAbsence();

// builders.md §5: what kaniko runs with.
const kanikoCapabilities = ['CHOWN', 'DAC_OVERRIDE', 'FOWNER', 'SETGID', 'SETUID', 'SETFCAP', 'KILL'];

describe.skipIf(absence !== null)(`a podman build ${absence ?? ''}`, { timeout: 60_000 }, () => {
  let made: TestStore;
  let network: BuildNetwork;
  let executor: PodmanExecutor;
  let story: Story;

  beforeAll(async () => {
    made = await makeTestStore();
    network = await createBuildNetwork(made.store, 'isolation');
    executor = createPodmanExecutor({ ...settingsFor(made.store, network.name, 'isolation'), pidsLimit: 64 });
    story = createStory(executor, 'isolation');
  }, 120_000);

  afterEach(() => story.removeAll());

  afterAll(async () => {
    await executor?.close();
    await network?.remove();
    await made?.end();
  });

  function security(changes: Partial<PodContainer['securityContext']>): PodContainer['securityContext'] {
    return { ...shell('x', '').securityContext, ...changes };
  }

  it.each`
    what                                    | changes                                                         | line
    ${'no capability when all are dropped'} | ${{}}                                                           | ${'CapEff:\t0000000000000000'}
    ${'the seven that kaniko needs'}        | ${{ capabilities: { drop: ['ALL'], add: kanikoCapabilities } }} | ${'CapEff:\t00000000800000eb'}
    ${'no more in the bounding set'}        | ${{ capabilities: { drop: ['ALL'], add: kanikoCapabilities } }} | ${'CapBnd:\t00000000800000eb'}
    ${'no way to new privileges'}           | ${{}}                                                           | ${'NoNewPrivs:\t1'}
    ${'that way when it is allowed'}        | ${{ allowPrivilegeEscalation: true }}                           | ${'NoNewPrivs:\t0'}
    ${'a seccomp filter'}                   | ${{}}                                                           | ${'Seccomp:\t2'}
    ${'the user of the manifest'}           | ${{ runAsUser: 65532, runAsGroup: 65531 }}                      | ${'Uid:\t65532\t65532\t65532\t65532'}
    ${'the group of the manifest'}          | ${{ runAsUser: 65532, runAsGroup: 65531 }}                      | ${'Gid:\t65531\t65531\t65531\t65531'}
  `('has $what', async ({ changes, line }) => {
    const { log } = await story.run({
      main: [shell('main', 'cat /proc/self/status', { securityContext: security(changes) })],
    });
    expect(log.split('\n')).toContain(line);
  });

  it('cannot write its root file system when that is read-only', async () => {
    const securityContext = security({ readOnlyRootFilesystem: true });
    const { log } = await story.run({ main: [shell('main', 'touch /bin/x || echo refused', { securityContext })] });
    expect(log).toContain('refused');
  });

  it('cannot have more processes than the settings say', async () => {
    const fork = 'i=0; while [ $i -lt 100 ]; do sleep 2 & i=$((i+1)); done; wait';
    const { log, pod } = await story.run({ main: [shell('main', fork)] });
    expect(log).toMatch(/can't fork|Resource temporarily unavailable/);
    expect(pod.phase).toBe('failed');
  });

  it('is OOMKilled, and says so, when it takes more memory than its limit', async () => {
    const main = shell('main', 'exec dd if=/dev/zero of=/dev/null bs=100M count=1', {
      resources: { requests: {}, limits: { memory: '32Mi' } },
    });
    const { pod } = await story.run({ main: [main] });
    expect(pod.containers[0]?.state).toMatchObject({ kind: 'terminated', exitCode: 137, reason: 'OOMKilled' });
  });

  it('gets nothing of the worker’s environment', async () => {
    process.env.SLUICE_CANARY = 'canary';
    process.env.HTTP_PROXY = 'http://canary.invalid';
    try {
      const { log } = await story.run({ main: [shell('main', 'env', { env: [{ name: 'OWN', value: 'yes' }] })] });
      expect(log).toContain('OWN=yes');
      expect(log).not.toContain('canary');
    } finally {
      delete process.env.SLUICE_CANARY;
      delete process.env.HTTP_PROXY;
    }
  });

  it('reaches what listens on its network’s gateway, and not what listens on the host’s loopback', async () => {
    const hits: string[] = [];
    const servers = [network.gateway, '127.0.0.1'].map((host) =>
      createServer((socket) => {
        hits.push(host);
        socket.end(`hello from ${host}\n`);
      }).listen(0, host),
    );
    try {
      const ports: number[] = [];
      for (const server of servers) {
        if (!server.listening) await once(server, 'listening');
        ports.push((server.address() as AddressInfo).port);
      }
      const ask = (host: string, port: number | undefined) => `nc -w 3 ${host} ${port} </dev/null`;
      const [open, closed] = ports;
      const script = [ask(network.gateway, open), ask('127.0.0.1', closed), ask(network.gateway, closed)].join('; ');
      const { log } = await story.run({ main: [shell('main', script)] });
      expect(log).toContain(`hello from ${network.gateway}`);
      expect(log).not.toContain('hello from 127.0.0.1');
      expect(log.match(/can't connect/g)).toHaveLength(2);
      expect(hits).toEqual([network.gateway]);
    } finally {
      for (const server of servers) server.close();
    }
  });

  it('has no route out of its network', async () => {
    const { log } = await story.run({ main: [shell('main', 'ip route; nc -w 3 198.51.100.1 80 || echo "no way"')] });
    expect(log).not.toContain('default');
    expect(log).toContain('no way');
  });

  it('keeps its files apart from those of a build that mounts a volume of the same name', async () => {
    const parts = {
      main: [
        shell('main', 'ls /.sluice/out; touch /.sluice/out/mine', {
          volumeMounts: [{ name: 'out', mountPath: '/.sluice/out' }],
        }),
      ],
      volumes: [{ name: 'out', emptyDir: {} }],
    };
    await story.run(parts);
    expect((await story.run(parts)).log).toBe('');
  });
});
